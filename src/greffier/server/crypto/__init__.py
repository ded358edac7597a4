"""Password hashes, codes, opaque secrets and encryption at rest."""
