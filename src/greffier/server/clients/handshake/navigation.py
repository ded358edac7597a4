"""The handshake: a browser navigation that brings the application's cookies up to date."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

from greffier.server import errors
from greffier.server.clients.dev_browser import (
    bind_to_client,
    create_dev_browser,
    find_dev_browser,
    presented_token,
    take_client_of,
)
from greffier.server.clients.handshake.app_cookies import AppCookies
from greffier.server.clients.identity import KnownClient
from greffier.server.clients.queries import FIND_HANDSHAKE_PAYLOAD, INSERT_HANDSHAKE_PAYLOAD
from greffier.server.clients.requests import HandshakeQuery
from greffier.server.clients.satellites.sync import as_synced, before_handshake, is_synced
from greffier.server.clients.tables import HandshakePayloadRow
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.sessions.active_organization import activate_if_usable
from greffier.server.sessions.lifecycle import keep_active, live_sessions
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tokens.minting import sign_session_token
from greffier.server.sessions.tokens.refresh import create_refresh_token
from greffier.server.signing.jwts import CATEGORY_IGNORE, read_unverified_claims
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context
from greffier.server.web.http.cookies import set_cookie
from greffier.server.web.http.redirects import require_redirect, with_query
from greffier.server.web.http.request import origin_of
from greffier.server.web.operations.declaration import Raw

log = logging.getLogger("greffier.clients")

_STATE = re.compile(r"[A-Za-z0-9_-]{43}")
HANDSHAKE_PATH = "/v1/client/handshake"
MAX_COOKIE = 3900
"""Characters of a cookie's name and value; browsers keep 4,096 bytes with its attributes."""
PAYLOAD_LIFETIME = 60
"""Seconds that a nonce, or the cookie of a handshake, can be redeemed; more than once, because test tools and
browsers repeat requests."""


async def handshake(ctx: Context, query: HandshakeQuery) -> Raw:
    """Redirect back to the application with the cookies it should have.

    Raises:
        ApiError: 400 without `redirect_url`, 422 with an unknown `format`, 403 when it is of another origin,
            or one that this host's cookies do not reach.
    """
    redirect_url = require_redirect(ctx.instance, query.redirect_url)
    if query.format not in (None, "token", "nonce"):
        raise errors.invalid_params(errors.param_value_invalid("format", query.format))
    if not ctx.instance.is_development:
        detour = await before_handshake(
            ctx, redirect_url, satellite_fapi=query.satellite_fapi, reason=query.reason
        )
        if detour is not None:
            return detour
    cookies = AppCookies(
        ctx.instance,
        secure=redirect_url.startswith("https:"),
        domain=_shared_domain(ctx, redirect_url),
    )
    directives = await _directives(ctx, cookies, query)
    if query.format == "nonce":
        name, value = "__clerk_handshake_nonce", await _store(ctx, directives, _echo(query))
    else:
        name, value = "__clerk_handshake", _handshake_token(ctx, directives, _echo(query))
        if not ctx.instance.is_development and len(name + value) > MAX_COOKIE:
            directives = _in_one_family(directives, suffixed=query.suffixed == "true")
            value = _handshake_token(ctx, directives, _echo(query))
            if len(name + value) > MAX_COOKIE:
                log.error("a handshake in the form of a token has %d characters, too many", len(value))
                raise errors.handshake_too_large()
    return _deliver(ctx, as_synced(redirect_url) if is_synced(ctx) else redirect_url, name, value)


def _in_one_family(directives: list[str], *, suffixed: bool) -> list[str]:
    """Without the session's cookie of those names that the application does not read."""
    return [
        one
        for one in directives
        if not one.startswith("__session") or one.startswith("__session_") == suffixed
    ]


def _shared_domain(ctx: Context, redirect_url: str) -> str | None:
    """In production the cookies are of the parent domain that the application shares with this server."""
    domain = ctx.satellite.domain if ctx.satellite else ctx.instance.domain
    host = urlsplit(redirect_url).hostname or ""
    if ctx.instance.is_development or domain is None:
        return None
    return domain if host == domain or host.endswith("." + domain) else None


async def _directives(ctx: Context, cookies: AppCookies, query: HandshakeQuery) -> list[str]:
    lines: list[str] = []
    if ctx.instance.is_development:
        lines += cookies.dev_browser(await _dev_browser_token(ctx))
    else:
        lines += cookies.no_handshake()
    session = await _session(ctx, query)
    if session is None:
        return [*lines, *cookies.client_uat(0), *cookies.no_session()]
    await keep_active(ctx, session)
    session = await activate_if_usable(ctx, session, query.organization_id)
    token = await sign_session_token(ctx, session, azp=origin_of(query.redirect_url or ""))
    return [
        *lines,
        *cookies.client_uat(ctx.now // 1000),
        *cookies.refresh_token(await create_refresh_token(ctx, session)),
        *cookies.session(token),
    ]


async def _dev_browser_token(ctx: Context) -> str:
    token = presented_token(ctx)
    row = await find_dev_browser(ctx, token) if token else None
    if token is None or row is None:
        return await create_dev_browser(ctx)
    if ctx.client is None:
        await take_client_of(ctx, row)
    else:
        await bind_to_client(ctx, row)
    return token


async def _session(ctx: Context, query: HandshakeQuery) -> SessionRow | None:
    """The session that the application has, if it is live on this client, else the active one."""
    if not isinstance(ctx.client, KnownClient):
        return None
    live = await live_sessions(ctx, ctx.client.id)
    named = read_unverified_claims(query.session or "").get("sid")
    chosen = next((s for s in live if s.id == named), None)
    return chosen or max(live, key=lambda s: (s.selected_at, s.id), default=None)


def _echo(query: HandshakeQuery) -> str:
    """The state that the SDK compares with its cookie in the browser. Empty where it sent none, so that no
    answer can pass for one of a server that does not know of this.
    """
    return query.state if _STATE.fullmatch(query.state) else ""


async def _store(ctx: Context, directives: list[str], state: str) -> str:
    await ctx.limit_anonymous_row("handshake")
    nonce = f"hsn_{new_secret()}.{state}"
    await ctx.db.insert(
        INSERT_HANDSHAKE_PAYLOAD,
        HandshakePayloadRow(
            id=new_id("hsp", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            nonce_hash=hash_secret(nonce),
            directives=directives,
            expire_at=ctx.now + PAYLOAD_LIFETIME * 1000,
        ),
    )
    return nonce


def _handshake_token(ctx: Context, directives: list[str], state: str) -> str:
    """Marked with the category that the session verifiers of SDKs pass over, and without a subject, so that
    it never passes for a session token.
    """
    issued = ctx.now // 1000
    claims = {
        "handshake": directives,
        "state": state,
        "iss": ctx.instance.issuer,
        "iat": issued,
        "exp": issued + PAYLOAD_LIFETIME,
    }
    return ctx.services.ports.signing.current(ctx.instance.id).sign_jwt(claims, category=CATEGORY_IGNORE)


def _deliver(ctx: Context, redirect_url: str, name: str, value: str) -> Raw:
    """In development by query, because the application may be on any host; in production by cookie."""
    headers = {"cache-control": "no-store"}
    if ctx.instance.is_development:
        return Raw(
            307, headers | {"location": with_query(redirect_url, drop=("__clerk_db_jwt",), **{name: value})}
        )
    ctx.set_cookies.append(
        set_cookie(
            name,
            value,
            max_age=PAYLOAD_LIFETIME,
            domain=_shared_domain(ctx, redirect_url),
            secure=redirect_url.startswith("https:"),
        )
    )
    return Raw(307, headers | {"location": redirect_url})


async def redeem(ctx: Context, nonce: str) -> list[str]:
    """The directives behind a nonce.

    Raises:
        ApiError: 404 when there is none or its time is over.
    """
    row = await ctx.db.one(
        FIND_HANDSHAKE_PAYLOAD,
        instance_id=ctx.instance.id,
        nonce_hash=hash_secret(nonce),
        now=ctx.now,
    )
    if row is None:
        raise errors.not_found("handshake payload")
    return row.directives
