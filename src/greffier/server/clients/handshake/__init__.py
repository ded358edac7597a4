"""The handshake, the application's cookies, and the refresh of a session for servers."""
