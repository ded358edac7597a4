"""M2M tokens as a machine makes them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from greffier.server.machines.tables import m2m_tokens
from tests.support.answers import error_of, errors_of
from tests.support.machines import add_machine, add_token, as_machine
from tests.support.server import Backend, JsonObject, TestServer


@pytest.fixture
async def orders(backend: Backend, stock: JsonObject) -> JsonObject:
    return await add_machine(backend, "orders", scoped_machines=[stock["id"]], default_token_ttl=600)


async def test_token_says_whose_it_is_and_whom_it_reaches(
    server: TestServer, orders: JsonObject, stock: JsonObject, asking: Backend
) -> None:
    made = await add_token(asking, claims={"job": "nightly"})

    assert re.fullmatch(r"mt_[0-9a-f]{32}", made["id"])
    assert made["token"].startswith("mt_")
    assert made["token"] != made["id"]
    assert (made["subject"], made["scopes"]) == (orders["id"], [stock["id"]])
    assert made["claims"] == {"job": "nightly"}
    assert (made["revoked"], made["revocation_reason"], made["expired"]) == (False, None, False)
    assert made["last_used_at"] is None
    assert made["expiration"] == made["created_at"] + 600_000
    assert abs(made["created_at"] - server.clock.now_ms()) < 60_000


@pytest.mark.parametrize("seconds", [1, 0.5, 90.25, 315_360_000])
async def test_token_lives_as_long_as_is_asked(asking: Backend, seconds: float) -> None:
    made = await add_token(asking, seconds_until_expiration=seconds)

    assert made["expiration"] - made["created_at"] == seconds * 1000


async def test_null_is_as_good_as_absent(asking: Backend) -> None:
    made = await add_token(asking, seconds_until_expiration=None, claims=None, token_format="opaque")

    assert (made["expiration"] - made["created_at"], made["claims"]) == (600_000, None)


@pytest.mark.parametrize("claims", [{}, [1, "two"], "text", 7, 1.5, False, {"deep": [{"er": None}]}])
async def test_claims_of_an_opaque_token_are_any_json(backend: Backend, asking: Backend, claims: Any) -> None:
    made = await add_token(asking, claims=claims)

    verified = (await backend.post("/v1/m2m_tokens/verify", token=made["token"])).json()
    assert made["claims"] == verified["claims"] == claims
    assert type(verified["claims"]) is type(claims)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"seconds_until_expiration": 0}, "seconds_until_expiration"),
        ({"seconds_until_expiration": -1}, "seconds_until_expiration"),
        ({"seconds_until_expiration": "60"}, "seconds_until_expiration"),
        ({"seconds_until_expiration": 1e300}, "seconds_until_expiration"),
        ({"token_format": "paseto"}, "token_format"),
        ({"token_format": None}, "token_format"),
        ({"min_remaining_ttl_seconds": -1}, "min_remaining_ttl_seconds"),
        ({"min_remaining_ttl_seconds": 1.5}, "min_remaining_ttl_seconds"),
        ({"min_remaining_ttl_seconds": 600}, "min_remaining_ttl_seconds"),
        ({"min_remaining_ttl_seconds": 10**30}, "min_remaining_ttl_seconds"),
        ({"min_remaining_ttl_seconds": 60, "seconds_until_expiration": 60}, "min_remaining_ttl_seconds"),
        ({"claims": {"text": "x" * 8192}}, "claims"),
        ({"claims": {"text": "x" * 8192}, "token_format": "jwt"}, "claims"),
        ({"scopes": ["mch_other"]}, "scopes"),
        ({"subject": "mch_other"}, "subject"),
    ],
)
async def test_token_refuses_wrong_parameters(asking: Backend, fields: dict[str, Any], param: str) -> None:
    answer = await asking.post("/v1/m2m_tokens", **fields)

    assert answer.status_code == 400
    assert param in errors_of(answer)


async def test_claims_that_are_too_deep_are_refused(asking: Backend) -> None:
    claims: Any = {}
    for _ in range(101):
        claims = [claims]

    answer = await asking.post("/v1/m2m_tokens", claims=claims)

    assert error_of(answer) == (400, "form_param_exceeds_allowed_size", "claims")


async def test_only_a_machine_makes_its_tokens(backend: Backend, orders: JsonObject) -> None:
    answer = await backend.post("/v1/m2m_tokens")

    assert error_of(answer)[:2] == (401, "authentication_invalid")
    listed = (await backend.get("/v1/m2m_tokens", subject=orders["id"])).json()
    assert listed == {"m2m_tokens": [], "total_count": 0}


async def test_tokens_are_kept_by_their_digest_alone(server: TestServer, asking: Backend) -> None:
    made = await add_token(asking, claims={"job": "nightly"})

    async with server.app.database.transaction() as db:
        rows = await db.select(m2m_tokens.select(), lambda *values: values)

    assert len(rows) == 1
    assert made["token"] not in repr(rows)
    assert made["token"][3:] not in repr(rows)


# --- reuse --------------------------------------------------------------------------------------------------


async def test_token_that_lives_long_enough_is_handed_out_again(asking: Backend) -> None:
    first = await add_token(asking, claims={"a": 1, "b": 2})

    again = await add_token(asking, claims={"b": 2, "a": 1}, min_remaining_ttl_seconds=60)

    assert again == first


async def test_token_that_lives_too_short_is_not_handed_out_again(
    server: TestServer, asking: Backend
) -> None:
    first = await add_token(asking)
    server.clock.advance(seconds=541)

    later = await add_token(asking, min_remaining_ttl_seconds=60)

    assert later["id"] != first["id"]
    assert later["token"] != first["token"]


@pytest.mark.parametrize("other", [{"claims": {"a": 2}}, {"claims": None}, {"claims": {"a": "1"}}])
async def test_token_with_other_claims_is_not_handed_out(asking: Backend, other: dict[str, Any]) -> None:
    first = await add_token(asking, claims={"a": 1})

    assert (await add_token(asking, min_remaining_ttl_seconds=0, **other))["id"] != first["id"]


async def test_revoked_token_is_not_handed_out_again(asking: Backend) -> None:
    first = await add_token(asking)
    await asking.post(f"/v1/m2m_tokens/{first['id']}/revoke")

    assert (await add_token(asking, min_remaining_ttl_seconds=0))["id"] != first["id"]


async def test_token_with_other_scopes_is_not_handed_out(
    backend: Backend, orders: JsonObject, stock: JsonObject, asking: Backend
) -> None:
    first = await add_token(asking)
    await backend.delete(f"/v1/machines/{orders['id']}/scopes/{stock['id']}")

    second = await add_token(asking, min_remaining_ttl_seconds=0)

    assert (second["id"] != first["id"], second["scopes"]) == (True, [])


async def test_token_of_another_machine_is_not_handed_out(
    server: TestServer, stock: JsonObject, backend: Backend, asking: Backend
) -> None:
    twin = await add_machine(backend, "twin", scoped_machines=[stock["id"]], default_token_ttl=600)
    first = await add_token(asking)

    assert (await add_token(as_machine(server, twin), min_remaining_ttl_seconds=0))["id"] != first["id"]


async def test_without_being_asked_no_token_is_handed_out_again(asking: Backend) -> None:
    assert (await add_token(asking))["id"] != (await add_token(asking))["id"]


async def test_those_who_ask_at_once_get_one_token(
    backend: Backend, orders: JsonObject, asking: Backend
) -> None:
    made = await asyncio.gather(*(add_token(asking, min_remaining_ttl_seconds=60) for _ in range(6)))

    assert len({token["token"] for token in made}) == 1
    assert (await backend.get("/v1/m2m_tokens", subject=orders["id"])).json()["total_count"] == 1


# --- the two prefixes ---------------------------------------------------------------------------------------


async def test_every_operation_is_served_with_and_without_the_version(
    server: TestServer, orders: JsonObject
) -> None:
    key = {"authorization": f"Bearer {orders['secret_key']}", "clerk-api-version": "2026-05-12"}
    transport = httpx.ASGITransport(app=server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=key) as http:
        for prefix in ("", "/v1"):
            made = await http.post(f"{prefix}/m2m_tokens", json={})
            token_id = made.json()["id"]
            listed = await http.get(f"{prefix}/m2m_tokens", params={"subject": orders["id"]})
            revoked = await http.post(f"{prefix}/m2m_tokens/{token_id}/revoke", json={})
            verified = await http.post(f"{prefix}/m2m_tokens/verify", json={"token": made.json()["token"]})

            assert [made.status_code, listed.status_code, revoked.status_code] == [201, 200, 200]
            assert [token["id"] for token in listed.json()["m2m_tokens"]] == [token_id]
            assert verified.status_code == 404
