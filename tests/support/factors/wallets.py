"""Wallets that really sign, and people who sign up and in with them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Any, Protocol

import httpx
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from greffier.server.identifications.web3_wallets.chains.ethereum import (
    checksummed,
    keccak_256,
    personal_message_hash,
)
from greffier.server.identifications.web3_wallets.chains.solana import base58_encode
from tests.support.configuring import configure
from tests.support.server import Browser, JsonObject, TestServer

METAMASK = "web3_metamask_signature"
SOLANA = "web3_solana_signature"
ALL = [
    METAMASK,
    "web3_coinbase_wallet_signature",
    "web3_okx_wallet_signature",
    SOLANA,
]
WALLETS: JsonObject = {
    "attributes": {
        "web3_wallet": {"enabled": True, "first_factors": ALL, "verifications": ALL},
        "email_address": {"required": False},
    }
}
"""Settings with which a wallet is all that a person needs."""


class EthereumWallet:
    """As MetaMask holds it. `v` is 27 or 28."""

    strategy = METAMASK

    def __init__(self, secret: bytes | None = None) -> None:
        self._key = PrivateKey(secret or secrets.token_bytes(32))
        point = self._key.public_key.format(compressed=False)
        self.address = checksummed("0x" + keccak_256(point[1:])[-20:].hex())

    def sign(self, text: str) -> str:
        """`personal_sign` (EIP-191)."""
        signature = self._key.sign_recoverable(personal_message_hash(text), hasher=None)
        return "0x" + signature[:64].hex() + f"{27 + signature[64]:02x}"


class SolanaWallet:
    """As Phantom holds it; the signature is in base64, as browser SDKs send it."""

    strategy = SOLANA

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.public_key = self._key.public_key().public_bytes_raw()
        self.address = base58_encode(self.public_key)

    def sign_bytes(self, data: bytes) -> bytes:
        return self._key.sign(data)

    def sign(self, text: str) -> str:
        return base64.b64encode(self.sign_bytes(text.encode())).decode()


class Wallet(Protocol):
    """Any of them."""

    address: str

    @property
    def strategy(self) -> str: ...

    def sign(self, text: str) -> str: ...


async def with_wallets(server: TestServer, **changes: Any) -> None:
    """Switch wallets on, as all that a person needs."""
    await configure(server, WALLETS | changes)


async def begin_sign_up(browser: Browser, wallet: Wallet, **fields: Any) -> JsonObject:
    """The sign-up, whose text is to be signed."""
    begun = await browser.post("/v1/client/sign_ups", web3_wallet=wallet.address, **fields)
    assert begun.status_code == 200, begun.text
    sign_up = begun.json()["response"]
    path = f"/v1/client/sign_ups/{sign_up['id']}/prepare_verification"
    prepared = await browser.post(path, strategy=wallet.strategy)
    assert prepared.status_code == 200, prepared.text
    return prepared.json()["response"]


async def attempt_sign_up(
    browser: Browser, sign_up: JsonObject, signature: str, strategy: str = METAMASK
) -> httpx.Response:
    path = f"/v1/client/sign_ups/{sign_up['id']}/attempt_verification"
    return await browser.post(path, strategy=strategy, signature=signature)


async def sign_up_with(browser: Browser, wallet: Wallet, **fields: Any) -> JsonObject:
    """Both steps; the whole answer."""
    sign_up = await begin_sign_up(browser, wallet, **fields)
    text = sign_up["verifications"]["web3_wallet"]["message"]
    done = await attempt_sign_up(browser, sign_up, wallet.sign(text), wallet.strategy)
    assert done.status_code == 200, done.text
    return done.json()


async def begin_sign_in(browser: Browser, wallet: Wallet) -> JsonObject:
    """The sign-in, whose text is to be signed."""
    begun = await browser.post("/v1/client/sign_ins", identifier=wallet.address)
    assert begun.status_code == 200, begun.text
    sign_in = begun.json()["response"]
    prepared = await prepare_sign_in(browser, sign_in, wallet.strategy)
    assert prepared.status_code == 200, prepared.text
    return prepared.json()["response"]


async def prepare_sign_in(browser: Browser, sign_in: JsonObject, strategy: str) -> httpx.Response:
    factor = next(one for one in sign_in["supported_first_factors"] if one["strategy"] == strategy)
    return await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor",
        strategy=strategy,
        web3_wallet_id=factor["web3_wallet_id"],
    )


def text_of(sign_in: JsonObject) -> str:
    return sign_in["first_factor_verification"]["message"]


async def attempt_sign_in(
    browser: Browser, sign_in: JsonObject, signature: str, strategy: str = METAMASK
) -> httpx.Response:
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"
    return await browser.post(path, strategy=strategy, signature=signature)


async def sign_in_with(
    browser: Browser, wallet: Wallet, sign: Callable[[str], str] | None = None
) -> httpx.Response:
    """Both steps; the answer to the second. Args: sign: what signs instead of the wallet."""
    sign_in = await begin_sign_in(browser, wallet)
    signature = (sign or wallet.sign)(text_of(sign_in))
    return await attempt_sign_in(browser, sign_in, signature, wallet.strategy)


async def add_wallet(browser: Browser, wallet: Wallet) -> JsonObject:
    """Adds it to the profile, with its text to be signed."""
    added = await browser.post("/v1/me/web3_wallets", web3_wallet=wallet.address)
    assert added.status_code == 200, added.text
    path = f"/v1/me/web3_wallets/{added.json()['response']['id']}/prepare_verification"
    prepared = await browser.post(path, strategy=wallet.strategy)
    assert prepared.status_code == 200, prepared.text
    return prepared.json()["response"]


async def verify_wallet(browser: Browser, prepared: JsonObject, signature: str) -> httpx.Response:
    path = f"/v1/me/web3_wallets/{prepared['id']}/attempt_verification"
    return await browser.post(path, signature=signature)
