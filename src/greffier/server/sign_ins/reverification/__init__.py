"""Reverification of a session."""
