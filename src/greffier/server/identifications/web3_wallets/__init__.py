"""Wallets of blockchains as identifications. `chains/` has one file per family of chains."""
