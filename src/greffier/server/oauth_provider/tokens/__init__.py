"""The token endpoint, introspection and revocation."""
