"""Profile images."""
