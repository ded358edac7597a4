"""Verified domains of organizations. They cannot be switched on yet."""
