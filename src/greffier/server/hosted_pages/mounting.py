"""The mount path of this server in a browser, and the permitted destinations of its pages."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse

from greffier.server import errors
from greffier.server.settings import Settings
from greffier.server.web.http.hosts import accounts_host
from greffier.server.web.http.redirects import redirect_allowed
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.http.satellites import satellite_reached_by
from greffier.server.web.instance.instance import Instance

_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
_LOCAL_ORIGIN = r"^https?://(([^\s/:@]+\.)?localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$"


def mount_path(settings: Settings, request: RequestInfo) -> str:
    """The path before all of ours, such as `/__clerk`; empty at the root of a host."""
    return urlsplit(settings.public_url or request.base_url).path.rstrip("/")


def require_known_destinations(instance: Instance, request: RequestInfo) -> None:
    """Check every parameter that the browser SDK or its UI may follow: their names end in `_url`.

    Raises:
        ApiError: 403 when one leads to an origin that may not call this server (no open redirects).
    """
    for name, values in request.query.items():
        if name.endswith("_url") and not all(_is_known(instance, value) for value in values):
            raise errors.redirect_url_not_allowed()


def primary_page(instance: Instance, request: RequestInfo, query: str) -> RedirectResponse | None:
    """On a satellite's host, and on the `accounts.` host to which SDKs lead by default, the way to the same
    page on the host that has the client's cookie."""
    on_accounts_host = request.hostname == accounts_host(instance.frontend_api_host)
    if satellite_reached_by(instance, request) is None and not (
        on_accounts_host and not instance.is_development
    ):
        return None
    primary = instance.public_url or f"https://{instance.frontend_api_host}"
    return RedirectResponse(f"{primary}{request.path}{'?' if query else ''}{query}", 303)


def _is_known(instance: Instance, url: str) -> bool:
    return not url or _PATH.fullmatch(url) is not None or redirect_allowed(instance, url)


def destination_patterns(instance: Instance) -> list[str]:
    """The same rule for the browser, which also reads parameters behind `#`: regular expressions of origins
    besides the page's own."""
    public = urlsplit(instance.public_url) if instance.public_url else None
    own = [f"{public.scheme}://{public.netloc}"] if public else []
    patterns = [f"^{_escape(origin)}$" for origin in (*instance.settings.allowed_origins, *own)]
    domains = [satellite.domain for satellite in instance.satellites]
    scheme = "https"
    if instance.is_development:
        patterns.append(_LOCAL_ORIGIN)
        scheme = "https?"
    elif instance.domain is not None:
        domains.append(instance.domain)
    hosts = [rf"^{scheme}://{_escape(host)}(:\d{{1,5}})?$" for host in sorted(instance.hosts)]
    return [
        *patterns,
        *hosts,
        *(rf"^{scheme}://([a-z0-9-]+\.)*{_escape(domain)}(:\d{{1,5}})?$" for domain in domains),
    ]


def _escape(text: str) -> str:
    """For JavaScript, whose expressions with the `v` flag refuse needless escapes that `re.escape` makes."""
    return re.sub(r"[.*+?^${}()|\[\]\\/]", lambda found: "\\" + found[0], text)
