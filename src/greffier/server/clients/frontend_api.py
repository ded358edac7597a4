"""The client, its development browser and the handshake, as browsers see them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.clients import dev_browser
from greffier.server.clients.handshake import HandshakeQuery, handshake
from greffier.server.clients.identity import KnownClient, forget
from greffier.server.clients.queries import LOCK, UPDATE
from greffier.server.clients.resources import FrontendClient, frontend_client
from greffier.server.sessions.lifecycle import finish_sessions_of_client
from greffier.server.web.context import Context
from greffier.server.web.operations import Raw, frontend_api


class DevBrowser(msgspec.Struct):
    """Today's browser SDK reads `id`, that of 2022-23 reads `token`; both are the same."""

    id: str
    token: str
    object: str = "dev_browser"


async def _resource(ctx: Context) -> FrontendClient | None:
    if not isinstance(ctx.client, KnownClient):
        return None
    return await frontend_client(ctx, ctx.client.row)


@frontend_api.get("/v1/client", piggyback=False)
async def get_client(ctx: Context) -> FrontendClient | None:
    """Never 401: the browser SDK would ask again without end."""
    return await _resource(ctx)


@frontend_api.put("/v1/client")
async def put_client(ctx: Context) -> FrontendClient | None:
    await ctx.require_client()
    return await _resource(ctx)


@frontend_api.post("/v1/client")
async def post_client(ctx: Context) -> FrontendClient | None:
    await ctx.require_client()
    return await _resource(ctx)


@frontend_api.delete("/v1/client")
async def delete_client_sessions(ctx: Context) -> None:
    """Sign every session out and forget the client."""
    if ctx.client is None:
        raise errors.not_found("client")
    await finish_sessions_of_client(ctx, ctx.client.id, "removed")
    await ctx.services.caller.finish(ctx)
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=ctx.client.id)
    if row is not None:
        await ctx.db.save(UPDATE, msgspec.structs.replace(row, deleted=True))
    forget(ctx)
    ctx.client, ctx.client_changed = None, False


@frontend_api.delete("/v1/client/sessions")
async def remove_client_sessions_and_retain_cookie(ctx: Context) -> FrontendClient | None:
    """Sign every session out; the client stays."""
    if ctx.client is None:
        raise errors.not_found("client")
    await finish_sessions_of_client(ctx, ctx.client.id, "removed")
    return await _resource(ctx)


@frontend_api.post("/v1/dev_browser", bare=True)
async def create_dev_browser(ctx: Context) -> DevBrowser:
    if not ctx.instance.is_development:
        raise errors.development_only()
    token = await dev_browser.create_dev_browser(ctx)
    return DevBrowser(id=token, token=token)


@frontend_api.get("/v1/client/handshake")
async def handshake_client(ctx: Context, query: HandshakeQuery) -> Raw:
    return await handshake(ctx, query)
