"""Senders of text messages, against a local HTTP server in the place of the provider."""
