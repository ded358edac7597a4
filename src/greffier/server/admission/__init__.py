"""Ways in that somebody hands out: sign-in tokens, invitations, testing tokens (later waitlist, lists)."""
