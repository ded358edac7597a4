"""Signing keys, JWKS and the tokens made with them."""
