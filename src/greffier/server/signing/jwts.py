"""Making tokens: RS256 with the instance's key (RFC 7515, RFC 7518 section 3.3).

Assembled by hand over `cryptography`, because a library's encoder costs a fifth of the signature itself and
this is the hottest path of the server; verification belongs to the SDK.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

CATEGORY_SESSION = "cl_B7d4PD111AAA"
CATEGORY_TEMPLATE = "cl_B7d4PD222AAA"
CATEGORY_M2M = "cl_B7d4PD333AAA"
CATEGORY_IGNORE = "cl_I7d4PD111III"

_PADDING, _HASH = PKCS1v15(), SHA256()
_encode = msgspec.json.Encoder().encode


def base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class SigningKey:
    """A parsed private key; parse once, sign often.

    Args:
        kid: the key id in the header and in the JWKS.
        private_pem: RSA, 2048 bits, PKCS#8.
    """

    def __init__(self, kid: str, private_pem: str, public_jwk: dict[str, Any]) -> None:
        self.kid = kid
        self.public_jwk = public_jwk
        # It was made here and lay in our database: to check its primes at every start takes 100 ms.
        key = load_pem_private_key(private_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError(f"signing key {kid} is not an RSA key")
        self._key = key
        self._headers: dict[tuple[str | None, str], bytes] = {}

    def _header(self, category: str | None, typ: str) -> bytes:
        header = self._headers.get((category, typ))
        if header is None:
            fields = {"alg": "RS256", "kid": self.kid, "typ": typ} | ({"cat": category} if category else {})
            header = self._headers[category, typ] = base64url(_encode(fields)) + b"."
        return header

    def sign_jwt(self, claims: Any, *, category: str | None = None, typ: str = "JWT") -> str:
        """A signed token.

        Args:
            claims: a struct or dictionary.
            category: the `cat` header, which keeps kinds of tokens apart.
            typ: the `typ` header (RFC 8725 section 3.11).
        """
        signing_input = self._header(category, typ) + base64url(_encode(claims))
        signature = self._key.sign(signing_input, _PADDING, _HASH)
        return (signing_input + b"." + base64url(signature)).decode()


def read_unverified_claims(token: str) -> dict[str, Any]:
    """The claims of a token without verification, for hints that are checked against the database; never for
    a decision.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, msgspec.DecodeError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}  # pyright: ignore[reportUnknownVariableType]
