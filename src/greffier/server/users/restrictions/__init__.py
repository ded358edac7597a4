"""Bans and locks."""
