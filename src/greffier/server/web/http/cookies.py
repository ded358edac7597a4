"""Set-Cookie lines (RFC 6265 section 4.1, SameSite from its successor)."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Literal

_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
FOUR_HUNDRED_DAYS = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer."""


def set_cookie(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    domain: str | None = None,
    path: str = "/",
    secure: bool = False,
    http_only: bool = False,
    same_site: Literal["Lax", "Strict", "None"] = "Lax",
) -> str:
    """One whole line. `max_age` is in seconds; 0 deletes the cookie.

    Raises:
        ValueError: the value has characters that would end the cookie or start another header.
    """
    if not _VALUE.fullmatch(value):
        raise ValueError(f"the value of cookie {name} has characters that a cookie cannot carry")
    parts = [f"{name}={value}", f"Path={path}"]
    if domain:
        parts.append(f"Domain={domain}")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
        if max_age == 0:
            parts.append(f"Expires={formatdate(0, usegmt=True)}")
    if http_only:
        parts.append("HttpOnly")
    if secure:
        parts.append("Secure")
    parts.append(f"SameSite={same_site}")
    return "; ".join(parts)


def delete_cookie(name: str, *, domain: str | None = None, path: str = "/", secure: bool = False) -> str:
    """The line that deletes the cookie in a browser."""
    return set_cookie(name, "", max_age=0, domain=domain, path=path, secure=secure)


def read_cookies(header: str) -> dict[str, str]:
    """The cookies of a `Cookie` header. Of several with one name the first counts: the longest path (section
    5.4)."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals and name and name not in cookies:
            cookies[name] = value.strip('"')
    return cookies
