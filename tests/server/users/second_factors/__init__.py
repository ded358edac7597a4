"""Tests of authenticator apps and backup codes."""
