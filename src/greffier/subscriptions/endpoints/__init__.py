"""Ready-made endpoints at `/api/subscription`, one file per framework; `endpoint.py` has what they share."""
