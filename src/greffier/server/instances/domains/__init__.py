"""Domains of an instance."""
