"""Admission: sign-in tokens, invitations, testing tokens (later waitlist, allow and block lists)."""
