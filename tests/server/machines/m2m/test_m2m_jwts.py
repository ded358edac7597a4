"""M2M tokens in the form of a JWT: what they say, and which of them the server believes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from greffier.server.signing.jwts import CATEGORY_M2M, CATEGORY_SESSION, CATEGORY_TEMPLATE
from tests.support.answers import claims_of, error_of
from tests.support.machines import add_token, as_machine
from tests.support.server import Backend, JsonObject, TestServer


def header_of(jwt: str) -> dict[str, Any]:
    part = jwt.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def test_jwt_says_what_its_answer_says(
    server: TestServer, orders: JsonObject, stock: JsonObject, asking: Backend
) -> None:
    made = await add_token(asking, token_format="jwt", claims={"job": "nightly", "nested": {"n": 1}})

    header, claims = header_of(made["token"]), claims_of(made["token"])
    published = (await server.backend().get("/v1/jwks")).json()["keys"][0]["kid"]
    assert header == {"alg": "RS256", "kid": published, "typ": "JWT", "cat": CATEGORY_M2M}
    issuer = server.app.services.ports.instances.by_id(orders["instance_id"])
    assert issuer is not None
    assert claims == {
        "jti": made["id"],
        "iss": issuer.issuer,
        "sub": orders["id"],
        "aud": [stock["id"]],
        "scopes": stock["id"],
        "iat": made["created_at"] // 1000,
        "nbf": made["created_at"] // 1000,
        "exp": made["expiration"] // 1000,
        "job": "nightly",
        "nested": {"n": 1},
    }
    assert claims["exp"] - claims["iat"] == 3600
    assert made["claims"] == {"job": "nightly", "nested": {"n": 1}}
    assert made["scopes"] == [stock["id"]]


async def test_jwt_of_a_machine_without_scopes_has_only_itself_as_audience(
    server: TestServer, stock: JsonObject
) -> None:
    asking = as_machine(server, stock)
    made = await add_token(asking, token_format="jwt")

    # An empty `aud` would be good for every machine: SDKs then ask for none.
    assert claims_of(made["token"])["aud"] == [stock["id"]]
    assert "scopes" not in claims_of(made["token"])
    assert made["scopes"] == []
    assert error_of(await asking.post("/v1/m2m_tokens/verify", token=made["token"]))[0] == 404


async def test_jwt_lives_for_whole_seconds(asking: Backend) -> None:
    made = await add_token(asking, token_format="jwt", seconds_until_expiration=0.2)

    claims = claims_of(made["token"])
    assert claims["exp"] - claims["iat"] == 1


async def test_server_verifies_a_jwt_as_it_does_an_opaque_token(
    server: TestServer, backend: Backend, stock: JsonObject, asking: Backend
) -> None:
    made = await add_token(asking, token_format="jwt", claims={"job": "nightly"}, seconds_until_expiration=60)
    token = made.pop("token")

    for who in (backend, as_machine(server, stock)):
        assert (await who.post("/v1/m2m_tokens/verify", token=token)).json() == made
    assert error_of(await asking.post("/v1/m2m_tokens/verify", token=token))[0] == 404

    server.clock.advance(seconds=61)
    assert error_of(await backend.post("/v1/m2m_tokens/verify", token=token))[0] == 404


@pytest.mark.parametrize("name", ["aud", "exp", "iat", "iss", "jti", "nbf", "scopes", "sub"])
async def test_what_only_the_server_says_is_refused_by_name(asking: Backend, name: str) -> None:
    answer = await asking.post("/v1/m2m_tokens", token_format="jwt", claims={name: "mine", "other": 1})

    assert error_of(answer) == (400, "form_param_format_invalid", "claims")
    assert name in answer.json()["errors"][0]["long_message"]
    assert "other" not in answer.json()["errors"][0]["long_message"]


@pytest.mark.parametrize("claims", [[1], "text", 7, False])
async def test_claims_of_a_jwt_are_an_object(asking: Backend, claims: Any) -> None:
    answer = await asking.post("/v1/m2m_tokens", token_format="jwt", claims=claims)

    assert error_of(answer) == (400, "form_param_format_invalid", "claims")


async def test_jwt_is_never_handed_out_again(asking: Backend) -> None:
    first = await add_token(asking, token_format="jwt", min_remaining_ttl_seconds=60)

    assert (await add_token(asking, token_format="jwt", min_remaining_ttl_seconds=60))["id"] != first["id"]


async def test_server_believes_no_jwt_of_another_kind(
    server: TestServer, backend: Backend, asking: Backend
) -> None:
    made = await add_token(asking, token_format="jwt")
    claims = claims_of(made["token"])
    instance = server.app.services.ports.instances.by_host("localhost")
    assert instance is not None
    key = server.app.signing.current(instance.id)

    for category in (None, CATEGORY_SESSION, CATEGORY_TEMPLATE):
        token = key.sign_jwt(claims, category=category)
        assert error_of(await backend.post("/v1/m2m_tokens/verify", token=token))[0] == 404
    believed = await backend.post("/v1/m2m_tokens/verify", token=key.sign_jwt(claims, category=CATEGORY_M2M))
    assert believed.status_code == 200


async def test_server_believes_no_jwt_that_was_tampered_with(backend: Backend, asking: Backend) -> None:
    header, payload, signature = (await add_token(asking, token_format="jwt"))["token"].split(".")
    forged = json.dumps(claims_of(f"{header}.{payload}.x") | {"sub": "mch_other"}).encode()
    unsigned = (
        base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT","cat":"cl_B7d4PD333AAA"}').decode().rstrip("=")
    )
    other = base64.urlsafe_b64encode(forged).decode().rstrip("=")

    for token in (
        f"{header}.{other}.{signature}",
        f"{header}.{payload}.",
        f"{unsigned}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
    ):
        assert error_of(await backend.post("/v1/m2m_tokens/verify", token=token))[0] == 404


async def test_session_of_a_person_cannot_be_read_from_a_machines_jwt(
    server: TestServer, asking: Backend
) -> None:
    token = (await add_token(asking, token_format="jwt"))["token"]

    answer = await server.backend().post("/v1/clients/verify", token=token)

    assert answer.status_code in (400, 404)
