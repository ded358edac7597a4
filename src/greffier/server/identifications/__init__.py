"""Identifications of users: one description per kind, their common rules, and their owners."""
