"""Pages a browser opens on the server itself, and the scripts they load."""
