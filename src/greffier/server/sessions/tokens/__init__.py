"""Session tokens and tokens from JWT templates."""
