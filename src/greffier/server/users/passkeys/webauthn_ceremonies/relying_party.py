"""The relying party of an instance's passkeys: the domain that they work on, and the pages that may use them
(WebAuthn Level 3 sections 5.1.2 and 5.11).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from greffier.server.web.context import Context
from greffier.server.web.http.hosts import hostname_of
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.instance.instance import Instance


def relying_party_id(ctx: Context) -> str:
    """Returns the RP ID: the application's domain, whose subdomains share its passkeys. In development there
    is none, and the host of the page takes its place.
    """
    if ctx.instance.domain and not ctx.instance.is_development:
        return ctx.instance.domain
    return _host_of(ctx.request.page_origin) or _host_of(ctx.public_url) or _api_host(ctx.instance)


def related_origins(instance: Instance) -> list[str]:
    """Returns the origins on other domains that may use the passkeys of the application's domain."""
    own = [origin for origin in instance.settings.allowed_origins if origin.startswith("http")]
    return own + [f"https://{satellite.domain}" for satellite in instance.satellites]


def may_use_passkeys(instance: Instance, origin: str, rp_id: str) -> bool:
    """Returns whether a page of this origin may use passkeys of an RP ID: browsers have checked that, too."""
    host = _host_of(origin)
    if host is None or not origin_allowed(instance, origin):
        return False
    return host == rp_id or host.endswith("." + rp_id) or origin in related_origins(instance)


def _api_host(instance: Instance) -> str:
    return hostname_of(instance.frontend_api_host)


def _host_of(origin: str | None) -> str | None:
    try:
        return urlsplit(origin or "").hostname
    except ValueError:
        return None
