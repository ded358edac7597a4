"""Verifiers read from a token the active organization that it was made with."""

from __future__ import annotations

from random import Random

import pytest

from greffier.sdk.tokens.claims import session_properties
from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.members.token_claims import claims_v1, claims_v2
from greffier.server.organizations.tables import OrganizationMembershipRow, OrganizationRow

SYSTEM = ["org:sys_profile:manage", "org:sys_memberships:read"]
ACME = OrganizationRow(
    id="org_1",
    instance_id="ins_1",
    name="Acme",
    slug="acme",
    image_id=None,
    created_by=None,
    max_allowed_memberships=5,
    admin_delete_enabled=True,
    public_metadata={},
    private_metadata={},
    created_at=0,
    updated_at=0,
)
ROW = OrganizationMembershipRow(
    id="orgmem_1",
    instance_id="ins_1",
    organization_id="org_1",
    user_id="user_1",
    role_id="role_1",
    public_metadata={},
    private_metadata={},
    created_at=0,
    updated_at=0,
)


def membership(permissions: list[str]) -> Membership:
    return Membership(ROW, ACME, "org:billing_manager", "Billing manager", tuple(permissions))


def test_version_2_names_features_actions_and_which_go_together() -> None:
    claims = claims_v2(membership(["org:teams:read", "org:dashboard:manage", "org:dashboard:read", *SYSTEM]))

    assert claims == {
        "fea": "o:dashboard,o:teams",
        "o": {"id": "org_1", "slg": "acme", "rol": "billing_manager", "per": "manage,read", "fpm": "3,2"},
    }


def test_version_1_lists_whole_keys() -> None:
    claims = claims_v1(membership(["org:teams:read", "org:dashboard:manage", *SYSTEM]))

    assert claims == {
        "org_id": "org_1",
        "org_slug": "acme",
        "org_role": "org:billing_manager",
        "org_permissions": ["org:dashboard:manage", "org:teams:read"],
    }


def test_without_custom_permissions_there_is_nothing_to_combine() -> None:
    assert claims_v2(membership(SYSTEM)) == {"o": {"id": "org_1", "slg": "acme", "rol": "billing_manager"}}


@pytest.mark.parametrize("seed", range(25))
def test_what_was_granted_is_read_back_in_both_versions(seed: int) -> None:
    chance = Random(seed)
    granted = {f"org:f{chance.randrange(70)}:a{chance.randrange(70)}" for _ in range(chance.randrange(200))}
    member = membership([*granted, *SYSTEM])

    new = session_properties({"v": 2, **claims_v2(member)})
    old = session_properties(claims_v1(member))

    assert set(new.org_permissions or ()) == set(old.org_permissions or ()) == granted
    assert (new.org_id, new.org_slug, new.org_role) == (old.org_id, old.org_slug, old.org_role)
