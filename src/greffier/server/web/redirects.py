"""Which URLs this server may send a browser to: those of origins that may call it (no open redirects)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from greffier.server import errors
from greffier.server.web.instance import Instance
from greffier.server.web.origins import origin_allowed


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
    """The URL with parameters added, and others (and former values of these) dropped."""
    parts = urlsplit(url)
    kept = [
        (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in drop and k not in add
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *add.items()])))
