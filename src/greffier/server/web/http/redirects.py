"""The URLs to which this server may redirect a browser: those of origins that may call it (no open
redirects).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from greffier.sdk.http.urls import query_without, url_with
from greffier.server import errors
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.instance.instance import Instance


def redirect_allowed(instance: Instance, url: str) -> bool:
    """Whether the URL is absolute, http(s), free of tricks, and of an allowed origin."""
    if any(c <= " " or c == "\\" for c in url):
        return False
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            return False
    except ValueError:
        return False
    return origin_allowed(instance, f"{parts.scheme}://{parts.netloc}")


_OF_APPS = re.compile(r"([a-z][a-z0-9+.-]*):[^\s\\<>\"]{1,2000}")
_OF_BROWSERS = frozenset(
    {"about", "blob", "data", "file", "filesystem", "http", "https", "javascript", "vbscript", "view-source"}
)
"""Schemes that browsers act upon themselves."""


def app_redirect_allowed(instance: Instance, url: str) -> bool:
    """Whether a browser may be led back to a native app by this URL: one of the settings, whatever its query.
    In development any scheme will do that browsers hand on to apps, because tools for the development of apps
    use URLs of their own."""
    found = _OF_APPS.fullmatch(url)
    if found is None or "#" in url:
        return False
    if url.partition("?")[0] in instance.settings.native.redirect_urls:
        return True
    return instance.is_development and found[1] not in _OF_BROWSERS


def require_redirect(instance: Instance, url: str | None) -> str:
    """Raises: ApiError: 400 when there is no URL, 403 when it leads somewhere else."""
    if not url:
        raise errors.redirect_url_missing()
    if not redirect_allowed(instance, url):
        raise errors.redirect_url_not_allowed()
    return url


def with_query(url: str, *, drop: tuple[str, ...] = (), **add: str) -> str:
    """The URL, in ASCII, with parameters added, and others (and former values of these) dropped.

    What stays is byte for byte as it was: order, repeated names, empty values and encoding.
    """
    base, hash_, fragment = url.partition("#")
    base, _, query = base.partition("?")
    kept = query_without(query, (*drop, *add)) if query else ""
    return url_with(f"{base}{'?' if kept else ''}{kept}{hash_}{fragment}", add.items())
