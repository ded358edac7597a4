"""The claims of a session token about the active organization, and about features that token gates give."""

from __future__ import annotations

from typing import Any

from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.members.token_claims import claims_v1, claims_v2
from greffier.server.token_gates.holdings import Features


def features_v1(membership: Membership | None, features: Features) -> dict[str, Any]:
    """The claims before the API date 2025-04-10. SDKs of that time know no features: the custom claim
    `features` has them, for applications to read."""
    if membership is None:
        return {"features": list(features.of_user)} if features.of_user else {}
    claims = claims_v1(membership)
    claims["org_permissions"] = sorted({*claims["org_permissions"], *features.permissions})
    named = sorted({*features.of_user, *features.of_organization})
    return claims | {"features": named} if named else claims


def features_v2(membership: Membership | None, features: Features) -> dict[str, Any]:
    """`fea` lists those of the organization first: readers count them to find their permissions."""
    claims: dict[str, Any] = {}
    if membership is not None:
        claims = claims_v2(membership, features.of_organization, features.permissions)
    listed = [*filter(None, [claims.get("fea")]), *(f"u:{feature}" for feature in features.of_user)]
    return claims | {"fea": ",".join(listed)} if listed else claims
