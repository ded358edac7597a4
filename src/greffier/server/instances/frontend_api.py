"""The instance's settings and health, as browsers see them."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from greffier.server.instances.environment import environment
from greffier.server.store.statements import Statement
from greffier.server.web.context import Context
from greffier.server.web.operations import frontend_api

_PING: Statement[int] = Statement(sa.select(sa.literal(1)))


class Health(msgspec.Struct):
    status: str = "healthy"


@frontend_api.get("/v1/environment", bare=True)
async def get_environment(ctx: Context) -> dict[str, Any]:
    return environment(ctx.instance, ctx.public_url, ctx.request.page_origin)


@frontend_api.patch("/v1/environment", bare=True)
async def update_environment(ctx: Context) -> dict[str, Any]:
    """How the browser SDK asks in development; nothing is updated."""
    return environment(ctx.instance, ctx.public_url, ctx.request.page_origin)


@frontend_api.get("/v1/health", bare=True)
async def get_health(ctx: Context) -> Health:
    await ctx.db.one(_PING)
    return Health()
