"""API keys of users and organizations."""
