"""The instance of a request, and its settings."""
