"""Work in the background that nobody waits for."""
