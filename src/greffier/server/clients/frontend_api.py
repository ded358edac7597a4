"""The client, its development browser and the handshake, as browsers see them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.clients import dev_browser
from greffier.server.clients.handshake.app_cookies import AppCookies
from greffier.server.clients.handshake.navigation import handshake
from greffier.server.clients.identity import KnownClient, clear_client_cookie, renew_client_cookie
from greffier.server.clients.landing.callbacks import land_answer, land_link
from greffier.server.clients.landing.tickets import land_ticket
from greffier.server.clients.queries import LOCK, UPDATE
from greffier.server.clients.requests import (
    DevBrowserInitQuery,
    HandshakeQuery,
    RedirectQuery,
    TicketQuery,
    VerifyQuery,
)
from greffier.server.clients.resources import FrontendClient, frontend_client
from greffier.server.clients.satellites import requests
from greffier.server.clients.satellites import sync as satellites
from greffier.server.crypto.secrets import new_secret
from greffier.server.sessions.lifecycle import finish_sessions_of_client
from greffier.server.web.context import Context
from greffier.server.web.http.forms import Body
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.http.redirects import require_redirect
from greffier.server.web.http.small_pages import refusal_with_way_back
from greffier.server.web.operations.declaration import Raw, frontend_api


class DevBrowser(msgspec.Struct):
    """Today's browser SDK reads `id`, that of 2022-23 reads `token`; both are the same."""

    id: str
    token: str
    object: str = "dev_browser"


async def _resource(ctx: Context) -> FrontendClient | None:
    if not isinstance(ctx.client, KnownClient):
        return None
    return await frontend_client(ctx, ctx.client.row)


@frontend_api.get("/v1/client", with_client=False)
async def get_client(ctx: Context) -> FrontendClient | None:
    """Never 401: the browser SDK would ask again without end. A development browser that is known sees its
    client before it has one, because SDKs of that time read fields of it."""
    if ctx.client is None and (row := await dev_browser.prospective_client(ctx)) is not None:
        return await frontend_client(ctx, row)
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
    """Sign every session out and delete the client."""
    if ctx.client is None:
        raise errors.not_found("client")
    await finish_sessions_of_client(ctx, ctx.client.id, "removed")
    await ctx.services.ports.caller.finish(ctx)
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=ctx.client.id)
    if row is not None:
        await ctx.db.save(UPDATE, msgspec.structs.replace(row, deleted=True))
    clear_client_cookie(ctx)
    ctx.client = None


@frontend_api.delete("/v1/client/sessions")
async def remove_client_sessions_and_retain_cookie(ctx: Context) -> FrontendClient | None:
    """Sign every session out; the client stays."""
    if ctx.client is None:
        raise errors.not_found("client")
    await finish_sessions_of_client(ctx, ctx.client.id, "removed")
    return await _resource(ctx)


@frontend_api.post("/v1/dev_browser", no_envelope=True)
async def create_dev_browser(ctx: Context) -> DevBrowser:
    if not ctx.instance.is_development:
        raise errors.development_only()
    token = await dev_browser.create_dev_browser(ctx)
    return DevBrowser(id=token, token=token)


@frontend_api.post("/v1/dev_browser/set_first_party_cookie", no_envelope=True)
async def post_dev_browser_init_set_cookie(ctx: Context) -> DevBrowser:
    """For browser SDKs of 2022-23 that could not read `POST /v1/dev_browser`: the token in a cookie."""
    created = await create_dev_browser(ctx)
    ctx.set_cookies += AppCookies(ctx.instance, secure=ctx.request.secure, domain=None).dev_browser(
        created.token
    )
    return created


@frontend_api.get("/v1/dev_browser/init", no_envelope=True)
async def get_dev_browser_init(ctx: Context, query: DevBrowserInitQuery) -> Raw:
    """The same in a frame: a page that hands the token to the page around it, and to no other."""
    if query.origin is None or not origin_allowed(ctx.instance, query.origin):
        raise errors.origin_invalid(query.origin or "")
    created = await create_dev_browser(ctx)
    nonce = new_secret()
    message = msgspec.json.encode({"browserToken": created.token}).decode()
    target = msgspec.json.encode(query.origin).decode()
    page = f'<!doctype html><script nonce="{nonce}">parent.postMessage({message}, {target})</script>'
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": (
            f"default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors {query.origin}"
        ),
        "cache-control": "no-store",
    }
    return Raw(200, headers, page.encode())


@frontend_api.get("/v1/client/touch")
async def touch_client(ctx: Context, query: RedirectQuery) -> Raw:
    """A navigation that lets the browser keep the client's cookie longer than one that a script set."""
    location = require_redirect(ctx.instance, query.redirect_url)
    renew_client_cookie(ctx)
    return Raw(307, {"location": location, "cache-control": "no-store"})


@frontend_api.get("/v1/redirect")
async def redirect_to_url(ctx: Context, query: RedirectQuery) -> Raw:
    """Go on to a page of an origin that may call this server."""
    location = require_redirect(ctx.instance, query.redirect_url)
    return Raw(307, {"location": location, "cache-control": "no-store"})


@frontend_api.get("/v1/verify", write_refusal=refusal_with_way_back)
async def verify(ctx: Context, query: VerifyQuery) -> Raw:
    """Open a link from a mail. HEAD, which mail scanners send before the user follows the link, opens
    none."""
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    if ctx.request.method == "HEAD":
        return Raw(200, headers)
    answer = Parameters(Body("query", dict(ctx.request.query)))
    return Raw(303, {"location": await land_link(ctx, query.token, answer), **headers})


@frontend_api.get("/v1/oauth_callback", invalid_status=400, write_refusal=refusal_with_way_back)
async def get_oauth_callback(ctx: Context) -> Raw:
    """The browser comes back from another site. HEAD, which scanners send, uses nothing up."""
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    if ctx.request.method == "HEAD":
        return Raw(200, headers)
    answer = Parameters(Body("query", dict(ctx.request.query)))
    return Raw(303, {"location": await land_answer(ctx, answer), **headers})


_MAX_ANSWER = 8192
"""Characters of an answer by a form. It goes on in a URL, and servers take no longer ones: a longer one is
dropped, and then nothing waits for what is left."""


@frontend_api.post("/v1/oauth_callback", no_envelope=True, from_memory=True)
async def post_oauth_callback(ctx: Context, rest: Parameters) -> Raw:
    """Some sites answer by a form (OAuth 2.0 Form Post Response Mode). A browser sends no cookies with a form
    of another site, so it asks again by a navigation."""
    query = rest.as_query()
    url = f"{ctx.public_url}/v1/oauth_callback?{query if len(query) <= _MAX_ANSWER else ''}"
    return Raw(303, {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"})


@frontend_api.get("/v1/tickets/accept", write_refusal=refusal_with_way_back)
async def accept_ticket(ctx: Context, query: TicketQuery) -> Raw:
    """Go on to the page that uses the ticket."""
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Raw(303, {"location": await land_ticket(ctx, query.ticket), **headers})


@frontend_api.get("/v1/clear-site-data", no_envelope=True)
async def clear_site_data(ctx: Context) -> dict[str, str]:
    """Make the browser clear what this host has stored. Another site's page cannot ask for it."""
    if ctx.request.headers.get("sec-fetch-site") == "cross-site":
        raise errors.origin_invalid(ctx.request.origin or "of another site")
    ctx.response_headers["clear-site-data"] = '"cookies", "storage"'
    return {}


@frontend_api.get("/v1/client/sync")
async def sync_client(ctx: Context, query: requests.SyncQuery) -> Raw:
    return await satellites.sync_client(ctx, query)


@frontend_api.get("/v1/client/link")
async def link_client(ctx: Context, query: requests.LinkQuery) -> Raw:
    return await satellites.link_client(ctx, query)


@frontend_api.get("/v1/client/handshake")
async def handshake_client(ctx: Context, query: HandshakeQuery) -> Raw:
    return await handshake(ctx, query)
