"""Where this server's paths begin in a browser, and where its pages may send people."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse

from greffier.server import errors
from greffier.server.settings import Settings
from greffier.server.web.context import Services, configured_url
from greffier.server.web.instance import Instance
from greffier.server.web.redirects import own_origin, redirect_allowed
from greffier.server.web.request import RequestInfo
from greffier.server.web.satellites import satellite_reached_by

_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
_LOCAL_ORIGIN = r"^https?://(([^\s/:@]+\.)?localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$"


def mount_path(settings: Settings, request: RequestInfo) -> str:
    """The path before all of ours, such as `/__clerk`; empty at the root of a host."""
    return urlsplit(settings.public_url or request.base_url).path.rstrip("/")


def require_known_destinations(instance: Instance, settings: Settings, request: RequestInfo) -> None:
    """Check every parameter that the browser SDK or its UI may follow: their names end in `_url`.

    Raises:
        ApiError: 403 when one leads to an origin that may not call this server (no open redirects).
    """
    for name, values in request.query.items():
        if name.endswith("_url") and not all(_is_known(instance, settings, request, v) for v in values):
            raise errors.redirect_url_not_allowed()


def primary_page(
    instance: Instance, services: Services, request: RequestInfo, query: str
) -> RedirectResponse | None:
    """On a satellite's host, the way to the same page on the primary domain, where people sign in."""
    if satellite_reached_by(instance, request) is None:
        return None
    primary = configured_url(services, instance) or f"https://{instance.frontend_api_host}"
    return RedirectResponse(f"{primary}{request.path}{'?' if query else ''}{query}", 303)


def _is_known(instance: Instance, settings: Settings, request: RequestInfo, url: str) -> bool:
    if not url or _PATH.fullmatch(url):
        return True
    public = urlsplit(settings.public_url) if settings.public_url else None
    own = f"{public.scheme}://{public.netloc}" if public else own_origin(request)
    return redirect_allowed(instance, url, own=own)


def destination_patterns(instance: Instance) -> list[str]:
    """The same rule for the browser, which also reads parameters behind `#`: regular expressions of origins
    besides the page's own."""
    patterns = [f"^{_escape(origin)}$" for origin in instance.settings.allowed_origins]
    domains = [satellite.domain for satellite in instance.satellites]
    scheme = "https"
    if instance.is_development:
        patterns.append(_LOCAL_ORIGIN)
        scheme = "https?"
    elif instance.domain is not None:
        domains.append(instance.domain)
    return patterns + [rf"^{scheme}://([a-z0-9-]+\.)*{_escape(domain)}(:\d{{1,5}})?$" for domain in domains]


def _escape(text: str) -> str:
    """For JavaScript, whose expressions with the `v` flag refuse needless escapes that `re.escape` makes."""
    return re.sub(r"[.*+?^${}()|\[\]\\/]", lambda found: "\\" + found[0], text)
