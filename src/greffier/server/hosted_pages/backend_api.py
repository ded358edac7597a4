"""The page by which SDKs of 2022-23 authenticate a browser: their servers answer it in place of the page that
was asked for, when cookies alone do not tell (contract: `GetPublicInterstitial`).
"""

from __future__ import annotations

import re

import msgspec

from greffier.sdk.keys import InvalidKey, decode_publishable_key
from greffier.server import errors
from greffier.server.hosted_pages.rendering import BROWSER_SDK, render, safety_headers
from greffier.server.web.context import Context
from greffier.server.web.http.hosts import hostname_of
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.http.request import origin_of
from greffier.server.web.http.satellites import satellite_named
from greffier.server.web.instance.instance import Instance
from greffier.server.web.operations.declaration import Raw, backend_api

OLDEST_TESTED = "4"
_VERSION = re.compile(r"[0-9A-Za-z.^~-]{1,40}")
_NUMBERED = re.compile(r"[0-9^~]")


class InterstitialQuery(msgspec.Struct, kw_only=True):
    """`frontendApi` is an older spelling; `domain` is the satellite's, with or without `clerk.`"""

    publishable_key: str | None = None
    frontend_api: str | None = None
    frontend_api_in_camel_case: str | None = msgspec.field(default=None, name="frontendApi")
    proxy_url: str | None = None
    sign_in_url: str | None = None
    is_satellite: bool | None = None
    domain: str | None = None
    clerk_js_version: str = OLDEST_TESTED


@backend_api.get("/v1/public/interstitial", public=True, any_host=True)
async def get_public_interstitial(ctx: Context, query: InterstitialQuery) -> Raw:
    """At whichever host it is asked for: servers have names for this one that browsers have not."""
    return _interstitial(_about(ctx, _named_instance(ctx, query)), query)


@backend_api.get("/v1/internal/interstitial")
async def get_internal_interstitial(ctx: Context, query: InterstitialQuery) -> Raw:
    """The same for a caller with a secret key, which identifies the instance."""
    return _interstitial(ctx, query)


def _named_instance(ctx: Context, query: InterstitialQuery) -> Instance:
    host = query.frontend_api or query.frontend_api_in_camel_case
    if query.publishable_key:
        try:
            host = decode_publishable_key(query.publishable_key).frontend_api
        except InvalidKey as error:
            raise errors.bad_request(str(error)) from None
    instance = ctx.services.ports.instances.by_host(host) if host else None
    if instance is None or hostname_of(host or "") not in _hosts(instance):
        raise errors.bad_request("publishable_key or frontend_api must name an instance of this server.")
    return instance


def _hosts(instance: Instance) -> frozenset[str]:
    return instance.hosts | {satellite.host for satellite in instance.satellites}


def _about(ctx: Context, instance: Instance) -> Context:
    named = Context(ctx.services, ctx.db, instance, ctx.request, ctx.version)
    named.by_server = True
    return named


def _interstitial(ctx: Context, query: InterstitialQuery) -> Raw:
    if not _VERSION.fullmatch(query.clerk_js_version):
        raise errors.bad_request("clerk_js_version is not a version.")
    # A script from an address in an attacker's link would run on our own origin.
    for url in (query.proxy_url, query.sign_in_url):
        if url and not _is_of_the_application(ctx, url):
            raise errors.bad_request("proxy_url and sign_in_url must be of the application.")
    # A tag such as `latest` means the newest of the era in which this page was asked for.
    version = query.clerk_js_version if _NUMBERED.match(query.clerk_js_version) else OLDEST_TESTED
    base = (query.proxy_url or _frontend_api_url(ctx, query)).rstrip("/")
    options = {"signInUrl": query.sign_in_url or None, "isSatellite": query.is_satellite or None}
    html, nonce = render(
        "interstitial.html",
        application_name=ctx.instance.settings.application_name,
        publishable_key=ctx.instance.publishable_key,
        proxy_url=base,
        script_url=f"{base}/npm/@clerk/clerk-js@{version}/dist/clerk.browser.js",
        options={name: value for name, value in options.items() if value is not None},
    )
    # The page is shown by the application, whose origin is not that of the Frontend API.
    policy = BROWSER_SDK.replace("connect-src 'self'", f"connect-src 'self' {origin_of(base) or ''}".rstrip())
    headers = {"content-type": "text/html; charset=utf-8"} | safety_headers(policy.format(nonce=nonce))
    return Raw(200, headers, html.encode())


def _frontend_api_url(ctx: Context, query: InterstitialQuery) -> str:
    """The URL of the Frontend API for the page's SDK: in production a satellite has one of its own."""
    if not query.is_satellite or not query.domain or ctx.instance.is_development:
        return ctx.public_url
    satellite = satellite_named(ctx.instance, query.domain)
    if satellite is None:
        raise errors.bad_request("domain must name a satellite domain of the instance.")
    return satellite.url


def _is_of_the_application(ctx: Context, url: str) -> bool:
    if url.startswith("/") and not url.startswith(("//", "/\\")):
        return True
    origin = origin_of(url)
    return origin is not None and origin_allowed(ctx.instance, origin)
