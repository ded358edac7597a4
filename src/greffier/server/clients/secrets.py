"""The secret in the `__client` cookie: a JWT with the client's id and a rotating token.

The rotating token is 256 random bits looked up by its hash, so the signature protects nothing more; it is
symmetric, so that the cookie can never pass for a token of the instance's public key.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from greffier.server.crypto.symmetric_jwts import write_symmetric_jwt
from greffier.server.web.instance.instance import Instance


class ClientToken(msgspec.Struct, frozen=True):
    """The contents of the cookie."""

    id: str
    rotating_token: str


_decode = msgspec.json.Decoder(ClientToken).decode


def write_client_token(instance: Instance, client_id: str, secret: str) -> str:
    """The cookie's value."""
    return write_symmetric_jwt({"id": client_id, "rotating_token": secret}, instance.code_key)


def read_client_token(token: str) -> ClientToken | None:
    """The contents of a cookie; valid only once the database knows the rotating token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        return _decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return None
