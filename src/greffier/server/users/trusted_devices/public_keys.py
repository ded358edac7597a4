"""Public keys of devices as JWKs of the curve P-256, and their signatures (RFC 7518 section 3.4)."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from greffier.server import errors
from greffier.server.signing.jwts import base64url

_WIDTH = 32
"""Bytes of a coordinate, and of each half of a signature."""
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_REQUIRED = ("crv", "kty", "x", "y")
_ALLOWED = frozenset({*_REQUIRED, "alg", "ext", "key_ops", "kid", "use"})
"""No `d`: an app that sends its private key must notice."""


class DeviceKey(msgspec.Struct, frozen=True):
    """A public key. `jwk` has the members that count, and no other."""

    jwk: dict[str, Any]

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        digest = hashlib.sha256(msgspec.json.encode(self.jwk, order="sorted")).digest()
        return base64url(digest).decode()

    def verifies(self, signature: str, signed: str) -> bool:
        """Returns whether the device has signed a text.

        Args:
            signature: base64url of both numbers in full width, not in DER.
        """
        raw = _decoded(signature)
        if raw is None or len(raw) != 2 * _WIDTH:
            return False
        numbers = (int.from_bytes(raw[:_WIDTH]), int.from_bytes(raw[_WIDTH:]))
        try:
            _public_key(self.jwk).verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def read_device_key(text: str) -> DeviceKey:
    """Args: text: a JWK as JSON text.

    Raises:
        ApiError: 422 when it is no public key of the curve P-256.
    """
    try:
        jwk = msgspec.json.decode(text, type=dict[str, Any])
        key = DeviceKey({name: jwk[name] for name in _REQUIRED})
        _public_key(key.jwk)
    except (msgspec.DecodeError, KeyError, ValueError, TypeError, RecursionError):
        raise errors.trusted_device_invalid_public_key() from None
    if jwk.keys() - _ALLOWED:
        raise errors.trusted_device_invalid_public_key()
    return key


def _public_key(jwk: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    """Raises: ValueError: it is none, or its point is not on the curve."""
    coordinates = [_decoded(jwk[name]) for name in ("x", "y")]
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256") or any(
        one is None or len(one) != _WIDTH for one in coordinates
    ):
        raise ValueError("no key of the curve P-256")
    x, y = (int.from_bytes(one or b"") for one in coordinates)
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _decoded(text: Any) -> bytes | None:
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        return None
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return None
