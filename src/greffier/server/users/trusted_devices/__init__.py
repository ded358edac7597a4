"""Trusted devices: keys of a user's native apps, enrolled, listed, revoked, and verified for the strategy
`trusted_device`."""
