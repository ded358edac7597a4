"""Names and pictures of users with wallets, as the Ethereum Name Service has them. Read beside requests."""
