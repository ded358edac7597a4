"""Signatures without `cryptography`: the same answers, and no forgeries."""

from __future__ import annotations

import base64
import hashlib
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from greffier.sdk.errors import ConfigurationError, TokenVerificationError
from greffier.sdk.steps import run
from greffier.sdk.tokens.jwt import PemKey, TokenVerifier
from greffier.sdk.tokens.pure_rsa import PublicNumbers, numbers_of_spki
from greffier.sdk.tokens.signatures import signing_key_from_jwk, signing_key_from_pem
from tests.sdk.instances import NOW, production, signing_key

INSTANCE = production()
KEY = signing_key(1)
MESSAGE = b"header.payload"
HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}


def numbers(key: rsa.RSAPrivateKey = KEY) -> PublicNumbers:
    public = key.public_key().public_numbers()
    return PublicNumbers(public.n, public.e)


def spki(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("algorithm", list(HASHES))
def test_good_signatures_are_good(algorithm: str) -> None:
    signature = KEY.sign(MESSAGE, padding.PKCS1v15(), HASHES[algorithm])

    assert numbers().verifies(algorithm, signature, MESSAGE)
    others = [name for name in HASHES if name != algorithm]
    assert not any(numbers().verifies(other, signature, MESSAGE) for other in others)


def test_changed_bits_are_noticed_wherever_they_are() -> None:
    signature = KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    for position in range(0, len(signature), 17):
        forged = bytearray(signature)
        forged[position] ^= 1
        assert not numbers().verifies("RS256", bytes(forged), MESSAGE)
    assert not numbers().verifies("RS256", signature, MESSAGE + b".")


@pytest.mark.parametrize("length", [0, 1, 255, 257, 512])
def test_signature_of_another_length_is_none(length: int) -> None:
    signature = KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())

    assert not numbers().verifies("RS256", (signature * 2)[:length], MESSAGE)
    assert not numbers().verifies("RS256", b"\x00" * (256 - 255) + signature, MESSAGE)


def test_number_beyond_the_modulus_is_no_signature() -> None:
    signature = KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    beyond = int.from_bytes(signature, "big") + numbers().modulus
    forged = beyond.to_bytes(257, "big").lstrip(b"\x00")

    assert not numbers().verifies("RS256", forged, MESSAGE)
    assert not numbers().verifies("RS256", b"\xff" * 256, MESSAGE)


def test_padding_that_ends_early_is_no_padding() -> None:
    """Bleichenbacher's forgery of 2006: garbage after the digest."""
    secret = KEY.private_numbers()
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(MESSAGE).digest()
    block = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    number = int.from_bytes(block + b"\x55" * (256 - len(block)), "big")
    forged = pow(number, secret.d, numbers().modulus).to_bytes(256, "big")

    assert not numbers().verifies("RS256", forged, MESSAGE)


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_keys_are_read_from_der(bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)

    assert numbers_of_spki(spki(key)) == numbers(key)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\x00", lambda d: b"", lambda d: d[5:]])
def test_der_that_is_not_a_key_is_refused(change: Any) -> None:
    with pytest.raises(ValueError, match=r"key|element"):
        numbers_of_spki(change(spki(KEY)))


def test_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="not an RSA key"):
        numbers_of_spki(spki(ec.generate_private_key(ec.SECP256R1())))


@pytest.fixture
def without_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    signing_key_from_pem.cache_clear()


@pytest.mark.usefixtures("without_cryptography")
def test_tokens_are_verified_where_cryptography_is_not_installed() -> None:
    token, other = INSTANCE.token(), INSTANCE.token(sub="user_2")
    forged = f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}"
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)

    assert run(verifier.verify(verifier.decode(token)))["sub"] == "user_1"
    with pytest.raises(TokenVerificationError, match="signature"):
        run(verifier.verify(verifier.decode(forged)))


@pytest.mark.usefixtures("without_cryptography")
def test_keys_of_a_key_set_are_used_without_cryptography_too() -> None:
    key = signing_key_from_jwk(INSTANCE.jwk)
    header, payload, signature = INSTANCE.token().split(".")

    decoded = decoded_signature(signature)
    assert key.verifies("RS256", decoded, f"{header}.{payload}".encode())


@pytest.mark.usefixtures("without_cryptography")
def test_short_keys_are_refused_without_cryptography_too() -> None:
    with pytest.raises(ConfigurationError, match="1024 bits"):
        signing_key_from_pem(SHORT)


def decoded_signature(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


SHORT = (
    rsa.generate_private_key(65537, 1024)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
