"""API keys by the unmodified official SDKs, which manage them and authenticate requests by them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.security import verify_token
from clerk_backend_api.security.types import (
    TokenVerificationError,
    TokenVerificationErrorReason,
    VerifyTokenOptions,
)

from tests.support.server import APP_ORIGIN
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk
_numbers = itertools.count(1)


@pytest.fixture
def user_id(sdk: Clerk) -> str:
    address = f"key{next(_numbers)}+clerk_test@example.com"
    return sdk.users.create(email_address=[address], skip_password_requirement=True).id


class Node:
    """`@clerk/backend` at this server."""

    def __init__(self, sdk: NodeSdk, server: Serving) -> None:
        self._sdk, self._client = sdk, client_of(server)

    def call(self, method: str, *args: Any) -> Any:
        return self._sdk.result("call", client=self._client, method=f"apiKeys.{method}", args=args)

    def refusal(self, method: str, *args: Any) -> tuple[int, str]:
        answer = self._sdk.ask("call", client=self._client, method=f"apiKeys.{method}", args=args)
        return answer["status"], answer["errors"][0]["code"]

    def authenticate(self, token: str, accepts: Any) -> dict[str, Any]:
        return self._sdk.result(
            "authenticate",
            client=self._client,
            request={"url": APP_ORIGIN, "headers": {"authorization": f"Bearer {token}"}},
            options={"acceptsToken": accepts},
        )


@pytest.fixture
def node(node_sdk: NodeSdk, dev_server: Serving) -> Node:
    return Node(node_sdk, dev_server)


def test_keys_are_managed_in_javascript(node: Node, user_id: str) -> None:
    made = node.call(
        "create",
        {
            "name": "deploy",
            "subject": user_id,
            "scopes": ["read"],
            "claims": {"team": "blue"},
            "createdBy": user_id,
            "secondsUntilExpiration": 3600,
        },
    )

    assert (made["subject"], made["createdBy"], made["claims"]) == (user_id, user_id, {"team": "blue"})
    assert made["expiration"] == made["createdAt"] + 3_600_000
    assert node.call("getSecret", made["id"])["secret"] == made["secret"]
    assert node.call("get", made["id"])["name"] == "deploy"
    updated = node.call("update", {"apiKeyId": made["id"], "subject": user_id, "description": "new"})
    assert (updated["description"], updated["scopes"]) == ("new", ["read"])
    listed = node.call("list", {"subject": user_id, "limit": 5, "includeInvalid": True})
    assert (listed["totalCount"], [key["id"] for key in listed["data"]]) == (1, [made["id"]])
    assert node.refusal("create", {"name": "deploy", "subject": user_id}) == (409, "token_creation_conflict")

    verified = node.call("verify", made["secret"])
    assert (verified["subject"], verified["scopes"], verified["revoked"]) == (user_id, ["read"], False)
    revoked = node.call("revoke", {"apiKeyId": made["id"], "revocationReason": "It leaked."})
    assert (revoked["revoked"], revoked["revocationReason"]) == (True, "It leaked.")
    assert node.refusal("verify", made["secret"]) == (404, "resource_not_found")
    assert node.call("delete", made["id"])["deleted"] is True
    assert node.refusal("get", made["id"]) == (404, "resource_not_found")


def test_requests_are_authenticated_by_keys_in_javascript(node: Node, user_id: str) -> None:
    made = node.call("create", {"name": "deploy", "subject": user_id, "scopes": ["read"]})

    for accepts in ("api_key", ["session_token", "api_key"], "any"):
        state = node.authenticate(made["secret"], accepts)
        assert (state["status"], state["user_id"]) == ("signed-in", user_id)
    assert node.authenticate(made["secret"], "session_token")["status"] == "signed-out"

    node.call("revoke", {"apiKeyId": made["id"]})
    assert node.authenticate(made["secret"], "api_key")["status"] == "signed-out"


def test_keys_are_managed_in_python(sdk: Clerk, user_id: str) -> None:
    made = sdk.api_keys.create_api_key(
        name="deploy",
        subject=user_id,
        scopes=["read"],
        claims={"team": "blue"},
        seconds_until_expiration=3600,
    )

    assert (made.subject, made.scopes, made.claims) == (user_id, ["read"], {"team": "blue"})
    assert sdk.api_keys.get_api_key_secret(api_key_id=made.id).secret == made.secret
    assert sdk.api_keys.get_api_key(api_key_id=made.id).name == "deploy"
    assert sdk.api_keys.update_api_key(api_key_id=made.id, description="new").description == "new"
    listed = sdk.api_keys.get_api_keys(subject=user_id)
    assert (listed.total_count, [key.id for key in listed.data]) == (1, [made.id])
    with pytest.raises(models.CreateAPIKeyAPIKeysResponseResponseBody) as taken:
        sdk.api_keys.create_api_key(name="deploy", subject=user_id)
    assert taken.value.data.errors[0].code == "token_creation_conflict"
    with pytest.raises(models.CreateAPIKeyAPIKeysResponseBody) as refused:
        sdk.api_keys.create_api_key(name="ab", subject=user_id)
    assert refused.value.data.errors[0].code == "form_param_format_invalid"

    assert sdk.api_keys.verify_api_key(secret=made.secret).id == made.id
    revoked = sdk.api_keys.revoke_api_key(api_key_id=made.id, revocation_reason="It leaked.")
    assert (revoked.revoked, revoked.revocation_reason) == (True, "It leaked.")
    with pytest.raises(models.VerifyAPIKeyAPIKeysResponseResponseBody):
        sdk.api_keys.verify_api_key(secret=made.secret)
    sdk.api_keys.delete_api_key(api_key_id=made.id)
    with pytest.raises(models.GetAPIKeyAPIKeysResponseResponseBody):
        sdk.api_keys.get_api_key(api_key_id=made.id)


def test_keys_of_requests_are_verified_in_python(sdk: Clerk, dev_server: Serving, user_id: str) -> None:
    made = sdk.api_keys.create_api_key(name="deploy", subject=user_id, scopes=["read"])
    options = VerifyTokenOptions(secret_key=dev_server.secret_key, api_url=dev_server.url)

    verified = verify_token(made.secret, options)
    assert (verified["subject"], verified["scopes"]) == (user_id, ["read"])

    sdk.api_keys.revoke_api_key(api_key_id=made.id)
    with pytest.raises(TokenVerificationError) as refused:
        verify_token(made.secret, options)
    assert refused.value.reason is TokenVerificationErrorReason.TOKEN_INVALID
