"""Invitations by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from clerk_backend_api import Clerk, models

from tests.support.server import APP_ORIGIN, PASSWORD
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk
_numbers = itertools.count(1)


class Node:
    """Calls by `@clerk/backend`."""

    def __init__(self, sdk: NodeSdk, server: Serving) -> None:
        self._sdk, self._server = sdk, server

    def call(self, method: str, *args: Any) -> Any:
        return self._sdk.result(
            "call", client=client_of(self._server), method=f"invitations.{method}", args=list(args)
        )

    def refusal(self, method: str, *args: Any) -> dict[str, Any]:
        return self._sdk.ask(
            "call", client=client_of(self._server), method=f"invitations.{method}", args=list(args)
        )


@pytest.fixture
def node(node_sdk: NodeSdk, dev_server: Serving) -> Node:
    return Node(node_sdk, dev_server)


def new_address() -> str:
    """Returns an address that is unique in this session of tests."""
    return f"invited{next(_numbers)}@example.com"


def sign_up(server: Serving, url: str) -> dict[str, Any]:
    """Open the link and do what it says, as a browser does."""
    with server.http(headers={"origin": APP_ORIGIN}) as http:
        location = http.get(url).headers["location"]
        query = {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
        assert query["__clerk_status"] == "sign_up"
        form = {"strategy": "ticket", "ticket": query["__clerk_ticket"], "password": PASSWORD}
        return http.post("/v1/client/sign_ups", data=form).raise_for_status().json()["response"]


def test_node_invites_lists_and_revokes(node: Node) -> None:
    address = new_address()

    made = node.call(
        "createInvitation", {"emailAddress": address, "publicMetadata": {"a": 1}, "expiresInDays": 2}
    )
    listed = node.call("getInvitationList", {"query": address, "status": "pending", "orderBy": "-expires_at"})
    revoked = node.call("revokeInvitation", made["id"])

    assert (made["emailAddress"], made["status"], made["publicMetadata"]) == (address, "pending", {"a": 1})
    assert "/v1/tickets/accept?ticket=" in made["url"]
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    assert listed["totalCount"] == 1
    assert (revoked["status"], revoked["revoked"]) == ("revoked", True)
    assert node.call("getInvitationList", {"query": address}) == {"data": [], "totalCount": 0}


def test_node_invites_several_at_once(node: Node) -> None:
    people = [{"emailAddress": new_address()}, {"emailAddress": new_address(), "notify": False}]

    made = node.call("createInvitationBulk", people)

    assert [one["emailAddress"] for one in made] == [one["emailAddress"] for one in people]


def test_node_reads_the_reason_of_a_refused_invitation(node: Node) -> None:
    address = new_address()
    node.call("createInvitation", {"emailAddress": address})

    refused = node.refusal("createInvitation", {"emailAddress": address})

    assert (refused["status"], refused["errors"][0]["code"]) == (400, "duplicate_record")
    assert refused["errors"][0]["meta"]["emailAddresses"] == [address]
    ignored = node.call("createInvitation", {"emailAddress": address, "ignoreExisting": True})
    assert ignored["status"] == "pending"


def test_python_invites_lists_and_revokes(sdk: Clerk) -> None:
    address = new_address()

    made = sdk.invitations.create(
        request={"email_address": address, "public_metadata": {"a": 1}, "expires_in_days": 2}
    )
    assert made is not None
    listed = sdk.invitations.list(query=address, status=models.ListInvitationsQueryParamStatus.PENDING)
    revoked = sdk.invitations.revoke(invitation_id=made.id)

    assert (made.email_address, made.public_metadata) == (address, {"a": 1})
    assert [one.id for one in listed] == [made.id]
    assert revoked.status.value == "revoked"
    with pytest.raises(models.ClerkErrors) as again:
        sdk.invitations.revoke(invitation_id=made.id)
    assert again.value.data.errors[0].code == "invitation_already_revoked"


def test_python_invites_several_at_once(sdk: Clerk) -> None:
    addresses = [new_address(), new_address()]

    made = sdk.invitations.bulk_create(request=[{"email_address": address} for address in addresses])

    assert [one.email_address for one in made] == addresses


def test_person_invited_by_an_sdk_signs_up_with_the_metadata(
    node: Node, sdk: Clerk, dev_server: Serving
) -> None:
    made = node.call("createInvitation", {"emailAddress": new_address(), "publicMetadata": {"team": "blue"}})

    done = sign_up(dev_server, made["url"])

    assert done["status"] == "complete"
    assert sdk.users.get(user_id=done["created_user_id"]).public_metadata == {"team": "blue"}
    [accepted] = sdk.invitations.list(query=made["id"])
    assert accepted.status.value == "accepted"
