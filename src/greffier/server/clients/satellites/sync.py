"""Synchronizes a satellite domain with the client of the primary one, by two redirects.

A satellite's `sync` sends the browser to the primary's `sync`, which answers with a hand-over: a token that
is good once, for a minute, for that satellite, that page and that browser. The satellite's `link` takes it
and sets the satellite's own cookies. A cookie that the satellite's `sync` set binds this to the browser that
began, so that an attacker's link cannot sign a visitor in.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

import msgspec

from greffier.server import errors
from greffier.server.clients.handshake.app_cookies import AppCookies
from greffier.server.clients.identity import KnownClient, clear_client_cookie, send_client_secret
from greffier.server.clients.queries import (
    GET,
    INSERT_SATELLITE_LINK,
    LOCK_SATELLITE_LINK,
    UPDATE_SATELLITE_LINK,
)
from greffier.server.clients.satellites.requests import LinkQuery, SyncQuery
from greffier.server.clients.satellites.secrets import create_satellite_secret
from greffier.server.clients.tables import SatelliteLinkRow
from greffier.server.crypto.secrets import hash_secret, new_secret, same
from greffier.server.sessions.lifecycle import live_sessions
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context
from greffier.server.web.http.cookies import set_cookie
from greffier.server.web.http.redirects import require_redirect, with_query
from greffier.server.web.http.satellites import satellite_named, satellite_of_page
from greffier.server.web.instance.instance import Satellite
from greffier.server.web.operations.declaration import Raw

STATE_COOKIE = "__Host-clerk_sync_state"
"""With this prefix no other host, such as a sibling of this one, can have set it (RFC 6265bis section
4.1.3)."""
STATE_LIFETIME = 300
LINK_LIFETIME = 60
"""Seconds, both."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = re.compile(r"[0-9a-f]{64}")
_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_SYNCED = "__clerk_synced"


async def sync_client(ctx: Context, query: SyncQuery) -> Raw:
    """On a satellite: ask the primary domain. There: answer the satellite.

    Raises:
        ApiError: 400 in development or without `redirect_url`, 403 when it is no page of the satellite, 422
            when `link_domain` names none.
    """
    if ctx.instance.is_development:
        raise errors.sync_in_development()
    if ctx.satellite is not None:
        return ask_primary(ctx, ctx.satellite, query.redirect_url)
    if not query.link_domain:
        raise errors.invalid_params(errors.param_missing("link_domain"))
    satellite = satellite_named(ctx.instance, query.link_domain)
    if satellite is None:
        raise errors.invalid_params(errors.param_value_invalid("link_domain", query.link_domain[:255]))
    redirect_url = _require_page(ctx, satellite, query.redirect_url)
    if query.state is None or not _STATE.fullmatch(query.state):
        # Begun here: the satellite has to remember the browser first.
        return _go(f"{satellite.url}/v1/client/sync", redirect_url=redirect_url)
    return _go(
        f"{satellite.url}/v1/client/link",
        __clerk_token=await _hand_over(ctx, satellite, redirect_url, query.state),
    )


def ask_primary(ctx: Context, satellite: Satellite, redirect_url: str | None) -> Raw:
    """Send the browser to the primary domain, which sends it back to the page, by `link_client`.

    Raises:
        ApiError: 400 without `redirect_url`, 403 when it is no page of the satellite.
    """
    redirect_url = _require_page(ctx, satellite, redirect_url)
    nonce = ctx.request.cookies.get(STATE_COOKIE, "")
    if not _NONCE.fullmatch(nonce):  # one for all tabs that synchronize at once
        nonce = new_secret()
    ctx.set_cookies.append(
        set_cookie(STATE_COOKIE, nonce, max_age=STATE_LIFETIME, secure=True, http_only=True)
    )
    return _go(
        f"{ctx.public_url}/v1/client/sync",
        link_domain=satellite.domain,
        redirect_url=redirect_url,
        state=hash_secret(nonce),
    )


def _require_page(ctx: Context, satellite: Satellite, url: str | None) -> str:
    url = require_redirect(ctx.instance, url)
    if satellite_of_page(ctx.instance, url) != satellite:
        raise errors.redirect_url_not_allowed()
    return url


def _go(url: str, **query: str) -> Raw:
    return Raw(307, _HEADERS | {"location": f"{url}?{urlencode(query)}"})


async def _hand_over(ctx: Context, satellite: Satellite, redirect_url: str, state_hash: str) -> str:
    """The token of a new hand-over; it carries no client when the browser is signed out."""
    token = f"slt_{new_secret()}"
    await ctx.limit_anonymous_row("satellite_link")
    await ctx.db.insert(
        INSERT_SATELLITE_LINK,
        SatelliteLinkRow(
            id=new_id("slnk", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            token_hash=hash_secret(token),
            state_hash=state_hash,
            domain=satellite.domain,
            client_id=ctx.client.id if ctx.client and await live_sessions(ctx, ctx.client.id) else None,
            redirect_url=redirect_url,
            used=False,
            created_at=ctx.now,
            expire_at=ctx.now + LINK_LIFETIME * 1000,
        ),
    )
    return token


async def link_client(ctx: Context, query: LinkQuery) -> Raw:
    """Take a hand-over: the satellite's cookies become those of the primary's client, or are cleared.

    Raises:
        ApiError: 400 when the token is unknown, expired or of another satellite; 403 on the primary domain,
            in another browser than that which began, or a second time.
    """
    if ctx.satellite is None:
        raise errors.not_on_primary()
    link = await ctx.db.one(
        LOCK_SATELLITE_LINK, instance_id=ctx.instance.id, token_hash=hash_secret(query.token)
    )
    if link is None or link.domain != ctx.satellite.domain or link.expire_at <= ctx.now:
        raise errors.sync_nonce_invalid()
    if not same(hash_secret(ctx.request.cookies.get(STATE_COOKIE, "")), link.state_hash):
        raise errors.sync_nonce_of_another_browser()
    if link.used:
        raise errors.sync_nonce_consumed()
    await ctx.db.save(UPDATE_SATELLITE_LINK, msgspec.structs.replace(link, used=True))
    await _take_over(ctx, ctx.satellite, link)
    return Raw(307, _HEADERS | {"location": as_synced(link.redirect_url)})


async def _take_over(ctx: Context, satellite: Satellite, link: SatelliteLinkRow) -> None:
    cookies = AppCookies(ctx.instance, secure=True, domain=satellite.domain)
    if link.client_id is None:
        clear_client_cookie(ctx)
        ctx.client = None
        ctx.set_cookies += cookies.client_uat(0)
        return
    row = await ctx.db.one(GET, instance_id=ctx.instance.id, id=link.client_id)
    if row is None or row.rotation_due or row.secret_since > link.created_at:
        # The client signed in or out since: an older hand-over must not lead into the newer state.
        raise errors.sync_nonce_invalid()
    send_client_secret(ctx, row.id, await create_satellite_secret(ctx, row.id, satellite))
    ctx.client = KnownClient(row.id, row)
    live = await live_sessions(ctx, row.id)
    ctx.set_cookies += cookies.client_uat(ctx.now // 1000 if live else 0)


async def before_handshake(
    ctx: Context, redirect_url: str, *, satellite_fapi: str | None, reason: str | None
) -> Raw | None:
    """The redirect that a handshake of production needs before it can set the page's cookies, if any.

    Args:
        satellite_fapi: host or URL of the satellite's Frontend API, where the caller names it.
        reason: the SDK's reason for the handshake.

    Raises:
        ApiError: 403 when this host's cookies do not reach the page.
    """
    page = satellite_of_page(ctx.instance, redirect_url)
    if satellite_fapi and (page is None or not _is_api_of(page, satellite_fapi)):
        raise errors.redirect_url_not_allowed()
    if ctx.satellite is None:
        return None if page is None else Raw(307, _HEADERS | {"location": _handshake_url(ctx, page)})
    if page != ctx.satellite:
        raise errors.redirect_url_not_allowed()
    if is_synced(ctx):
        return None
    asked = reason == "satellite-needs-syncing" or f"{_SYNCED}=false" in urlsplit(redirect_url).query
    if not asked and ctx.client is not None and await live_sessions(ctx, ctx.client.id):
        return None
    return ask_primary(ctx, ctx.satellite, _handshake_url(ctx, ctx.satellite))


def is_synced(ctx: Context) -> bool:
    """Whether this request comes straight from `link_client`."""
    return ctx.satellite is not None and ctx.request.query_value(_SYNCED) == "true"


def as_synced(redirect_url: str) -> str:
    """The page's address in a form that keeps SDKs from synchronizing again."""
    return with_query(redirect_url, __clerk_synced="true")


def _is_api_of(satellite: Satellite, named: str) -> bool:
    return named.removeprefix("https://").rstrip("/") in (
        satellite.host,
        satellite.url.removeprefix("https://"),
    )


def _handshake_url(ctx: Context, satellite: Satellite) -> str:
    """This handshake on the satellite. Tokens are dropped: the satellite's own cookie identifies the
    client."""
    query = [
        (name, value)
        for name, values in ctx.request.query.items()
        if name not in ("__session", "__clerk_db_jwt")
        for value in values
    ]
    return f"{satellite.url}/v1/client/handshake?{urlencode(query)}"
