"""What a session token says of the organization that is active in the session.

System permissions (`org:sys_...`) are never in a token: they gate this server's own operations, and it looks
them up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from greffier.server.organizations.queries import Membership

_SYSTEM = "org:sys_"

MAX_ROLE_CLAIMS = 1200
"""Bytes that a role's permissions may take in a token. Browsers keep cookies of 4,096 bytes, and a session
token is one."""


def claims_v1(membership: Membership) -> dict[str, Any]:
    """The flat claims of tokens before the API date 2025-04-10."""
    return {
        "org_id": membership.organization.id,
        "org_permissions": sorted(custom_permissions(membership)),
        "org_role": membership.role,
        "org_slug": membership.organization.slug,
    }


def claims_v2(membership: Membership) -> dict[str, Any]:
    """The nested claim `o`, and `fea` with the features its permissions are of.

    Bit j of the i-th number of `fpm` grants the j-th action of `per` on the i-th feature of `fea`.
    """
    organization: dict[str, Any] = {
        "id": membership.organization.id,
        "rol": membership.role.removeprefix("org:"),
        "slg": membership.organization.slug,
    }
    features, permissions = _compact(custom_permissions(membership))
    if not features:
        return {"o": organization}
    return {"fea": features, "o": organization | permissions}


def role_claims_size(keys: list[str], *, compact: bool) -> int:
    """Bytes that these permissions take in a token.

    Args:
        compact: in the form of version 2.
    """
    own = sorted(_custom(keys))
    claims = _compact(own) if compact else own
    return len(msgspec.json.encode(claims)) if own else 0


def _compact(keys: list[str]) -> tuple[str, dict[str, str]]:
    """`fea`, and what `o` says of permissions; empty without any."""
    granted = {(feature, action) for _, feature, action in map(_parts, keys)}
    features = sorted({feature for feature, _ in granted})
    actions = sorted({action for _, action in granted})
    masks = [
        sum(1 << bit for bit, action in enumerate(actions) if (feature, action) in granted)
        for feature in features
    ]
    if not granted:
        return "", {}
    permissions = {"per": ",".join(actions), "fpm": ",".join(map(str, masks))}
    return ",".join(f"o:{feature}" for feature in features), permissions


def custom_permissions(membership: Membership) -> list[str]:
    """Keys of the application's own permissions."""
    return _custom(membership.permissions)


def _custom(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not key.startswith(_SYSTEM)]


def _parts(key: str) -> tuple[str, str, str]:
    organization, feature, action = key.split(":")
    return organization, feature, action
