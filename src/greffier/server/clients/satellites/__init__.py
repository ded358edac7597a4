"""Clients on satellite domains."""
