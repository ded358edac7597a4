"""Backup codes: made, used once, replaced."""
