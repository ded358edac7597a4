"""Names, user names and metadata."""
