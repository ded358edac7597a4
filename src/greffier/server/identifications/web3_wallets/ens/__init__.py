"""The Ethereum Name Service (ENS): the name and the picture that a wallet of Ethereum goes by."""
