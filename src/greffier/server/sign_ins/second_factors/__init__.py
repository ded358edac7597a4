"""The second step of a sign-in: whether one is required, and its attempts."""
