"""Clients: a browser or device, its cookie, its development browser, the handshake."""
