"""The proxy of the Frontend API."""
