"""Attempts of a client, as sign-ins and sign-ups have them: one at most of each is open."""
