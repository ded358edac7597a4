"""Addresses, texts and signatures of both families of chains. The vectors were made with ethers 6 and
tweetnacl."""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace
from typing import Any, cast

import pytest
from coincurve import PrivateKey, PublicKey

from greffier.server.identifications.web3_wallets.chains import chain_of, chains
from greffier.server.identifications.web3_wallets.chains.chain import Proof
from greffier.server.identifications.web3_wallets.chains.ethereum import CHAIN as ETHEREUM
from greffier.server.identifications.web3_wallets.chains.ethereum import (
    checksummed,
    keccak_256,
    personal_message_hash,
)
from greffier.server.identifications.web3_wallets.chains.solana import CHAIN as SOLANA
from greffier.server.identifications.web3_wallets.chains.solana import base58_decode, base58_encode
from greffier.server.web.context import Context
from greffier.server.web.instance.settings import InstanceSettings
from tests.support.factors.wallets import EthereumWallet, SolanaWallet

CTX = cast(Context, SimpleNamespace(instance=SimpleNamespace(settings=InstanceSettings())))
"""Keys alone decide: there is no server of a chain."""
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
TEXT = f"app.example.com wants you to sign in with your Ethereum account:\n{ADDRESS}"
SIGNATURE = (
    "0xaa67215f0ef337a44eef4c8433b8f02734c8c745debdaad7271bac168692a609"
    "1ef3bbb87b0233dbac6576f923948029ae28c396caae937b639241314a737c401c"
)
SOLANA_ADDRESS = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB"
SOLANA_TEXT = f"app.example.com wants you to sign in with your Solana account:\n{SOLANA_ADDRESS}"
SOLANA_SIGNATURE = "yAnwaPuPpxU+vOBLfbMTmKvTMGTbnqAHtHg23RZbY5jrwdCxtYYPI0WgeDxNpARkaP/qvQ0TYDgYaSMVgKo6BA=="
ORDER = int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16)


@pytest.mark.parametrize(
    "address",
    [  # EIP-55
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
        ADDRESS,
    ],
)
def test_address_is_shown_with_its_checksum_however_it_was_written(address: str) -> None:
    upper = "0x" + address[2:].upper()

    assert checksummed(address.lower()) == address
    assert [ETHEREUM.read(text) for text in (address, address.lower(), upper)] == [address] * 3
    assert {ETHEREUM.canonical(text) for text in (address, upper)} == {address.lower()}


def test_address_with_a_wrong_checksum_is_none() -> None:
    with pytest.raises(ValueError, match="checksum"):
        ETHEREUM.read(ADDRESS[:2] + ADDRESS[2:].swapcase())


@pytest.mark.parametrize(
    "text",
    ["", "0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[2:], "0X" + ADDRESS[2:], ADDRESS + "\n", "0x" + "g" * 40],
)
def test_other_texts_are_no_addresses_of_ethereum(text: str) -> None:
    assert not ETHEREUM.recognises(text)


@pytest.mark.parametrize(
    ("key", "text"),  # the examples of draft-msporny-base58
    [
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    ],
)
def test_base58_is_that_of_bitcoin(key: bytes, text: str) -> None:
    assert base58_encode(key) == text
    assert base58_decode(text) == key


def test_addresses_of_solana_differ_by_case() -> None:
    assert SOLANA.recognises(SOLANA_ADDRESS)
    assert SOLANA.read(SOLANA_ADDRESS) == SOLANA.canonical(SOLANA_ADDRESS) == SOLANA_ADDRESS


@pytest.mark.parametrize(
    "text", ["", SOLANA_ADDRESS[:-2], SOLANA_ADDRESS + "11", "0" + SOLANA_ADDRESS[1:], "z" * 44]
)
def test_other_texts_are_no_addresses_of_solana(text: str) -> None:
    assert not SOLANA.recognises(text)


def test_an_address_is_of_one_family() -> None:
    assert set(chains()) == {"ethereum", "solana"}
    assert (chain_of(ADDRESS), chain_of(SOLANA_ADDRESS), chain_of("ada")) == (ETHEREUM, SOLANA, None)


def test_text_to_sign_is_that_of_eip_4361() -> None:
    proof = Proof(
        address=ADDRESS,
        network="1",
        origin="https://app.example.com:8443",
        nonce="abcdef0123456789",
        issued_at=1_700_000_000_000,
        expires_at=1_700_000_300_000,
    )

    assert ETHEREUM.message(proof).split("\n") == [
        "app.example.com:8443 wants you to sign in with your Ethereum account:",
        ADDRESS,
        "",
        "Sign this message to prove that this wallet is yours. It costs nothing.",
        "",
        "URI: https://app.example.com:8443",
        "Version: 1",
        "Chain ID: 1",
        "Nonce: abcdef0123456789",
        "Issued At: 2023-11-14T22:13:20.000Z",
        "Expiration Time: 2023-11-14T22:18:20.000Z",
    ]
    assert SOLANA.message(proof).startswith(
        "app.example.com:8443 wants you to sign in with your Solana account:\n"
    )


async def test_signatures_of_other_libraries_are_right() -> None:
    assert await ETHEREUM.verifies(CTX, "1", ADDRESS, TEXT, SIGNATURE)
    assert await ETHEREUM.verifies(CTX, "1", ADDRESS.lower(), TEXT, SIGNATURE.upper().replace("0X", "0x"))
    assert await SOLANA.verifies(CTX, "1", SOLANA_ADDRESS, SOLANA_TEXT, SOLANA_SIGNATURE)


async def test_signature_without_the_27_is_right() -> None:
    assert await ETHEREUM.verifies(CTX, "1", ADDRESS, TEXT, SIGNATURE[:-2] + "01")


def _with_high_s(signature: str) -> str:
    """The other valid signature of the same text, which any reader can make of the first."""
    s = ORDER - int(signature[66:130], 16)
    v = {27: 28, 28: 27}[int(signature[130:], 16)]
    return f"{signature[:66]}{s:064x}{v:02x}"


def test_the_signature_with_high_s_is_a_valid_one() -> None:
    """Else refusing it would prove nothing."""
    high = bytes.fromhex(_with_high_s(SIGNATURE)[2:])
    key = PublicKey.from_signature_and_message(
        high[:64] + bytes([high[64] - 27]), personal_message_hash(TEXT), hasher=None
    )
    assert key == PrivateKey(b"\x01" * 32).public_key


@pytest.mark.parametrize(
    "signature",
    [
        _with_high_s(SIGNATURE),
        SIGNATURE[:-2] + "1b",
        SIGNATURE[:-2] + "1d",
        SIGNATURE[:-2] + "02",
        SIGNATURE[:-2] + "25",
        SIGNATURE[:-2],
        SIGNATURE[2:],
        SIGNATURE[:-1] + "g",
        SIGNATURE + "\n",
        "0x" + "0" * 130,
        "0x" + "f" * 128 + "1b",
        "0x" + "0" * 128 + "1b",
        "",
        "0x",
        "\N{FULLWIDTH DIGIT ZERO}x" + SIGNATURE[2:],
    ],
)
async def test_malformed_or_malleable_signature_of_ethereum_is_wrong(signature: str) -> None:
    assert not await ETHEREUM.verifies(CTX, "1", ADDRESS, TEXT, signature)


async def test_signature_of_another_text_or_key_is_wrong() -> None:
    other = EthereumWallet()

    assert not await ETHEREUM.verifies(CTX, "1", ADDRESS, TEXT + " ", SIGNATURE)
    assert not await ETHEREUM.verifies(CTX, "1", ADDRESS, TEXT, other.sign(TEXT))
    assert await ETHEREUM.verifies(CTX, "1", other.address, TEXT, other.sign(TEXT))


async def test_bare_hash_that_was_signed_is_wrong() -> None:
    """A transaction, say, is signed without the prefix of EIP-191."""
    signature = PrivateKey(b"\x01" * 32).sign_recoverable(keccak_256(TEXT.encode()), hasher=None)

    bare = f"0x{signature[:64].hex()}{27 + signature[64]:02x}"
    assert not await ETHEREUM.verifies(CTX, "1", ADDRESS, TEXT, bare)


_L = 2**252 + 27742317777372353535851937790883648493
"""The order of Ed25519's group (RFC 8032 section 5.1)."""


def _with_large_s(signature: str) -> str:
    raw = base64.b64decode(signature)
    s = int.from_bytes(raw[32:], "little") + _L
    return base64.b64encode(raw[:32] + s.to_bytes(32, "little")).decode()


@pytest.mark.parametrize(
    "signature",
    [
        _with_large_s(SOLANA_SIGNATURE),
        SOLANA_SIGNATURE[:-4],
        SOLANA_SIGNATURE + "AAAA",
        base64.b64decode(SOLANA_SIGNATURE).hex(),
        base58_encode(base64.b64decode(SOLANA_SIGNATURE)),
        SOLANA_SIGNATURE + "\n",
        "AAAA",
        "",
        "\N{GREEK SMALL LETTER ALPHA}",
    ],
)
async def test_malformed_or_malleable_signature_of_solana_is_wrong(signature: str) -> None:
    assert not await SOLANA.verifies(CTX, "1", SOLANA_ADDRESS, SOLANA_TEXT, signature)


async def test_signature_of_another_solana_wallet_is_wrong() -> None:
    other = SolanaWallet()

    assert not await SOLANA.verifies(CTX, "1", SOLANA_ADDRESS, SOLANA_TEXT, other.sign(SOLANA_TEXT))
    assert not await SOLANA.verifies(CTX, "1", other.address, SOLANA_TEXT, SOLANA_SIGNATURE)


SMALL_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


async def _forged(key: bytes) -> bool:
    """Looks for a text that every attacker can sign for this key: one of eight is enough."""
    signature = base64.b64encode(key + b"\0" * 32).decode()
    identity = base64.b64encode(b"\x01" + b"\0" * 63).decode()
    both = (signature, identity)
    texts = [hashlib.sha256(bytes([number])).hexdigest() for number in range(64)]
    address = base58_encode(key)
    return any([await SOLANA.verifies(CTX, "1", address, text, one) for text in texts for one in both])


@pytest.mark.parametrize("encoded", SMALL_ORDER)
@pytest.mark.parametrize("sign", [0, 0x80])
def test_key_for_which_every_attacker_can_sign_is_no_wallet(encoded: str, sign: int) -> None:
    key = bytearray.fromhex(encoded)
    key[31] |= sign

    with pytest.raises(ValueError, match="no wallet"):
        SOLANA.read(base58_encode(bytes(key)))


async def test_keys_of_small_order_are_those_that_can_be_forged() -> None:
    """The last two are other ways to write the first two."""
    forged: list[Any] = [await _forged(bytes.fromhex(encoded)) for encoded in SMALL_ORDER[:5]]
    assert all(forged)
    assert not await _forged(base58_decode(SOLANA_ADDRESS))
