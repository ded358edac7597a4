"""The ceremonies of WebAuthn: challenges, who is asked for what, and the check of the answer."""
