"""Authenticator apps and backup codes: what users set up for themselves, and what backends do for them."""
