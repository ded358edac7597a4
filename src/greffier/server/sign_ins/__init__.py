"""Sign-in attempts: status, first factor (later the second factor)."""
