"""Enumeration protection: sign-ins that do not reveal which accounts exist."""
