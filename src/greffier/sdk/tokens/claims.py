"""The claims of a session token, in version 1 and version 2."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(slots=True)  # not frozen: that would double the cost of making one
class SessionProperties:
    """The claims of a session token in the words of the SDK.

    `factor_verification_age` holds minutes since each factor was verified, -1 for a factor not enrolled.
    """

    user_id: str | None = None
    session_id: str | None = None
    session_status: str | None = None
    actor: dict[str, Any] | None = None
    org_id: str | None = None
    org_role: str | None = None
    org_slug: str | None = None
    org_permissions: tuple[str, ...] | None = None
    factor_verification_age: tuple[int, int] | None = None
    features: str = ""
    plans: str = ""


def session_properties(claims: Mapping[str, Any]) -> SessionProperties:
    """Read the claims; whatever has an unexpected type counts as absent."""
    organization = _organization_v2(claims) if claims.get("v") == 2 else _organization_v1(claims)
    actor = claims.get("act")
    return SessionProperties(
        _text(claims.get("sub")),
        _text(claims.get("sid")),
        _text(claims.get("sts")),
        cast("dict[str, Any]", actor) if isinstance(actor, dict) else None,
        *organization,
        _factor_ages(claims.get("fva")),
        _text(claims.get("fea")) or "",
        _text(claims.get("pla")) or "",
    )


def scoped_names(listed: str) -> tuple[list[str], list[str]]:
    """The names of a list such as `o:reports,u:export,ou:search`: those of organizations, those of users."""
    of_organization: list[str] = []
    of_user: list[str] = []
    for entry in listed.split(","):
        scope, colon, name = entry.strip().partition(":")
        if not colon:
            continue  # the published parsers stumble over such an entry
        if "o" in scope:
            of_organization.append(name)
        if "u" in scope:
            of_user.append(name)
    return of_organization, of_user


_Organization = tuple[str | None, str | None, str | None, tuple[str, ...] | None]
_NO_ORGANIZATION: _Organization = (None, None, None, None)


def _organization_v1(claims: Mapping[str, Any]) -> _Organization:
    permissions = claims.get("org_permissions")
    granted = None
    if isinstance(permissions, list):
        granted = tuple(one for one in cast("list[object]", permissions) if isinstance(one, str))
    org_id = _text(claims.get("org_id"))
    return org_id, _text(claims.get("org_role")), _text(claims.get("org_slug")), granted


def _organization_v2(claims: Mapping[str, Any]) -> _Organization:
    organization: Any = claims.get("o")
    if not isinstance(organization, dict):
        return _NO_ORGANIZATION
    o = cast("dict[str, Any]", organization)
    role = _text(o.get("rol"))
    granted = _permissions(_text(claims.get("fea")), _text(o.get("per")), _text(o.get("fpm")))
    return _text(o.get("id")), f"org:{role}" if role else None, _text(o.get("slg")), granted


def _permissions(features: str | None, permissions: str | None, masks: str | None) -> tuple[str, ...]:
    """Bit j of the i-th mask grants permission j of the i-th organization feature."""
    if not features or not permissions or not masks:
        return ()
    names = [name.strip() for name in permissions.split(",")]
    granted: list[str] = []
    for feature, mask in zip(scoped_names(features)[0], masks.split(","), strict=False):
        bits = int(mask) if mask.strip().isdecimal() and len(mask) < 1000 else 0
        granted += [f"org:{feature}:{name}" for bit, name in enumerate(names) if bits >> bit & 1]
    return tuple(granted)


def _factor_ages(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, list):
        return None
    ages = cast("list[Any]", value)
    if len(ages) != 2 or not all(
        type(age) in (int, float) and math.isfinite(age) and age >= -1 for age in ages
    ):
        return None
    return ages[0], ages[1]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
