"""JWTs that only this server reads: HS256 (RFC 7518 section 3.2) with a key of the instance.

They carry a secret that is looked up by its hash, so that nothing hangs on the signature; it is symmetric so
that such a token can never pass for one of the instance's published key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


_HEADER = _base64url(b'{"alg":"HS256","typ":"JWT"}')


def write_symmetric_jwt(claims: dict[str, Any], key: str) -> str:
    """The token with these claims."""
    signing_input = _HEADER + b"." + _base64url(msgspec.json.encode(claims))
    signature = hmac.new(key.encode(), signing_input, hashlib.sha256).digest()
    return (signing_input + b"." + _base64url(signature)).decode()
