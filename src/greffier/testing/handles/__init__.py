"""What a test holds: users, sessions, organizations, machines and applications of the test server."""
