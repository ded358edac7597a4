"""Where HTTP ends: faces, request context, forms, cookies, envelopes, pagination."""
