"""The facts of an HTTP request for rules, without the web framework."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from greffier.server.web.http.hosts import hostname_of


class RequestInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of one request.

    `base_url` is where the caller reached this server: scheme, host and mount path, without trailing slash.
    `from_trusted_proxy` says that a trusted reverse proxy sent it. `proxy_url` is the URL of an application's
    own proxy, which has authenticated itself.
    """

    method: str
    path: str
    base_url: str
    host: str
    secure: bool
    origin: str | None
    user_agent: str
    ip_address: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    cookies: dict[str, str]
    proxy_url: str | None = None
    from_trusted_proxy: bool = False

    @property
    def is_safe(self) -> bool:
        """Whether its method only reads (RFC 9110, section 9.2.1)."""
        return self.method in ("GET", "HEAD")

    @property
    def is_native(self) -> bool:
        """Whether it says that it is a native app, which keeps its client's token without cookies."""
        return self.query_value("_is_native") == "1"

    @property
    def hostname(self) -> str:
        """`host` without a port and brackets, in lower case."""
        return hostname_of(self.host)

    @property
    def page_origin(self) -> str | None:
        """The origin of the page that asks. A GET to the page's own origin has no `Origin` header (Fetch
        standard, section 3.2), but says so and names the page."""
        if self.origin is None and self.headers.get("sec-fetch-site") == "same-origin":
            return origin_of(self.headers.get("referer", ""))
        return self.origin

    def query_value(self, name: str) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None


def origin_of(url: str) -> str | None:
    """The origin of an http(s) URL (RFC 6454), or `None` when it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else None
