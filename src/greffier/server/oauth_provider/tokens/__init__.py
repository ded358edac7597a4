"""The token endpoint, and tokens that are presented."""
