"""Roles and permissions of organizations."""
