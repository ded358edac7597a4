"""Keys, signatures, and the tokens that they sign."""
