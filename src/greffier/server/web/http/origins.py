"""The web origins that may call the Frontend API: checked before any handler or query."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from greffier.server.web.instance.instance import Instance

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


def origin_allowed(instance: Instance, origin: str) -> bool:
    """Whether a page of this origin may call: it is configured, or of the application's domain, or of this
    server's own hosts, whose pages call it. The request's own host is not trusted.

    Args:
        origin: the `Origin` header; `null` is never allowed.
    """
    if origin in instance.settings.allowed_origins or origin == _public_origin(instance.public_url):
        return True
    host = _hostname(origin)
    if host is None:
        return False
    known = host in instance.hosts or any(satellite.covers(host) for satellite in instance.satellites)
    if instance.is_development:
        return known or is_local(host)
    return origin.startswith("https://") and (known or _is_own(host, instance))


@lru_cache(maxsize=64)
def _public_origin(public_url: str | None) -> str | None:
    parts = urlsplit(public_url or "")
    return f"{parts.scheme}://{parts.netloc}" if public_url else None
