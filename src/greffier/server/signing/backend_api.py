"""Public keys, as the application's servers see them."""

from __future__ import annotations

from greffier.server.signing.frontend_api import Jwks
from greffier.server.web.context import Context
from greffier.server.web.operations import backend_api


@backend_api.get("/v1/jwks", public=True)
async def get_jwks(ctx: Context) -> Jwks:
    return Jwks(ctx.services.signing.jwks(ctx.instance.id))
