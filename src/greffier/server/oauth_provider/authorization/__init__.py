"""The authorization endpoint and consent."""
