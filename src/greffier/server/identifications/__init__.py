"""What identifies a user: email addresses (later phone numbers, wallets, external accounts, passkeys)."""
