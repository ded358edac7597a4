"""The light SDK: verify tokens and authenticate requests with the standard library and `cryptography`.

Nothing is imported here: `import greffier` offers the public names and loads each on first use.
"""
