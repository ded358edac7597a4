"""The tokens of providers: handed out to the application, refreshed, and revoked."""
