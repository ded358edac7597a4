"""Machines and M2M tokens by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.security import verify_token
from clerk_backend_api.security.types import TokenVerificationError, VerifyTokenOptions

from greffier.server.signing.jwts import CATEGORY_M2M, read_unverified_claims
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk


class Node:
    """Calls of the Backend API by `@clerk/backend`, with the instance's key or a machine's."""

    def __init__(self, sdk: NodeSdk, server: Serving) -> None:
        self._sdk, self._server = sdk, server

    def call(self, method: str, *args: Any, key: str | None = None) -> Any:
        client = client_of(self._server, **self._keys(key))
        return self._sdk.result("call", client=client, method=method, args=list(args))

    def refusal(self, method: str, *args: Any, key: str | None = None) -> dict[str, Any]:
        client = client_of(self._server, **self._keys(key))
        return self._sdk.ask("call", client=client, method=method, args=list(args))

    def authenticate(self, token: str, *, key: str | None = None, **options: Any) -> dict[str, Any]:
        return self._sdk.result(
            "authenticate",
            client=client_of(self._server, **self._keys(key)),
            request={"url": "http://stock.example/", "headers": {"authorization": f"Bearer {token}"}},
            options={"acceptsToken": "m2m_token", **options},
        )

    @staticmethod
    def _keys(key: str | None) -> dict[str, Any]:
        return {} if key is None else {"machineSecretKey": key, "secretKey": None}


@pytest.fixture
def node(node_sdk: NodeSdk, dev_server: Serving) -> Node:
    return Node(node_sdk, dev_server)


@pytest.fixture
def stock(sdk: Clerk) -> models.MachineCreated:
    return sdk.machines.create(request={"name": "stock"})


@pytest.fixture
def orders(sdk: Clerk, stock: models.MachineCreated) -> models.MachineCreated:
    return sdk.machines.create(
        request={"name": "orders", "scoped_machines": [stock.id], "default_token_ttl": 600}
    )


# --- Node.js ------------------------------------------------------------------------------------------------


def test_node_sdk_manages_machines(node: Node) -> None:
    stock = node.call("machines.create", {"name": "node stock"})
    made = node.call("machines.create", {"name": "node orders", "defaultTokenTtl": 60})
    scope = node.call("machines.createScope", made["id"], stock["id"])
    shown = node.call("machines.get", made["id"])
    listed = node.call("machines.list", {"query": "node orders", "limit": 5, "orderBy": "-name"})
    renamed = node.call("machines.update", {"machineId": made["id"], "name": "node shop"})
    key = node.call("machines.getSecretKey", made["id"])
    rotated = node.call("machines.rotateSecretKey", {"machineId": made["id"], "previousTokenTtl": 60})
    unscoped = node.call("machines.deleteScope", made["id"], stock["id"])
    deleted = node.call("machines.delete", made["id"])

    assert made["secretKey"] == key["secret"] != rotated["secret"]
    assert (scope["fromMachineId"], scope["toMachineId"]) == (made["id"], stock["id"])
    assert [other["id"] for other in shown["scopedMachines"]] == [stock["id"]]
    assert (listed["totalCount"], listed["data"][0]["id"]) == (1, made["id"])
    assert (renamed["name"], renamed["defaultTokenTtl"]) == ("node shop", 60)
    assert unscoped["deleted"] is True
    assert deleted["id"] == made["id"]
    assert node.refusal("machines.get", made["id"])["status"] == 404


def test_node_sdk_makes_verifies_lists_and_revokes_tokens(
    node: Node, orders: models.MachineCreated, stock: models.MachineCreated
) -> None:
    made = node.call(
        "m2m.createToken", {"claims": {"job": "n"}, "secondsUntilExpiration": 60}, key=orders.secret_key
    )
    again = node.call(
        "m2m.createToken", {"claims": {"job": "n"}, "minRemainingTtlSeconds": 9}, key=orders.secret_key
    )
    by_machine = node.call("m2m.verify", {"token": made["token"]}, key=stock.secret_key)
    by_instance = node.call("m2m.verify", {"token": made["token"]})
    listed = node.call("m2m.list", {"subject": orders.id})
    revoked = node.call("m2m.revokeToken", {"m2mTokenId": made["id"], "revocationReason": "done"})

    assert again["token"] == made["token"]
    assert (made["subject"], made["scopes"], made["claims"]) == (orders.id, [stock.id], {"job": "n"})
    assert by_machine["id"] == by_instance["id"] == made["id"]
    assert (listed["totalCount"], [token["id"] for token in listed["data"]]) == (1, [made["id"]])
    assert (revoked["revoked"], revoked["revocationReason"]) == (True, "done")
    assert node.refusal("m2m.verify", {"token": made["token"]}, key=stock.secret_key)["status"] == 404
    assert node.refusal("m2m.createToken", {})["status"] == 401


def test_node_sdk_believes_a_jwt_without_asking(
    node: Node, orders: models.MachineCreated, stock: models.MachineCreated
) -> None:
    made = node.call("m2m.createToken", {"tokenFormat": "jwt", "claims": {"job": "n"}}, key=orders.secret_key)

    verified = node.call("m2m.verify", {"token": made["token"]})

    assert (verified["id"], verified["subject"]) == (made["id"], orders.id)
    assert verified["scopes"] == [stock.id]
    assert verified["claims"]["job"] == "n"
    assert verified["expiration"] == made["expiration"]


@pytest.mark.parametrize("token_format", ["opaque", "jwt"])
def test_node_application_accepts_the_tokens_of_machines(
    node: Node, orders: models.MachineCreated, stock: models.MachineCreated, token_format: str
) -> None:
    token = node.call("m2m.createToken", {"tokenFormat": token_format}, key=orders.secret_key)["token"]

    state = node.authenticate(token, audience=stock.id)

    assert state["status"] == "signed-in"
    assert node.authenticate(token, acceptsToken="session_token")["status"] == "signed-out"


def test_node_application_refuses_tokens_for_others(node: Node, orders: models.MachineCreated) -> None:
    stranger = node.call("machines.create", {"name": "stranger"})
    opaque = node.call("m2m.createToken", {}, key=orders.secret_key)["token"]
    jwt = node.call("m2m.createToken", {"tokenFormat": "jwt"}, key=orders.secret_key)["token"]
    unscoped = node.call("m2m.createToken", {"tokenFormat": "jwt"}, key=stranger["secretKey"])["token"]

    assert node.authenticate(opaque, key=stranger["secretKey"])["status"] == "signed-out"
    assert node.authenticate(jwt, audience=stranger["id"])["status"] == "signed-out"
    assert node.authenticate(unscoped, audience=orders.id)["status"] == "signed-out"


# --- Python -------------------------------------------------------------------------------------------------


def test_python_sdk_manages_machines(sdk: Clerk, stock: models.MachineCreated) -> None:
    made = sdk.machines.create(request={"name": "python orders"})
    scope = sdk.machines.create_scope(machine_id=made.id, to_machine_id=stock.id)
    shown = sdk.machines.get(machine_id=made.id)
    listed = sdk.machines.list(query="python orders", order_by="+name")
    renamed = sdk.machines.update(machine_id=made.id, name="python shop", default_token_ttl=60)
    key = sdk.machines.get_secret_key(machine_id=made.id)
    rotated = sdk.machines.rotate_secret_key(machine_id=made.id, previous_token_ttl=0)
    unscoped = sdk.machines.delete_scope(machine_id=made.id, other_machine_id=stock.id)
    deleted = sdk.machines.delete(machine_id=made.id)

    assert made.secret_key == key.secret != rotated.secret
    assert (scope.from_machine_id, scope.to_machine_id) == (made.id, stock.id)
    assert [other.id for other in shown.scoped_machines] == [stock.id]
    assert (listed.total_count, listed.data[0].id) == (1, made.id)
    assert (renamed.name, renamed.default_token_ttl) == ("python shop", 60)
    assert unscoped.DELETED
    assert deleted.DELETED
    with pytest.raises(models.ClerkErrors) as refused:
        sdk.machines.get(machine_id=made.id)
    assert refused.value.data.errors[0].code == "resource_not_found"


def test_python_sdk_makes_verifies_lists_and_revokes_tokens(
    dev_server: Serving, sdk: Clerk, orders: models.MachineCreated, stock: models.MachineCreated
) -> None:
    with (
        Clerk(bearer_auth=orders.secret_key, server_url=f"{dev_server.url}/v1") as asking,
        Clerk(bearer_auth=stock.secret_key, server_url=f"{dev_server.url}/v1") as asked,
    ):
        made = asking.m2m.create_token(claims={"job": "n"}, seconds_until_expiration=60)
        verified = asked.m2m.verify_token(token=made.token)
        listed = asking.m2m.list_tokens(subject=orders.id)
        revoked = asking.m2m.revoke_token(m2m_token_id=made.id, revocation_reason="done")

        assert verified.id == made.id
        assert (made.subject, made.scopes, made.claims) == (orders.id, [stock.id], {"job": "n"})
        assert (listed.total_count, [token.id for token in listed.m2m_tokens]) == (1, [made.id])
        assert (revoked.revoked, revoked.revocation_reason) == (True, "done")
        with pytest.raises(models.VerifyM2MTokenM2mResponseResponseBody) as unknown:
            asked.m2m.verify_token(token=made.token)
        assert unknown.value.data.errors[0].code == "resource_not_found"
        with pytest.raises(models.CreateM2MTokenM2mResponseBody) as refused:
            asking.m2m.create_token(min_remaining_ttl_seconds=600)
        assert refused.value.data.errors[0].code == "form_param_format_invalid"


def test_python_sdk_verifies_the_opaque_tokens_of_machines(
    dev_server: Serving, orders: models.MachineCreated, stock: models.MachineCreated
) -> None:
    with Clerk(bearer_auth=orders.secret_key, server_url=f"{dev_server.url}/v1") as asking:
        made = asking.m2m.create_token(claims={"job": "n"})
    accepting = VerifyTokenOptions(machine_secret_key=stock.secret_key, api_url=dev_server.url)

    payload = verify_token(made.token, accepting)

    assert (payload["subject"], payload["claims"]) == (orders.id, {"job": "n"})
    refusing = VerifyTokenOptions(machine_secret_key=orders.secret_key, api_url=dev_server.url)
    with pytest.raises(TokenVerificationError):
        verify_token(made.token, refusing)


def test_jwt_of_a_machine_is_signed_by_the_published_key(
    dev_server: Serving, orders: models.MachineCreated
) -> None:
    with Clerk(bearer_auth=orders.secret_key, server_url=f"{dev_server.url}/v1") as asking:
        made = asking.m2m.create_token(token_format=models.TokenFormat.JWT)

    keys = jwt.PyJWKSet.from_dict(httpx.get(f"{dev_server.url}/.well-known/jwks.json").json())
    header = jwt.get_unverified_header(made.token)
    key = keys[header["kid"]]
    claims = jwt.decode(
        made.token, key, algorithms=["RS256"], audience=read_unverified_claims(made.token)["aud"]
    )
    assert (header["typ"], header["cat"]) == ("JWT", CATEGORY_M2M)
    assert (claims["jti"], claims["sub"]) == (made.id, orders.id)
