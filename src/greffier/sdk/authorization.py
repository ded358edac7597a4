"""`has(...)`: whether a session satisfies a role, permission, feature, plan or reverification."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from greffier.sdk.tokens.claims import SessionProperties, scoped_names

Level = Literal["first_factor", "second_factor", "multi_factor"]
Preset = Literal["strict_mfa", "strict", "moderate", "lax"]


@dataclass(frozen=True, slots=True)
class Reverification:
    """The factor that must have been verified, and how recently."""

    level: Level
    after_minutes: int


_ORGANIZATION_SCOPES, _USER_SCOPES = ("o", "org", "organization"), ("u", "user")
_log = logging.getLogger("greffier.sdk")

PRESETS: dict[str, Reverification] = {
    "strict_mfa": Reverification("multi_factor", 10),
    "strict": Reverification("second_factor", 10),
    "moderate": Reverification("second_factor", 60),
    "lax": Reverification("second_factor", 1440),
}


def has(
    session: SessionProperties,
    *,
    role: str | None = None,
    permission: str | None = None,
    feature: str | None = None,
    plan: str | None = None,
    reverification: Preset | Reverification | None = None,
) -> bool:
    """Whether everything that is asked for holds; False when nothing is asked for.

    What does not exist, such as a preset of another name, does not hold, and is logged once.
    """
    answers: list[bool] = []
    if role is not None:
        answers.append(bool(session.org_role) and _org(session.org_role or "") == _org(role))
    if permission is not None:
        answers.append(_org(permission) in (session.org_permissions or ()))
    if feature is not None:
        answers.append(_is_listed(feature, session.features))
    if plan is not None:
        answers.append(_is_listed(plan, session.plans))
    if reverification is not None:
        answers.append(_is_verified(reverification, session.factor_verification_age))
    return bool(answers) and all(answers)


def check_scope(wanted: str) -> None:
    """Raises ValueError for a feature or plan that is looked up where nothing is."""
    scope, colon, _ = wanted.partition(":")
    if colon and scope not in _ORGANIZATION_SCOPES + _USER_SCOPES:
        raise ValueError(f"{wanted!r} has an unknown scope; use org: or user:, or none")


def reverification_of(wanted: Preset | Reverification) -> Reverification:
    """The rule behind a preset's name; ValueError for a name that is none."""
    if isinstance(wanted, Reverification):
        return wanted
    if wanted not in PRESETS:
        raise ValueError(f"{wanted!r} is no reverification preset; there are {', '.join(PRESETS)}")
    return PRESETS[wanted]


def _org(name: str) -> str:
    return name if name.startswith("org:") else f"org:{name}"


def _is_listed(wanted: str, listed: str) -> bool:
    """Look up `name` everywhere, `org:name` among the organization's, `user:name` among the user's."""
    try:
        check_scope(wanted)
    except ValueError as error:
        _warn(str(error))
        return False
    of_organization, of_user = scoped_names(listed)
    scope, colon, name = wanted.partition(":")
    if not colon:
        return wanted in of_organization or wanted in of_user
    return name in (of_organization if scope in _ORGANIZATION_SCOPES else of_user)


def _is_verified(wanted: Preset | Reverification, ages: tuple[int, int] | None) -> bool:
    try:
        return _is_recent(reverification_of(wanted), ages)
    except ValueError as error:
        _warn(str(error))
        return False


@lru_cache(maxsize=64)
def _warn(message: str) -> None:
    """Log once for each mistake: the code that makes it runs often."""
    _log.warning("has() is false: %s", message)


def _is_recent(rule: Reverification, ages: tuple[int, int] | None) -> bool:
    if ages is None:
        return False
    first, second = (rule.after_minutes > age if age != -1 else None for age in ages)
    if rule.level == "first_factor" or second is None:
        return bool(first)  # without a second factor the first one stands in
    return second if rule.level == "second_factor" else bool(first) and second
