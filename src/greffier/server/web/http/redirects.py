"""The URLs to which this server may redirect a browser: those of origins that may call it (no open
redirects).
"""

from __future__ import annotations

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
