"""Public keys, for all callers."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import frontend_api


class Jwks(msgspec.Struct):
    """A JSON Web Key Set (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]


@frontend_api.get("/.well-known/jwks.json", no_envelope=True, from_memory=True)
async def get_jwks(ctx: Context) -> Jwks:
    return Jwks(ctx.services.ports.signing.jwks(ctx.instance.id))
