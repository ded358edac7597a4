"""Passkeys (WebAuthn Level 3): registered, named, removed, and verified for the strategy `passkey`."""
