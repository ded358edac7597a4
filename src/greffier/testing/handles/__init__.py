"""Handles for tests: users, sessions, organizations, machines and applications of the test server."""
