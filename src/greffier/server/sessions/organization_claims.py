"""What a session token says of the organization that is active in the session.

System permissions (`org:sys_...`) are never in a token: they gate this server's own operations, and it looks
them up.
"""

from __future__ import annotations

from typing import Any

from greffier.server.organizations.queries import Membership

_SYSTEM = "org:sys_"


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
    granted = {(feature, action) for _, feature, action in map(_parts, custom_permissions(membership))}
    if not granted:
        return {"o": organization}
    features = sorted({feature for feature, _ in granted})
    actions = sorted({action for _, action in granted})
    masks = [
        sum(1 << bit for bit, action in enumerate(actions) if (feature, action) in granted)
        for feature in features
    ]
    organization |= {"per": ",".join(actions), "fpm": ",".join(map(str, masks))}
    return {"fea": ",".join(f"o:{feature}" for feature in features), "o": organization}


def custom_permissions(membership: Membership) -> list[str]:
    """Keys of the application's own permissions."""
    return [key for key in membership.permissions if not key.startswith(_SYSTEM)]


def _parts(key: str) -> tuple[str, str, str]:
    organization, feature, action = key.split(":")
    return organization, feature, action
