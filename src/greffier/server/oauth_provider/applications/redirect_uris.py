"""Redirect URIs of applications: which may be registered, how they are compared, how parameters are added."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from greffier.server.web.http.origins import is_local

MAX_LENGTH = 1024
"""Characters of one."""
MAX_COUNT = 100
"""Of one application."""

_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
"""RFC 3986 section 2 without quotation marks and brackets that matter to HTML, the scheme in lower case."""
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?([/?].*)?")
_LAST_PORT = 65_535
_OF_BROWSERS = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source", "ws", "wss"}
)
"""Schemes that a browser itself acts upon: `javascript:` would run in whichever page follows it."""


def redirect_uri_problem(uri: str, *, plain_http: bool) -> str | None:
    """The reason why this cannot be registered; `None` when it can.

    Args:
        plain_http: also for hosts that are not this machine (RFC 9700 section 4.1.3 has https only).
    """
    if len(uri) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if not _URI.fullmatch(uri):
        return "it is no absolute URI"
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return "it is no absolute URI"
    if parts.scheme in _OF_BROWSERS:
        return f"the scheme {parts.scheme} is not allowed"
    if "#" in uri:
        return "it has a fragment (RFC 6749 section 3.1.2)"
    if parts.scheme in ("http", "https"):
        if not host or "@" in parts.netloc:
            return "it names no host, or a user"
        if parts.scheme == "http" and not plain_http and not is_local(host):
            return "it must be https, except on this machine"
    return None


def is_registered(uri: str, registered: list[str]) -> bool:
    """Whether it is exactly one of those registered. A loopback address may have any port, because a native
    application takes one that is free when it asks (RFC 8252 section 7.3); a name may not, such as
    `localhost`."""
    if uri in registered:
        return True
    loopback = _without_loopback_port(uri)
    return loopback is not None and loopback in map(_without_loopback_port, registered)


def _without_loopback_port(uri: str) -> str | None:
    """`None` for what is no http URI of a loopback address."""
    match = _LOOPBACK.fullmatch(uri)
    return match[1] + (match[3] or "") if match and int(match[2] or 0) <= _LAST_PORT else None


def is_claimed(uri: str) -> bool:
    """Whether only one application can receive what is sent there: an https host has an owner, while any
    program may take a custom scheme or a port of its machine (RFC 8252 section 8.6).
    """
    return uri.startswith("https:")


def with_parameters(uri: str, parameters: dict[str, str]) -> str:
    """The URI with parameters added to its query, unchanged otherwise (RFC 6749 section 3.1.2)."""
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode(parameters)}"


def form_action_source(uri: str) -> str:
    """The URI's origin, or its scheme, as Content-Security-Policy names where a form may lead."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
