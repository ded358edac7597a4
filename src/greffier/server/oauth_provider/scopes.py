"""Scopes (RFC 6749 section 3.3): names, descriptions, and parsing of lists."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.errors import ErrorItem

DESCRIPTIONS: dict[str, str] = {
    "openid": "Know who you are",
    "profile": "See your name, username and picture",
    "email": "See your email address",
    "public_metadata": "See your public metadata",
    "private_metadata": "See your private metadata",
    "offline_access": "Keep this access while you are away",
}
"""Every scope, and its text on a consent screen."""

DEFAULT_SCOPES: tuple[str, ...] = ("profile", "email")
DYNAMIC_CLIENT_SCOPES: tuple[str, ...] = ("openid", "profile", "email", "offline_access")
"""Defaults of an application that registers itself and names none."""
NOT_BUILT = "user:org:read"
"""Contract: a scope that tells applications of the active organization, which this server does not yet."""
MAX_LENGTH = 1024
"""Characters of a list of scopes."""


def split_scopes(text: str) -> list[str]:
    """The scopes of a list, each once, in the order given."""
    return list(dict.fromkeys(text.split()))


def join_scopes(scopes: list[str]) -> str:
    return " ".join(scopes)


def unknown_scope(scopes: list[str]) -> str | None:
    """The problem of the first scope that an application cannot have."""
    for scope in scopes:
        if scope == NOT_BUILT:
            return f"{NOT_BUILT}: access to organizations is not built yet."
        if scope not in DESCRIPTIONS:
            return f"{scope[:64]!r} is not one of {', '.join(DESCRIPTIONS)}."
    return None


def allowed_for_dynamic_clients(scopes: list[str]) -> list[str]:
    """Those that a client may have which registered itself: private metadata are hidden from the users
    themselves, so their consent does not suffice."""
    return [scope for scope in scopes if scope != "private_metadata"]


def application_scopes(text: str | None) -> list[str]:
    """The scopes that are assigned to an application.

    Raises:
        ApiError: 422 when there is none such.
    """
    scopes = split_scopes(text) if text else list(DEFAULT_SCOPES)
    problem = _too_long(text) or _unknown(scopes)
    if problem is not None:
        raise errors.invalid_params(problem)
    return scopes


def _too_long(text: str | None) -> ErrorItem | None:
    return errors.param_too_long("scopes", MAX_LENGTH) if text and len(text) > MAX_LENGTH else None


def _unknown(scopes: list[str]) -> ErrorItem | None:
    why = unknown_scope(scopes)
    return errors.param_format_invalid("scopes", why) if why else None
