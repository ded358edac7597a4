"""The claims of a session token about the session's active organization.

System permissions (`org:sys_...`) are never in a token: they gate this server's own operations, and it looks
them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.roles.token_claims import compact_permissions, custom_keys


def claims_v1(membership: Membership) -> dict[str, Any]:
    """The flat claims of tokens before the API date 2025-04-10."""
    return {
        "org_id": membership.organization.id,
        "org_permissions": sorted(custom_permissions(membership)),
        "org_role": membership.role,
        "org_slug": membership.organization.slug,
    }


def claims_v2(
    membership: Membership, features: Sequence[str] = (), permissions: Sequence[str] = ()
) -> dict[str, Any]:
    """The nested claim `o`, and `fea` with the features its permissions are of.

    Bit j of the i-th number of `fpm` grants the j-th action of `per` on the i-th feature of `fea`.

    Args:
        features: further ones.
        permissions: keys of those that do not come from the role.
    """
    organization: dict[str, Any] = {
        "id": membership.organization.id,
        "rol": membership.role.removeprefix("org:"),
        "slg": membership.organization.slug,
    }
    listed, masks = compact_permissions([*custom_permissions(membership), *permissions], features)
    if not listed:
        return {"o": organization}
    return {"fea": listed, "o": organization | masks}


def custom_permissions(membership: Membership) -> list[str]:
    """Keys of the application's own permissions."""
    return custom_keys(membership.permissions)
