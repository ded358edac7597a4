"""The test server's process: its event loop, database, ports and transports."""
