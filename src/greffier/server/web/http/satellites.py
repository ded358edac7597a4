"""Satellite domains: which one a request came to, and which one a page is of.

In production every satellite has a Frontend API host, or a proxy, of its own, and with it cookies of its own.
In development there is one host for all, and the browser SDK names the satellite in `__domain`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from greffier.server.web.http.redirects import redirect_allowed
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.instance.instance import Instance, Satellite


def satellite_reached_by(instance: Instance, request: RequestInfo) -> Satellite | None:
    """The satellite whose host or proxy the request came to; `None` on the primary domain."""
    if instance.is_development:
        return None
    for satellite in instance.satellites:
        # The proxy is authenticated as the instance's own, with its address.
        if satellite.proxy_url is not None and satellite.proxy_url == request.proxy_url:
            return satellite
        if satellite.host == request.hostname and request.proxy_url is None:
            return satellite
    return None


def satellite_named(instance: Instance, name: str) -> Satellite | None:
    """The satellite with this domain or host."""
    return next((s for s in instance.satellites if name in (s.domain, s.host)), None)


def satellite_of_page(instance: Instance, url: str) -> Satellite | None:
    """The satellite to which a page belongs; `None` also for an address that is no valid redirect. In
    production it is https: the page gets cookies for https only.
    """
    if not redirect_allowed(instance, url):
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and not instance.is_development:
        return None
    return next((s for s in instance.satellites if s.covers(parts.hostname or "")), None)
