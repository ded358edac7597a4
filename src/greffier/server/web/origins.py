"""Which web origins may call the Frontend API (S10.3): decided before any handler or query."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from greffier.server.web.instance import Instance

_HOSTNAME = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
"""Internationalised names come in their ASCII form; the second is an IPv6 address without its brackets."""


@lru_cache(maxsize=1024)
def _hostname(origin: str) -> str | None:
    """The host of a well-formed http(s) origin (RFC 6454 section 6.2), else `None`."""
    try:
        parts = urlsplit(origin)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return None
    hostname = parts.hostname.lower()
    return hostname if _HOSTNAME.fullmatch(hostname) else None


def is_local(host: str) -> bool:
    """Whether a host name is this machine by definition (RFC 6761 section 6.3)."""
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")


def _is_own(host: str, instance: Instance) -> bool:
    domain = instance.domain
    return domain is not None and (host == domain or host.endswith("." + domain))


def origin_allowed(instance: Instance, origin: str, *, own_origin: str | None = None) -> bool:
    """Whether a page of this origin may call.

    Args:
        origin: the `Origin` header; `null` is never allowed.
        own_origin: the server's own origin as the request saw it; its hosted pages call it.
    """
    if origin == own_origin or origin in instance.settings.allowed_origins:
        return True
    host = _hostname(origin)
    if host is None:
        return False
    on_satellite = any(satellite.covers(host) for satellite in instance.satellites)
    if instance.is_development:
        return on_satellite or is_local(host)
    return origin.startswith("https://") and (on_satellite or _is_own(host, instance))
