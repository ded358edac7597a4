"""Password hashes, codes and opaque secrets."""
