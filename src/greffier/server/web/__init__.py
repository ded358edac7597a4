"""HTTP: faces, request context, forms, cookies, envelopes, pagination."""
