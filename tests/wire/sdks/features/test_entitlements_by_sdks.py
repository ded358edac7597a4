"""Plans and features that official SDKs give to users and organizations, and that `has` finds in tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.security import authenticate_request
from clerk_backend_api.security.types import AuthenticateRequestOptions

from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, SignedIn, apply_settings, greffier_dev
from tests.wire.sdks.test_node_sdk import PAGE, client_of, public_pem

pytestmark = pytest.mark.sdk
PRO = {"plan": "pro", "features": ["export", "reports"]}
TEAM = {"plan": "team", "features": ["audit", "export"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("entitlements")) as serving:
        apply_settings(serving.data, serving.url, "[organizations]\nenabled = true\n")
        yield serving


@pytest.fixture
def python(server: Serving) -> Iterator[Clerk]:
    with Clerk(bearer_auth=server.secret_key, server_url=f"{server.url}/v1") as clerk:
        yield clerk


def call(node_sdk: NodeSdk, server: Serving, method: str, *args: Any) -> Any:
    return node_sdk.result("call", client=client_of(server), method=method, args=list(args))


def answers(node_sdk: NodeSdk, server: Serving, token: str, *asked: dict[str, str]) -> list[bool]:
    """Of `has` of `@clerk/backend` about a token."""
    request = {"url": PAGE, "headers": {"authorization": f"Bearer {token}"}}
    return node_sdk.result("authenticate", client=client_of(server), request=request, asked=asked)["has"]


def test_node_sdk_finds_plan_and_features_of_a_user(node_sdk: NodeSdk, server: Serving) -> None:
    ada = server.sign_up("entitled-ada+clerk_test@example.com")
    asked = [
        {"plan": "pro"},
        {"plan": "user:pro"},
        {"feature": "export"},
        {"plan": "pro", "feature": "export"},
    ]
    others = [{"plan": "org:pro"}, {"feature": "audit"}, {"plan": "free"}]
    before = answers(node_sdk, server, ada.token(), *asked)

    given = {"privateMetadata": {"token_entitlements": PRO}}
    call(node_sdk, server, "users.updateUserMetadata", ada.user_id, given)
    token = ada.token()
    taken = {"privateMetadata": {"token_entitlements": None}}
    call(node_sdk, server, "users.updateUserMetadata", ada.user_id, taken)

    assert before == [False] * 4
    assert answers(node_sdk, server, token, *asked) == [True] * 4
    assert answers(node_sdk, server, token, *others) == [False] * 3
    assert answers(node_sdk, server, ada.token(), *asked) == [False] * 4


def test_plan_of_the_active_organization_is_found_beside_its_permissions(
    node_sdk: NodeSdk, python: Clerk, server: Serving
) -> None:
    bob = server.sign_up("entitled-bob+clerk_test@example.com")
    python.users.update_metadata(user_id=bob.user_id, private_metadata={"token_entitlements": PRO})
    acme = python.organizations.create(request={"name": "Acme", "slug": "acme"}).id
    permission = python.organization_permissions.create(key="org:export:run", name="Run exports")
    python.organization_roles.create(key="org:clerk", name="Clerk", permissions=[permission.id])
    python.organization_memberships.create(organization_id=acme, user_id=bob.user_id, role="org:clerk")
    python.organizations.merge_metadata(organization_id=acme, private_metadata={"token_entitlements": TEAM})

    token = token_in(bob, acme)
    state = authenticate_request(
        httpx.Request("GET", PAGE, headers={"authorization": f"Bearer {token}"}),
        AuthenticateRequestOptions(jwt_key=public_pem(server)),
    )

    asked = [
        {"plan": "org:team"},
        {"feature": "org:audit"},
        {"feature": "user:export"},
        {"feature": "org:export"},
    ]
    asked += [{"permission": "org:export:run"}, {"feature": "reports"}]
    assert answers(node_sdk, server, token, *asked) == [True] * 6
    assert answers(node_sdk, server, token, {"plan": "pro"}, {"feature": "org:reports"}) == [False] * 2
    assert state.payload is not None
    assert state.payload["org_permissions"] == ["org:export:run"]


def token_in(person: SignedIn, organization_id: str) -> str:
    """A token for a tab in which this organization is active."""
    response = person.server.http().post(
        f"/v1/client/sessions/{person.session_id}/tokens?__clerk_api_version=2026-05-12",
        headers={"cookie": f"__client={person.client_cookie}", "origin": person.origin},
        data={"organization_id": organization_id},
    )
    return response.raise_for_status().json()["jwt"]
