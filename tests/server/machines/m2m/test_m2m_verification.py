"""M2M tokens after they were made: verified, revoked and listed, by the instance's key or a machine's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.machines import add_machine, add_token, as_machine
from tests.support.server import Backend, JsonObject, TestServer


async def refuses(backend: Backend, token: str) -> bool:
    answer = await backend.post("/v1/m2m_tokens/verify", token=token)
    if answer.status_code == 200:
        return False
    assert error_of(answer)[:2] == (404, "resource_not_found")
    return True


async def test_instance_verifies_every_token_and_its_use_is_noted(
    server: TestServer, backend: Backend, asking: Backend
) -> None:
    made = await add_token(asking, claims={"job": "nightly"})
    token = made.pop("token")
    server.clock.advance(seconds=5)

    verified = (await backend.post("/v1/m2m_tokens/verify", token=token)).json()

    used = verified.pop("last_used_at")
    assert used >= made["created_at"] + 5000
    assert verified == {name: value for name, value in made.items() if name != "last_used_at"}


async def test_use_is_noted_once_a_minute(server: TestServer, backend: Backend, asking: Backend) -> None:
    token = (await add_token(asking))["token"]

    uses: list[int] = []
    for seconds in (0, 30, 31):
        server.clock.advance(seconds=seconds)
        answer = await backend.post("/v1/m2m_tokens/verify", token=token)
        uses.append(answer.json()["last_used_at"])

    assert uses[0] == uses[1] < uses[2]


async def test_machine_verifies_tokens_that_reach_it_alone(
    server: TestServer, backend: Backend, stock: JsonObject, asking: Backend
) -> None:
    stranger = await add_machine(backend, "stranger")
    token = (await add_token(asking))["token"]

    assert not await refuses(as_machine(server, stock), token)
    assert await refuses(as_machine(server, stranger), token)
    assert await refuses(asking, token)  # a scope is not mutual, and no machine reaches itself


async def test_scope_that_is_removed_ends_the_reach_of_tokens_at_once(
    server: TestServer, backend: Backend, orders: JsonObject, stock: JsonObject, asking: Backend
) -> None:
    opaque = (await add_token(asking))["token"]
    jwt = (await add_token(asking, token_format="jwt"))["token"]

    await backend.delete(f"/v1/machines/{orders['id']}/scopes/{stock['id']}")

    for token in (opaque, jwt):
        assert await refuses(as_machine(server, stock), token)
        assert (await backend.post("/v1/m2m_tokens/verify", token=token)).json()["scopes"] == []


async def test_scope_that_is_added_later_is_for_new_tokens(
    server: TestServer, backend: Backend, orders: JsonObject, asking: Backend
) -> None:
    mail = await add_machine(backend, "mail")
    before = (await add_token(asking))["token"]

    await backend.post(f"/v1/machines/{orders['id']}/scopes", to_machine_id=mail["id"])

    assert await refuses(as_machine(server, mail), before)
    assert not await refuses(as_machine(server, mail), (await add_token(asking))["token"])


async def test_expired_token_is_not_found(server: TestServer, backend: Backend, asking: Backend) -> None:
    token = (await add_token(asking, seconds_until_expiration=60))["token"]
    assert not await refuses(backend, token)

    server.clock.advance(seconds=60)

    assert await refuses(backend, token)


async def test_token_of_another_instance_is_not_found(server: TestServer, asking: Backend) -> None:
    neighbour = await server.neighbour()
    foreign = as_machine(server, await add_machine(neighbour))

    for token_format in ("opaque", "jwt"):
        token = (await add_token(asking, token_format=token_format))["token"]
        assert await refuses(neighbour, token)
        assert await refuses(foreign, token)


@pytest.mark.parametrize("token", ["mt_", "mt_unknown", "nonsense", "a.b.c", "ak_x", "é", "mt_" + "0" * 64])
async def test_unknown_token_is_not_found(backend: Backend, token: str) -> None:
    assert await refuses(backend, token)


async def test_id_of_a_token_is_not_the_token(backend: Backend, asking: Backend) -> None:
    assert await refuses(backend, (await add_token(asking))["id"])


@pytest.mark.parametrize("name", ["token", "secret", "access_token"])
async def test_token_may_have_the_name_that_any_sdk_sends(
    backend: Backend, asking: Backend, name: str
) -> None:
    made = await add_token(asking)

    answer = await backend.post("/v1/m2m_tokens/verify", **{name: made["token"]})

    assert answer.json()["id"] == made["id"]


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"token": 7}, {"token": "x", "y": 1}])
async def test_verification_needs_a_token(backend: Backend, body: dict[str, Any]) -> None:
    answer = await backend.post("/v1/m2m_tokens/verify", **body)

    assert answer.status_code == 400


# --- revocation ---------------------------------------------------------------------------------------------


async def test_revoked_token_is_not_found_any_more(
    server: TestServer, backend: Backend, stock: JsonObject, asking: Backend
) -> None:
    made = await add_token(asking)
    server.clock.advance(seconds=1)

    answer = await asking.post(f"/v1/m2m_tokens/{made['id']}/revoke", revocation_reason="leaked")

    revoked = answer.json()
    assert (revoked["revoked"], revoked["revocation_reason"]) == (True, "leaked")
    assert revoked["updated_at"] > revoked["created_at"]
    assert "token" not in revoked
    assert await refuses(backend, made["token"])
    assert await refuses(as_machine(server, stock), made["token"])


async def test_instance_revokes_every_token_and_twice_is_as_good_as_once(
    backend: Backend, asking: Backend
) -> None:
    made = await add_token(asking)
    path = f"/v1/m2m_tokens/{made['id']}/revoke"

    first = (await backend.post(path, revocation_reason="leaked")).json()
    second = (await backend.post(path, revocation_reason="lost")).json()

    assert first == second
    assert second["revocation_reason"] == "leaked"


async def test_machine_revokes_its_own_tokens_alone(
    server: TestServer, backend: Backend, stock: JsonObject, asking: Backend
) -> None:
    made = await add_token(asking)
    path = f"/v1/m2m_tokens/{made['id']}/revoke"

    for other in (as_machine(server, stock), await server.neighbour()):
        assert error_of(await other.post(path))[:2] == (404, "resource_not_found")

    assert not await refuses(backend, made["token"])


async def test_only_tokens_that_are_kept_can_be_revoked(backend: Backend, asking: Backend) -> None:
    jwt = await add_token(asking, token_format="jwt")

    for token_id in (jwt["id"], "mt_unknown", "mt_" + "0" * 32):
        answer = await backend.post(f"/v1/m2m_tokens/{token_id}/revoke")
        assert error_of(answer)[:2] == (404, "resource_not_found")


@pytest.mark.parametrize("body", [{"revocation_reason": 7}, {"revocation_reason": "x" * 1025}, {"why": "x"}])
async def test_revocation_refuses_wrong_parameters(
    backend: Backend, asking: Backend, body: dict[str, Any]
) -> None:
    made = await add_token(asking)

    answer = await backend.post(f"/v1/m2m_tokens/{made['id']}/revoke", **body)

    assert answer.status_code == 400
    assert not await refuses(backend, made["token"])


# --- lists --------------------------------------------------------------------------------------------------


async def listed(backend: Backend, **query: Any) -> list[str]:
    answer = await backend.get("/v1/m2m_tokens", **query)
    assert answer.status_code == 200, answer.text
    return [token["id"] for token in answer.json()["m2m_tokens"]]


async def test_list_is_newest_first_and_without_the_dead_unless_asked(
    server: TestServer, backend: Backend, orders: JsonObject, asking: Backend
) -> None:
    made: dict[str, str] = {}
    for name, seconds in (("expired", 1), ("revoked", 900), ("live", 900)):
        made[name] = (await add_token(asking, seconds_until_expiration=seconds))["id"]
        server.clock.advance(seconds=2)
    await add_token(asking, token_format="jwt")
    await asking.post(f"/v1/m2m_tokens/{made['revoked']}/revoke")
    subject = orders["id"]

    for who in (backend, asking):
        assert await listed(who, subject=subject) == [made["live"]]
        assert await listed(who, subject=subject, revoked="true") == [made["live"], made["revoked"]]
        assert await listed(who, subject=subject, expired="true") == [made["live"], made["expired"]]
        everything = {"subject": subject, "revoked": "true", "expired": "true"}
        assert await listed(who, **everything) == [made["live"], made["revoked"], made["expired"]]
        assert await listed(who, **everything, limit=1, offset=1) == [made["revoked"]]


async def test_list_counts_all_and_shows_no_token(
    backend: Backend, orders: JsonObject, asking: Backend
) -> None:
    tokens = [(await add_token(asking))["token"] for _ in range(3)]

    answer = await backend.get("/v1/m2m_tokens", subject=orders["id"], limit=2)

    assert (len(answer.json()["m2m_tokens"]), answer.json()["total_count"]) == (2, 3)
    assert not any(token in answer.text for token in tokens)


async def test_tokens_that_expired_a_month_ago_are_forgotten(
    server: TestServer, backend: Backend, orders: JsonObject, asking: Backend
) -> None:
    short = (await add_token(asking, seconds_until_expiration=60))["id"]
    day = 24 * 3600
    long = (await add_token(asking, seconds_until_expiration=40 * day))["id"]
    everything = {"subject": orders["id"], "expired": "true"}

    server.clock.advance(seconds=30 * day)
    recent = (await add_token(asking, seconds_until_expiration=60))["id"]
    await server.app.purger.run()
    assert set(await listed(backend, **everything)) == {short, long, recent}
    server.clock.advance(seconds=61)
    await server.app.purger.run()

    assert set(await listed(backend, **everything)) == {long, recent}


async def test_machine_lists_its_own_tokens_alone(
    backend: Backend, orders: JsonObject, stock: JsonObject, asking: Backend
) -> None:
    for subject in (stock["id"], "mch_unknown"):
        answer = await asking.get("/v1/m2m_tokens", subject=subject)
        assert error_of(answer)[:2] == (403, "authorization_invalid")
    assert error_of(await backend.get("/v1/m2m_tokens", subject="mch_unknown"))[0] == 404
    assert await listed(asking, subject=orders["id"]) == []


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"offset": -1}, {"offset": 2**31}, {"revoked": "perhaps"}],
)
async def test_list_refuses_what_it_cannot_do(
    backend: Backend, orders: JsonObject, query: dict[str, Any]
) -> None:
    answer = await backend.get("/v1/m2m_tokens", subject=orders["id"], **query)

    assert error_of(answer)[::2] == (400, next(iter(query)))


async def test_list_needs_a_subject(backend: Backend) -> None:
    assert error_of(await backend.get("/v1/m2m_tokens")) == (400, "form_param_missing", "subject")


async def test_token_made_while_its_machine_is_deleted_is_dead_or_never_made(
    backend: Backend, orders: JsonObject, asking: Backend
) -> None:
    made, deleted = await asyncio.gather(
        asking.post("/v1/m2m_tokens"), backend.delete(f"/v1/machines/{orders['id']}")
    )

    assert deleted.status_code == 200
    assert made.status_code in (201, 401)
    if made.status_code == 201:
        assert await refuses(backend, made.json()["token"])
