"""Phone numbers by both faces, and codes by text message."""
