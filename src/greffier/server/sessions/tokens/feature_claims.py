"""The claims of a session token about the active organization, and about plans and features: those of token
gates and of entitlements."""

from __future__ import annotations

from typing import Any

from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.members.token_claims import claims_v1, claims_v2
from greffier.server.token_gates.holdings import Features
from greffier.server.users.profile.entitlements import NONE, Entitlements, entitlements_of


def features_v1(
    membership: Membership | None, features: Features, own: Entitlements = NONE
) -> dict[str, Any]:
    """The claims before the API date 2025-04-10. SDKs of that time know neither features nor plans: the
    custom claims `features` and `plan` have them, for applications to read."""
    named = {*features.of_user, *own.features}
    claims: dict[str, Any] = {}
    plan = own.plan
    if membership is not None:
        claims = claims_v1(membership)
        claims["org_permissions"] = sorted({*claims["org_permissions"], *features.permissions})
        ours = entitlements_of(membership.organization.private_metadata)
        named |= {*features.of_organization, *ours.features}
        plan = ours.plan
    if named:
        claims["features"] = sorted(named)
    return claims if plan is None else claims | {"plan": plan}


def features_v2(
    membership: Membership | None, features: Features, own: Entitlements = NONE
) -> dict[str, Any]:
    """`pla` is the plan of the organization where one is active, else of the user. `fea` lists the features
    of the organization first: readers count them to find their permissions.

    Args:
        features: of token gates.
        own: the entitlements of the user.
    """
    personal = sorted({*features.of_user, *own.features})
    if membership is None:
        return _listed({}, [], personal) | _plan("u", own)
    ours = entitlements_of(membership.organization.private_metadata)
    shared = {*features.of_organization, *ours.features}
    claims = claims_v2(membership, sorted(shared), features.permissions)
    return _listed(claims, claims.get("fea", "").split(","), personal) | _plan("o", ours)


def _plan(scope: str, entitlements: Entitlements) -> dict[str, Any]:
    return {} if entitlements.plan is None else {"pla": f"{scope}:{entitlements.plan}"}


def _listed(claims: dict[str, Any], of_organization: list[str], of_user: list[str]) -> dict[str, Any]:
    """Adds `fea`. A feature of both is listed once, with both scopes."""
    both = {f"o:{feature}" for feature in of_user}.intersection(of_organization)
    listed = [f"u{entry}" if entry in both else entry for entry in of_organization if entry]
    listed += [f"u:{feature}" for feature in of_user if f"o:{feature}" not in both]
    return claims | {"fea": ",".join(listed)} if listed else claims
