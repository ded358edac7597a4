"""Machine-to-machine tokens."""
