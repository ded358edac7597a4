"""The signatures of wallets that are checked in a second, beside the bare recovery or verification.

    python -m benchmarks.wallet_signatures [--rounds 7] [--json]

CPU time of this thread, best of several rounds, all in one run. The bare recovery is that of `coincurve`
(libsecp256k1), which gives the key of a signature over a hash that is known already; the bare verification is
that of Ed25519 by `cryptography`.
"""

import argparse
import asyncio
import base64
import json
import secrets
from collections.abc import Callable
from typing import cast

from coincurve import PrivateKey, PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.sdk_verification import cpu_microseconds
from greffier.server.identifications.web3_wallets.chains.chain import Chain, Proof
from greffier.server.identifications.web3_wallets.chains.ethereum import CHAIN as ETHEREUM
from greffier.server.identifications.web3_wallets.chains.ethereum import keccak_256, personal_message_hash
from greffier.server.identifications.web3_wallets.chains.solana import CHAIN as SOLANA
from greffier.server.identifications.web3_wallets.chains.solana import base58_encode
from greffier.server.web.context import Context

NO_CONTEXT = cast(Context, None)
"""Checks by keys alone look nothing up."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the best counts")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    arguments = parser.parse_args()
    results = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps(results))
    else:
        report(results)


def measure(rounds: int) -> dict[str, float]:
    """Microseconds of CPU per operation, by name."""
    operations = {**_ethereum(), **_solana()}
    best = dict.fromkeys(operations, float("inf"))
    for _ in range(rounds):  # all of them in each round, so that a slow moment hits all alike
        for name, operation in operations.items():
            best[name] = min(best[name], cpu_microseconds(operation))
    return best


def report(best: dict[str, float]) -> None:
    """A table with the ratios that matter."""
    rows = [
        ("bare_recovery", "bare recovery (coincurve)", "bare_recovery"),
        ("ethereum", "a wallet of Ethereum, all checks", "bare_recovery"),
        ("bare_verification", "bare verification of Ed25519 (cryptography)", "bare_verification"),
        ("solana", "a wallet of Solana, all checks", "bare_verification"),
    ]
    for name, description, yardstick in rows:
        ratio = best[name] / best[yardstick]
        print(f"  {description:46}{1e6 / best[name]:9.0f} /s{best[name]:9.1f} us{ratio:7.2f} x bare")


def _text(chain: Chain, address: str) -> str:
    page = {"network": chain.default_network, "origin": "https://app.example.com"}
    return chain.message(
        Proof(address=address, nonce=secrets.token_hex(16), issued_at=0, expires_at=300_000, **page)
    )


def _checked(chain: Chain, address: str, text: str, signature: str) -> Callable[[], object]:
    def check() -> None:
        checking = chain.verifies(NO_CONTEXT, chain.default_network, address, text, signature)
        try:
            checking.send(None)
        except StopIteration:
            return

    assert asyncio.run(chain.verifies(NO_CONTEXT, chain.default_network, address, text, signature))
    return check


def _ethereum() -> dict[str, Callable[[], object]]:
    key = PrivateKey()
    address = "0x" + keccak_256(key.public_key.format(compressed=False)[1:])[-20:].hex()
    text = _text(ETHEREUM, address)
    digest = personal_message_hash(text)
    raw = key.sign_recoverable(digest, hasher=None)
    signature = f"0x{raw[:64].hex()}{27 + raw[64]:02x}"
    return {
        "bare_recovery": lambda: PublicKey.from_signature_and_message(raw, digest, hasher=None),
        "ethereum": _checked(ETHEREUM, address, text, signature),
    }


def _solana() -> dict[str, Callable[[], object]]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    address = base58_encode(public.public_bytes_raw())
    text = _text(SOLANA, address)
    raw = key.sign(text.encode())
    return {
        "bare_verification": lambda: public.verify(raw, text.encode()),
        "solana": _checked(SOLANA, address, text, base64.b64encode(raw).decode()),
    }


if __name__ == "__main__":
    main()
