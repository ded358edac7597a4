"""Client identification for every Frontend API request: the port `CallerPort` of `web/`."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.testing_tokens import carries_testing_token
from greffier.server.clients.changes import changes_client
from greffier.server.clients.dev_browser import (
    bind_to_client,
    identify_by_dev_browser,
    lock_dev_browser,
    reserved_client_id,
    take_client_of,
)
from greffier.server.clients.dev_browser import presented_token as presented_dev_browser
from greffier.server.clients.handshake.app_cookies import AppCookies
from greffier.server.clients.handshake.navigation import HANDSHAKE_PATH
from greffier.server.clients.identity import (
    KnownClient,
    create_client,
    find_client,
    presented_token,
    update_client,
)
from greffier.server.clients.landing.native_apps import redeem
from greffier.server.clients.queries import GET
from greffier.server.clients.resources import FrontendClient, frontend_client
from greffier.server.sessions import lifecycle
from greffier.server.sessions.queries import LAST_SELECTED
from greffier.server.sessions.tokens.bearer import bearer_session
from greffier.server.sign_ins.attempts import abandon_sign_ins
from greffier.server.sign_ups.attempts import abandon_sign_ups
from greffier.server.web.context import Context
from greffier.server.web.http.satellites import satellite_named
from greffier.server.web.ports import CurrentClient, CurrentSession

_BY_SIGNING_IN = ("/v1/client/sign_ins", "/v1/client/sign_ups")


class Caller:
    """Identifies clients before a handler runs and updates them after it."""

    async def identify(self, ctx: Context) -> None:
        _refuse_to_sign_in_on_satellites(ctx)
        if token := presented_token(ctx):
            ctx.client = await find_client(ctx, token)
        if ctx.request.path != HANDSHAKE_PATH:  # a navigation makes a new development browser by itself
            await identify_by_dev_browser(ctx)
        ctx.testing_token = await carries_testing_token(ctx)
        if ctx.request.is_native and (nonce := ctx.request.query_value("rotating_token_nonce")):
            await redeem(ctx, nonce)

    async def ensure_client(self, ctx: Context) -> CurrentClient:
        browser = await lock_dev_browser(ctx)
        if browser is not None and presented_dev_browser(ctx):
            await take_client_of(ctx, browser)
        if ctx.client is not None:
            return ctx.client
        await ctx.limit_anonymous_row("client")
        client = await create_client(ctx, reserved_client_id(ctx, browser) if browser else None)
        if browser is not None:
            await bind_to_client(ctx, browser)
        return client

    async def current_session(self, ctx: Context) -> CurrentSession:
        return await lifecycle.current_session(ctx)

    async def bearer_session(self, ctx: Context) -> CurrentSession:
        return await bearer_session(ctx)

    async def finish(self, ctx: Context) -> None:
        due = isinstance(ctx.client, KnownClient) and ctx.client.row.rotation_due
        if ctx.client is None:
            return
        if not (ctx.client_changed or ctx.rotate_client or due or changes_client(ctx)):
            return
        if ctx.rotate_client or due:
            # A flow begun before this sign-in must not steer the browser after it.
            await abandon_sign_ins(ctx, ctx.client.id)
            await abandon_sign_ups(ctx, ctx.client.id)
        row = await update_client(ctx, ctx.client.id)
        ctx.client = KnownClient(row.id, row)
        domain = ctx.satellite.domain if ctx.satellite else ctx.instance.domain
        if not ctx.instance.is_development and domain:
            live = await ctx.db.one(LAST_SELECTED, instance_id=ctx.instance.id, client_id=row.id, now=ctx.now)
            cookies = AppCookies(ctx.instance, secure=True, domain=domain)
            # In whole seconds of this request's own clock: never later than the `iat` of a token made now.
            ctx.set_cookies += cookies.client_uat(ctx.now // 1000 if live else 0)

    async def client_resource(self, ctx: Context) -> FrontendClient | None:
        if ctx.client is None:
            return None
        row = await ctx.db.one(GET, instance_id=ctx.instance.id, id=ctx.client.id)
        return None if row is None else await frontend_client(ctx, row)


def _refuse_to_sign_in_on_satellites(ctx: Context) -> None:
    """Refuse sign-ins on satellites: a sign-in has to replace the cookie of the primary domain."""
    if ctx.request.is_safe or not ctx.request.path.startswith(_BY_SIGNING_IN):
        return
    named = ctx.request.query_value("__domain") if ctx.instance.is_development else None
    if ctx.satellite is not None or (named and satellite_named(ctx.instance, named)):
        raise errors.not_on_satellite()
