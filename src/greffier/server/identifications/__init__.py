"""What identifies a user: one description per kind, what is common to all of them, and whose they are."""
