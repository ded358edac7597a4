"""Scopes (RFC 6749 section 3.3): which there are, what they mean to people, how lists of them are read."""

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
"""Every scope, and what a consent screen says of it."""

DEFAULT_SCOPES: tuple[str, ...] = ("profile", "email")
NOT_BUILT = "user:org:read"
"""Contract: a scope for organizations, which this server does not have yet."""
_OF_STRANGERS = tuple(scope for scope in DESCRIPTIONS if scope != "private_metadata")
"""What a client may have that registered itself: private metadata are hidden from the users themselves, so
their consent does not suffice."""
MAX_LENGTH = 1024
"""Characters of a list of scopes."""


def split_scopes(text: str) -> list[str]:
    """The scopes of a list, each once, in the order given."""
    return list(dict.fromkeys(text.split()))


def join_scopes(scopes: list[str]) -> str:
    return " ".join(scopes)


def unknown_scope(scopes: list[str], *, dynamic: bool = False) -> str | None:
    """What is wrong with the first scope that an application cannot have."""
    allowed = _OF_STRANGERS if dynamic else tuple(DESCRIPTIONS)
    for scope in scopes:
        if scope == NOT_BUILT:
            return f"{NOT_BUILT}: organizations are not built yet."
        if scope not in allowed:
            return f"{scope[:64]!r} is not one of {', '.join(allowed)}."
    return None


def application_scopes(text: str | None) -> list[str]:
    """The scopes that somebody gives an application.

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
