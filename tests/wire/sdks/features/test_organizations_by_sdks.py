"""Organizations, members and roles by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from clerk_backend_api import Clerk, models
from PIL import Image

from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, apply_settings, greffier_dev
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def organizations_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("organizations")) as serving:
        apply_settings(serving.data, serving.url, "[organizations]\nenabled = true\n")
        yield serving


class Node:
    """`@clerk/backend` at this server."""

    def __init__(self, sdk: NodeSdk, server: Serving) -> None:
        self._sdk, self._client = sdk, client_of(server)

    def call(self, method: str, *args: Any) -> Any:
        return self._sdk.result("call", client=self._client, method=method, args=list(args))

    def refusal(self, method: str, *args: Any) -> tuple[int, str]:
        answer = self._sdk.ask("call", client=self._client, method=method, args=list(args))
        return answer["status"], answer["errors"][0]["code"]


@pytest.fixture
def node(node_sdk: NodeSdk, organizations_server: Serving) -> Node:
    return Node(node_sdk, organizations_server)


@pytest.fixture
def python(organizations_server: Serving) -> Iterator[Clerk]:
    server = organizations_server
    with Clerk(bearer_auth=server.secret_key, server_url=f"{server.url}/v1") as clerk:
        yield clerk


def new_user(python: Clerk, name: str) -> str:
    address = f"{name}+clerk_test@example.com"
    return python.users.create(email_address=[address], skip_password_requirement=True, first_name=name).id


# --- Node.js ------------------------------------------------------------------------------------------------


def test_node_sdk_manages_organizations(node: Node, python: Clerk) -> None:
    user = new_user(python, "node-owner")
    made = node.call(
        "organizations.createOrganization",
        {
            "name": "Node Inc",
            "slug": "node-inc",
            "createdBy": user,
            "publicMetadata": {"plan": "gold"},
            "maxAllowedMemberships": 7,
        },
    )
    by_slug = node.call("organizations.getOrganization", {"slug": "node-inc", "includeMembersCount": True})
    listed = node.call(
        "organizations.getOrganizationList",
        {"query": "node", "userId": [user], "orderBy": "-name", "includeMembersCount": True, "limit": 5},
    )
    renamed = node.call("organizations.updateOrganization", made["id"], {"name": "Node Ltd"})
    merged = node.call(
        "organizations.updateOrganizationMetadata", made["id"], {"privateMetadata": {"crm": 7}}
    )
    replaced = node.call(
        "organizations.replaceOrganizationMetadata", made["id"], {"publicMetadata": {"plan": "iron"}}
    )
    deleted = node.call("organizations.deleteOrganization", made["id"])

    assert (made["slug"], made["createdBy"], made["maxAllowedMemberships"]) == ("node-inc", user, 7)
    assert (by_slug["id"], by_slug["membersCount"]) == (made["id"], 1)
    assert (listed["totalCount"], listed["data"][0]["membersCount"]) == (1, 1)
    assert renamed["name"] == "Node Ltd"
    assert (merged["publicMetadata"], merged["privateMetadata"]) == ({"plan": "gold"}, {"crm": 7})
    assert replaced["publicMetadata"] == {"plan": "iron"}
    assert deleted["id"] == made["id"]
    assert node.refusal("organizations.getOrganization", {"organizationId": made["id"]}) == (
        404,
        "resource_not_found",
    )


def test_node_sdk_manages_members(node: Node, python: Clerk) -> None:
    owner, member = new_user(python, "node-boss"), new_user(python, "node-member")
    made = node.call("organizations.createOrganization", {"name": "Members", "createdBy": owner})
    key = {"organizationId": made["id"], "userId": member}

    added = node.call("organizations.createOrganizationMembership", {**key, "role": "org:member"})
    listed = node.call(
        "organizations.getOrganizationMembershipList",
        {"organizationId": made["id"], "role": ["org:member"], "orderBy": "+created_at", "query": "node-m"},
    )
    everywhere = node.call("organizations.getInstanceOrganizationMembershipList", {"limit": 100})
    own = node.call("users.getOrganizationMembershipList", {"userId": member})
    changed = node.call("organizations.updateOrganizationMembership", {**key, "role": "org:admin"})
    noted = node.call(
        "organizations.updateOrganizationMembershipMetadata", {**key, "publicMetadata": {"desk": 3}}
    )
    removed = node.call("organizations.deleteOrganizationMembership", key)

    assert (added["role"], added["publicUserData"]["userId"]) == ("org:member", member)
    assert added["organization"]["id"] == made["id"]
    assert [one["id"] for one in listed["data"]] == [added["id"]]
    assert added["id"] in {one["id"] for one in everywhere["data"]}
    assert [one["id"] for one in own["data"]] == [added["id"]]
    assert (changed["role"], "org:sys_memberships:manage" in changed["permissions"]) == ("org:admin", True)
    assert noted["publicMetadata"] == {"desk": 3}
    assert removed["id"] == added["id"]
    last = {"organizationId": made["id"], "userId": owner}
    assert node.refusal("organizations.deleteOrganizationMembership", last) == (
        422,
        "organization_minimum_permissions_needed",
    )


def test_node_sdk_manages_roles_and_permissions(node: Node) -> None:
    permission = node.call(
        "organizationPermissions.createOrganizationPermission",
        {"name": "Bill", "key": "org:bills:write", "description": "Write bills."},
    )
    role = node.call(
        "organizationRoles.createOrganizationRole", {"name": "Biller", "key": "org:biller", "permissions": []}
    )
    pair = {"organizationRoleId": role["id"], "permissionId": permission["id"]}

    assigned = node.call("organizationRoles.assignPermissionToOrganizationRole", pair)
    listed = node.call("organizationRoles.getOrganizationRoleList", {"query": "bill", "orderBy": "-name"})
    removed = node.call("organizationRoles.removePermissionFromOrganizationRole", pair)
    node.call("organizationRoles.deleteOrganizationRole", role["id"])
    node.call("organizationPermissions.deleteOrganizationPermission", permission["id"])

    assert (permission["name"], permission["key"]) == ("Bill", "org:bills:write")
    assert [one["key"] for one in assigned["permissions"]] == ["org:bills:write"]
    assert [one["id"] for one in listed["data"]] == [role["id"]]
    assert removed["permissions"] == []
    assert node.refusal("organizationRoles.getOrganizationRole", role["id"])[0] == 404


# --- Python -------------------------------------------------------------------------------------------------


def test_python_sdk_manages_organizations(python: Clerk) -> None:
    user = new_user(python, "python-owner")
    made = python.organizations.create(
        request={"name": "Python Inc", "created_by": user, "private_metadata": {"crm": 7}}
    )
    listed = python.organizations.list(query="python inc", include_members_count=True)
    shown = python.organizations.get(organization_id=made.slug, include_members_count=True)
    renamed = python.organizations.update(organization_id=made.id, name="Python Ltd", slug="python-ltd")
    merged = python.organizations.merge_metadata(organization_id=made.id, public_metadata={"plan": "gold"})
    written = BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(written, "PNG")
    with_logo = python.organizations.upload_logo(
        organization_id=made.id, file={"file_name": "logo.png", "content": written.getvalue()}
    )
    without_logo = python.organizations.delete_logo(organization_id=made.id)
    deleted = python.organizations.delete(organization_id=made.id)

    assert (made.slug, made.created_by, made.private_metadata) == ("python-inc", user, {"crm": 7})
    assert [(one.id, one.members_count) for one in listed.data] == [(made.id, 1)]
    assert (shown.id, shown.members_count) == (made.id, 1)
    assert (renamed.name, renamed.slug) == ("Python Ltd", "python-ltd")
    assert merged.public_metadata == {"plan": "gold"}
    assert (with_logo.has_image, without_logo.has_image) == (True, False)
    assert (deleted.deleted, deleted.id) == (True, made.id)


def test_python_sdk_manages_members_and_roles(python: Clerk) -> None:
    owner, member = new_user(python, "python-boss"), new_user(python, "python-member")
    organization = python.organizations.create(request={"name": "Members", "created_by": owner})
    permission = python.organization_permissions.create(name="Sell", key="org:shop:sell")
    role = python.organization_roles.create(name="Seller", key="org:seller", permissions=[permission.id])

    members = python.organization_memberships
    added = members.create(organization_id=organization.id, user_id=member, role="org:seller")
    listed = members.list(organization_id=organization.id, role=["org:seller"])
    own = python.users.get_organization_memberships(user_id=member)
    changed = members.update(organization_id=organization.id, user_id=member, role="org:member")
    removed = members.delete(organization_id=organization.id, user_id=member)

    assert (added.role, added.permissions) == ("org:seller", ["org:shop:sell"])
    assert [one.id for one in listed.data] == [one.id for one in own.data] == [added.id]
    assert (changed.role, removed.id) == ("org:member", added.id)
    assert python.organization_roles.delete(organization_role_id=role.id).deleted is True
    with pytest.raises(models.ClerkErrors) as refused:
        members.delete(organization_id=organization.id, user_id=owner)
    assert refused.value.data.errors[0].code == "organization_minimum_permissions_needed"
