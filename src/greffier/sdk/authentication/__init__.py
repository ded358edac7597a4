"""From a request to signed in, signed out, or a handshake."""
