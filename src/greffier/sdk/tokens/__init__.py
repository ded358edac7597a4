"""Keys, signatures, and the tokens that they prove."""
