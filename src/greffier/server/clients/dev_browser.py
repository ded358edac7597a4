"""Development browsers: identification of a browser where the client's cookie does not reach.

On hosts like ours the browser SDK sets no development browser up by itself, so the handshake and the hosted
pages hand out a `__clerk_db_jwt` that scripts can read.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.clients.handshake.app_cookies import dev_browser_names
from greffier.server.clients.identity import KnownClient
from greffier.server.clients.queries import (
    FIND_DEV_BROWSER,
    GET,
    INSERT_DEV_BROWSER,
    LOCK_DEV_BROWSER,
    UPDATE_DEV_BROWSER,
)
from greffier.server.clients.tables import ClientRow, DevBrowserRow
from greffier.server.crypto.secrets import derived_bytes, hash_secret, new_secret
from greffier.server.store.ids import derived_id, new_id
from greffier.server.web.context import Context
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.instance.instance import Instance

COOKIE = "__clerk_db_jwt"
HEADER = "clerk-db-jwt"


async def create_dev_browser(ctx: Context) -> str:
    """A new development browser, bound to the client if the request has one; returns its token."""
    await ctx.limit_anonymous_row("dev_browser")
    token = f"dvb_{new_secret()}"
    await ctx.db.insert(
        INSERT_DEV_BROWSER,
        DevBrowserRow(
            id=new_id("dvbr", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            token_hash=hash_secret(token),
            client_id=ctx.client.id if ctx.client else None,
            created_at=ctx.now,
        ),
    )
    return token


def presented_token(ctx: Context) -> str | None:
    """The development browser's token as SDKs send it, by its old name too."""
    return ctx.request.query_value(COOKIE) or ctx.request.query_value("__dev_session")


def cookie_of(instance: Instance, request: RequestInfo) -> str | None:
    """The token of the development browser that scripts of this host know."""
    return next((value for name in dev_browser_names(instance) if (value := request.cookies.get(name))), None)


async def find_dev_browser(ctx: Context, token: str) -> DevBrowserRow | None:
    return await ctx.db.one(FIND_DEV_BROWSER, instance_id=ctx.instance.id, token_hash=hash_secret(token))


async def identify_by_dev_browser(ctx: Context) -> None:
    """Take the client of the development browser that the request names; bind it to the cookie's client.

    Raises:
        ApiError: 401 `dev_browser_unauthenticated` when this server never made that browser.
    """
    token = presented_token(ctx)
    if token is None or not ctx.instance.is_development:
        return
    row = await find_dev_browser(ctx, token)
    if row is None:
        raise errors.dev_browser_unauthenticated()
    ctx.response_headers[HEADER] = token
    if ctx.client is None:
        await take_client_of(ctx, row)


async def take_client_of(ctx: Context, row: DevBrowserRow) -> None:
    if row.client_id is None:
        return
    client = await ctx.db.one(GET, instance_id=ctx.instance.id, id=row.client_id)
    if client is not None:
        ctx.client = KnownClient(client.id, client)


def reserved_client_id(ctx: Context, row: DevBrowserRow) -> str:
    """The id of the client that this browser gets when something is written for it. After a client that was
    deleted it is another one."""
    seed = derived_bytes(f"{row.id} {row.client_id}", key=ctx.instance.code_key, purpose="client")
    return derived_id("client", seed)


async def prospective_client(ctx: Context) -> ClientRow | None:
    """The client of a browser that is known and has none yet, as it will be; nothing is written."""
    token = presented_token(ctx)
    if token is None or not ctx.instance.is_development:
        return None
    row = await find_dev_browser(ctx, token)
    if row is None:
        return None
    return ClientRow(
        id=reserved_client_id(ctx, row),
        instance_id=ctx.instance.id,
        secret_hash="",
        secret_since=row.created_at,
        rotation_due=False,
        last_authentication_strategy=None,
        deleted=False,
        created_at=row.created_at,
        updated_at=row.created_at,
    )


async def lock_dev_browser(ctx: Context) -> DevBrowserRow | None:
    """The development browser of a request that needs a client, held until the request ends: of parallel
    requests one makes the client. The hosted pages, where people sign in for pages of other sites, name
    theirs by its cookie."""
    token = presented_token(ctx) or cookie_of(ctx.instance, ctx.request)
    if token is None or not ctx.instance.is_development:
        return None
    return await ctx.db.one(LOCK_DEV_BROWSER, instance_id=ctx.instance.id, token_hash=hash_secret(token))


async def bind_to_client(ctx: Context, row: DevBrowserRow) -> None:
    """Remember the client of this browser."""
    if ctx.client is not None and row.client_id != ctx.client.id:
        await ctx.db.save(UPDATE_DEV_BROWSER, msgspec.structs.replace(row, client_id=ctx.client.id))
