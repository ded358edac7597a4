"""Greffier: self-hosted identity, compatible with the published protocol of Clerk's SDKs."""
