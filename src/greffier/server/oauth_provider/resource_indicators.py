"""Resource indicators (RFC 8707): an application says which API its tokens are for, and they name it as their
audience, so that this API alone takes them."""

from __future__ import annotations

from urllib.parse import urlsplit

MAX_LENGTH = 1024
"""Characters of one."""


def resource_problem(resource: str) -> str | None:
    """Why this cannot be an audience; `None` when it can (RFC 8707 section 2)."""
    try:
        parts = urlsplit(resource)
        named = bool(parts.hostname) if parts.scheme in ("http", "https") else bool(parts.path)
        _ = parts.port
    except ValueError:
        named, parts = False, urlsplit("")
    if not parts.scheme or not named or not resource.isascii() or " " in resource:
        return "resource must be an absolute URI."
    if "#" in resource:
        return "resource must have no fragment."
    if len(resource) > MAX_LENGTH:
        return f"resource may have {MAX_LENGTH} characters."
    return None
