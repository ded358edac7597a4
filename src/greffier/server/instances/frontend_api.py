"""The instance's settings and health, as browsers see them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from greffier.server.instances.environment import environment, home_url, next_urls
from greffier.server.store.statements import Statement
from greffier.server.web.context import Context
from greffier.server.web.http.hosts import hostname_of
from greffier.server.web.http.proxies import nearest
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.operations.declaration import Raw, frontend_api

_PING: Statement[int] = Statement(sa.select(sa.literal(1)))


class Health(msgspec.Struct):
    status: str = "healthy"


@frontend_api.get("/v1/environment", no_envelope=True, from_memory=True)
async def get_environment(ctx: Context) -> dict[str, Any]:
    return environment(ctx.instance, ctx.public_url, ctx.request.page_origin)


@frontend_api.patch("/v1/environment", no_envelope=True, from_memory=True)
async def update_environment(ctx: Context) -> dict[str, Any]:
    """The environment again, as the browser SDK requests it in development; nothing is updated."""
    return environment(ctx.instance, ctx.public_url, ctx.request.page_origin)


@frontend_api.get("/v1/health", no_envelope=True, any_host=True)
async def get_health(ctx: Context) -> Health:
    await ctx.db.one(_PING)
    return Health()


class AccountPortalCustomization(msgspec.Struct, frozen=True):
    appearance: str | None = None
    background_color_dark: str | None = None
    background_color_light: str | None = None
    primary_color_dark: str | None = None
    primary_color_light: str | None = None


class AccountPortal(msgspec.Struct, kw_only=True):
    """Contract: `Client.AccountPortal`. The hosted pages, and where they lead afterwards."""

    object: str = "account_portal"
    allowed: bool = True
    enabled: bool = True
    internal_linking: bool = True
    after_sign_in_url: str
    after_sign_up_url: str
    after_join_waitlist_url: str
    after_create_organization_url: str
    after_leave_organization_url: str
    logo_link_url: str
    customization: AccountPortalCustomization = AccountPortalCustomization()


@frontend_api.get("/v1/account_portal", no_envelope=True, from_memory=True)
async def get_account_portal(ctx: Context) -> AccountPortal:
    home = home_url(ctx.instance, ctx.public_url, ctx.request.page_origin)
    after = next_urls(ctx.instance.settings, home)
    return AccountPortal(
        after_sign_in_url=after["after_sign_in"],
        after_sign_up_url=after["after_sign_up"],
        after_join_waitlist_url=after["after_join_waitlist"],
        after_create_organization_url=after["after_create_organization"],
        after_leave_organization_url=after["after_leave_organization"],
        logo_link_url=after["logo_link"],
    )


class ProxyHealth(msgspec.Struct, omit_defaults=True):
    status: Literal["healthy", "unhealthy"]
    x_forwarded_for: str | None = None
    message: str | None = None


@frontend_api.get("/v1/proxy-health", no_envelope=True, from_memory=True)
async def get_proxy_health(ctx: Context) -> ProxyHealth | Raw:
    """Whether an application's proxy in front of this API says what it must."""
    forwarded_for = ctx.request.headers.get("x-forwarded-for", "")
    if ctx.request.proxy_url is not None and forwarded_for:
        return ProxyHealth("healthy", x_forwarded_for=forwarded_for)
    problem = (
        "The proxy must send X-Forwarded-For."
        if ctx.request.proxy_url is not None
        else "The proxy must send Clerk-Proxy-Url, and in Clerk-Secret-Key a secret key of this instance."
    )
    body = msgspec.json.encode(ProxyHealth("unhealthy", message=problem))
    return Raw(503, {"content-type": "application/json", "cache-control": "no-store"}, body)


class HostHealthQuery(msgspec.Struct, kw_only=True):
    """The request as sent: `address` is the sender's value of `X-Forwarded-For`."""

    host: str = ""
    instance_id: str = ""
    address: str = ""


class HostHealth(msgspec.Struct):
    """The request as it arrived. It reveals of the proxies only whether they passed it on unchanged."""

    host: bool
    instance: bool
    https: bool
    forwarded_for: Literal["believed", "written_by_browser", "missing", "not_believed"]


@frontend_api.get("/v1/host-health", no_envelope=True, from_memory=True, any_host=True)
async def get_host_health(ctx: Context, query: HostHealthQuery) -> HostHealth:
    """Whether the reverse proxy in front of one host passes on what it must; of our own, for
    `greffier doctor`. At any host, because one that is not passed on is what it looks for."""
    request = ctx.request
    return HostHealth(
        host=request.hostname == hostname_of(query.host),
        instance=ctx.instance.id == query.instance_id,
        https=request.secure,
        forwarded_for=_forwarded_for(request, query.address),
    )


def _forwarded_for(
    request: RequestInfo, address: str
) -> Literal["believed", "written_by_browser", "missing", "not_believed"]:
    if not request.from_trusted_proxy:
        return "not_believed"
    forwarded_for = request.headers.get("x-forwarded-for", "")
    if not forwarded_for:
        return "missing"
    # A sender that is trusted itself is taken for a proxy: then its own address stands behind what it wrote.
    written = nearest(forwarded_for) == address == request.ip_address
    return "written_by_browser" if written else "believed"


@frontend_api.get("/.well-known/assetlinks.json", no_envelope=True, from_memory=True)
async def get_android_asset_links(ctx: Context) -> list[dict[str, Any]]:
    """No Android application can be registered yet."""
    return []


@frontend_api.get("/.well-known/apple-app-site-association", no_envelope=True, from_memory=True)
async def get_apple_app_site_association(ctx: Context) -> dict[str, Any]:
    """No iOS application can be registered yet."""
    return {"webcredentials": {"apps": []}}
