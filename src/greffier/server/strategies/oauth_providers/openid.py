"""Reads users by the standard claims of OpenID Connect (Core 1.0 section 5.1)."""

from __future__ import annotations

from typing import Any

from greffier.server.strategies.oauth_providers.provider import Answers, Json, Profile


def read_claims(answers: Answers) -> Profile:
    """Reads the ID token and the answer of the userinfo endpoint, which is the newer of both.

    Raises:
        ValueError: without an id, or they describe different users (section 5.3.2).
    """
    claims, profile = answers.claims, answers.profile
    if claims and profile and claims.get("sub") != profile.get("sub"):
        raise ValueError("sub")
    values = {**claims, **profile}
    address = text(values, "email")
    # Each vouches for its own address alone.
    values["email_verified"] = next(
        (
            source["email_verified"]
            for source in (profile, claims)
            if text(source, "email") == address and "email_verified" in source
        ),
        None,
    )
    return profile_of(values)


def profile_of(claims: Json) -> Profile:
    """Args: claims: standard claims; `sub` is required."""
    first, last = text(claims, "given_name"), text(claims, "family_name")
    if first is None and last is None:
        first, last = split_name(text(claims, "name"))
    return Profile(
        id=required(claims, "sub"),
        email_address=text(claims, "email"),
        email_verified=is_true(claims.get("email_verified")),
        first_name=first,
        last_name=last,
        username=text(claims, "preferred_username"),
        image_url=text(claims, "picture"),
    )


def required(values: Json, name: str) -> str:
    """The text or number of this name, as text.

    Raises:
        ValueError: it is absent or empty.
    """
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError(name)
    return str(value)


def text(values: Json, name: str) -> str | None:
    """The text of this name; `None` when it is absent, empty or of another type."""
    value = values.get(name)
    return value if isinstance(value, str) and value else None


def inner(values: Json, name: str) -> dict[str, Any]:
    """The object of this name; empty when it is absent or of another type."""
    value = values.get(name)
    return dict(value) if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownArgumentType]


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; empty when it is of another type."""
    rows: list[Any] = list(value) if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType]
    return [row for row in rows if isinstance(row, dict)]


def flagged(rows: object, flag: str) -> dict[str, Any]:
    """The first object of a list whose boolean of this name is true; empty without one."""
    return next((row for row in objects(rows) if row.get(flag) is True), dict[str, Any]())


def is_true(value: object) -> bool:
    """Some providers write booleans as text."""
    return value is True or value == "true"


def split_name(name: str | None) -> tuple[str | None, str | None]:
    """A whole name as first and last name: the last word is the last name."""
    words = (name or "").split()
    if len(words) < 2:
        return (words[0] if words else None), None
    return " ".join(words[:-1]), words[-1]
