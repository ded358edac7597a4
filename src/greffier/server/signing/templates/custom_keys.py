"""Keys that a JWT template brings along, for services that do not read a JWKS (RFC 7518 section 3).

They sign and are published nowhere: the recipient of the tokens has the secret or the public key already.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from greffier.server.crypto.encryption import Encryption
from greffier.server.signing.jwts import base64url
from greffier.server.signing.tables import jwt_templates
from greffier.server.store.sealing import owner_of

LONGEST_KEY = 8192
"""Characters of a key as text."""
_RSA_BITS = range(2048, 4096 + 1)
"""At least what RFC 7518 section 3.3 asks for, at most what signs in a few milliseconds."""
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "256": ec.SECP256R1,
    "384": ec.SECP384R1,
    "512": ec.SECP521R1,
}
ALGORITHMS = tuple(f"{family}{size}" for family in ("RS", "HS", "ES") for size in _HASHES)

_Sign = Callable[[bytes], bytes]


class KeyRefused(ValueError):
    """The key does not fit its algorithm; the text says why and never quotes the key."""


def check_key(algorithm: str, key: str) -> None:
    """Whether tokens can be signed by this key.

    Args:
        algorithm: one of `ALGORITHMS`.
        key: a secret for HS*, else a private key in PEM.

    Raises:
        KeyRefused: they cannot.
    """
    _signer(algorithm, key, checked=False)(b"")


def sign_by_custom_key(
    encryption: Encryption, template_id: str, algorithm: str, sealed_key: str, claims: Any, *, category: str
) -> str:
    """A token. Its header names no key, because there is no JWKS to look it up in.

    Args:
        algorithm: as `check_key` accepted it, like the key that is sealed.
        category: the `cat` header, which keeps kinds of tokens apart.

    Raises:
        Undecryptable: an encryption key is not there.
    """
    header = {"alg": algorithm, "cat": category, "typ": "JWT"}
    sign = _parsed(encryption, template_id, algorithm, sealed_key)
    signing_input = b".".join(base64url(msgspec.json.encode(part)) for part in (header, claims))
    return (signing_input + b"." + base64url(sign(signing_input))).decode()


@lru_cache(maxsize=128)
def _parsed(encryption: Encryption, template_id: str, algorithm: str, sealed_key: str) -> _Sign:
    """Decrypted and parsed once, not for every token."""
    owner = owner_of(jwt_templates.c.signing_key, {"id": template_id})
    key = encryption.unseal(sealed_key, bound_to=owner)
    return _signer(algorithm, key, checked=True)


def _signer(algorithm: str, key: str, *, checked: bool) -> _Sign:
    """Args: checked: it is in the database, so that a key's primes need no second examination."""
    family, size = algorithm[:2], algorithm[2:]
    if family == "HS":
        return _hmac_signer(key.encode(), size)
    private = _private_key(key, checked=checked)
    return _rsa_signer(private, size) if family == "RS" else _ecdsa_signer(private, size)


def _private_key(pem: str, *, checked: bool) -> Any:
    try:
        return load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=checked)
    except TypeError:
        raise KeyRefused("The key is encrypted by a password; decrypt it first.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyRefused("It is no private key in PEM.") from None


def _hmac_signer(secret: bytes, size: str) -> _Sign:
    least = int(size) // 8
    if len(secret) < least:  # RFC 7518 section 3.2
        raise KeyRefused(f"A secret for HS{size} has {least} bytes or more.")
    digest = getattr(hashlib, f"sha{size}")
    return lambda data: hmac.new(secret, data, digest).digest()


def _rsa_signer(key: Any, size: str) -> _Sign:
    if not isinstance(key, RSAPrivateKey) or key.key_size not in _RSA_BITS:
        raise KeyRefused(f"RS{size} needs an RSA key of {_RSA_BITS[0]} to {_RSA_BITS[-1]} bits.")
    padding, algorithm = PKCS1v15(), _HASHES[size]
    return lambda data: key.sign(data, padding, algorithm)


def _ecdsa_signer(key: Any, size: str) -> _Sign:
    curve = _CURVES[size]
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, curve):
        raise KeyRefused(f"ES{size} needs a key of the curve {curve.name}.")
    width = (key.key_size + 7) // 8
    algorithm = ec.ECDSA(_HASHES[size])

    def sign(data: bytes) -> bytes:
        """RFC 7518 section 3.4: both numbers in full width, not in DER."""
        numbers = decode_dss_signature(key.sign(data, algorithm))
        return b"".join(number.to_bytes(width, "big") for number in numbers)

    return sign
