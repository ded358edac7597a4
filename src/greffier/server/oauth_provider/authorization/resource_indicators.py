"""Resource indicators (RFC 8707): an application says which API its tokens are for, and they name it as their
audience, so that this API alone takes them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_LENGTH = 1024
"""Characters of one."""
_OF_URIS = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")  # RFC 3986 section 2


def resource_problem(resource: str) -> str | None:
    """The reason why this cannot be an audience; `None` when it can (RFC 8707 section 2)."""
    try:
        parts = urlsplit(resource)
        of_web = parts.scheme in ("http", "https")
        # A user name would only make one host look like another.
        named = bool(parts.hostname) and "@" not in parts.netloc if of_web else bool(parts.path)
        _ = parts.port
    except ValueError:
        named, parts = False, urlsplit("")
    if not parts.scheme or not named or not _OF_URIS.fullmatch(resource):
        return "resource must be an absolute URI."
    if "#" in resource:
        return "resource must have no fragment."
    if len(resource) > MAX_LENGTH:
        return f"resource may have {MAX_LENGTH} characters."
    return None
