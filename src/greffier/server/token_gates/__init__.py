"""Token gates: features that users have while their wallets hold enough of a token."""
