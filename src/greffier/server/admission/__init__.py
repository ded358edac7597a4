"""Ways in that somebody hands out: sign-in tokens, testing tokens (later invitations, waitlist, lists)."""
