"""Authenticator apps: set up by users, their secrets and their codes."""
