"""Actor tokens: an actor acts as a user, visibly and for a limited time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.server import Backend, Browser, TestServer

SUPPORT = {"sub": "user_support", "note": "ticket 17"}


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> dict[str, Any]:
    return await backend.add_user("ada@example.com")


async def impersonate(server: TestServer, ticket: str) -> tuple[Browser, dict[str, Any]]:
    """A browser that used the ticket, and what it was answered."""
    browser = server.browser()
    return browser, (await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)).json()


async def test_actor_token_signs_in_as_the_user_and_every_token_says_who_acts(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()
    assert (token["status"], token["actor"]) == ("pending", SUPPORT)
    assert token["url"].endswith(f"/sign-in?__clerk_ticket={token['token']}")

    browser, answer = await impersonate(server, token["token"])

    session = answer["client"]["sessions"][0]
    assert answer["response"]["status"] == "complete"
    assert (session["user"]["id"], session["actor"]) == (ada["id"], SUPPORT)
    claims = claims_of((await browser.token(session["id"])).json()["jwt"])
    assert (claims["sub"], claims["act"]) == (ada["id"], SUPPORT)
    assert claims["fva"] == [-1, -1]


async def test_impersonation_leaves_no_sign_in_at_the_user(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()

    await impersonate(server, token["token"])

    assert (await backend.get(f"/v1/users/{ada['id']}")).json()["last_sign_in_at"] is None


async def test_impersonated_session_ends_after_half_an_hour(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()
    browser, answer = await impersonate(server, token["token"])
    session_id = answer["client"]["last_active_session_id"]

    server.clock.advance(seconds=30 * 60 - 1)
    assert (await browser.token(session_id)).status_code == 200
    server.clock.advance(seconds=1)
    assert (await browser.token(session_id)).status_code == 401


async def test_duration_of_the_session_can_be_chosen(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    token = await backend.post(
        "/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT, session_max_duration_in_seconds=60
    )
    browser, answer = await impersonate(server, token.json()["token"])

    server.clock.advance(seconds=60)

    assert (await browser.token(answer["client"]["last_active_session_id"])).status_code == 401


async def test_actor_token_works_once(server: TestServer, backend: Backend, ada: dict[str, Any]) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()
    await impersonate(server, token["token"])

    _, again = await impersonate(server, token["token"])

    assert again["errors"][0]["code"] == "ticket_invalid_code"


async def test_actor_token_expires_after_an_hour(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()
    server.clock.advance(seconds=3600)

    _, answer = await impersonate(server, token["token"])

    assert answer["errors"][0]["code"] == "ticket_expired_code"


async def test_revoked_actor_token_is_refused(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()

    revoked = await backend.post(f"/v1/actor_tokens/{token['id']}/revoke")
    _, answer = await impersonate(server, token["token"])

    assert (revoked.json()["status"], "token" in revoked.json()) == ("revoked", False)
    assert answer["errors"][0]["code"] == "ticket_invalid_code"


async def test_each_kind_of_token_is_revoked_in_its_own_place(backend: Backend, ada: dict[str, Any]) -> None:
    actor = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()
    plain = (await backend.post("/v1/sign_in_tokens", user_id=ada["id"])).json()

    crossed = [
        await backend.post(f"/v1/sign_in_tokens/{actor['id']}/revoke"),
        await backend.post(f"/v1/actor_tokens/{plain['id']}/revoke"),
    ]

    assert [error_of(response)[:2] for response in crossed] == [(404, "resource_not_found")] * 2


async def test_actor_must_be_named(backend: Backend, ada: dict[str, Any]) -> None:
    for actor in ({}, {"sub": ""}, {"sub": 7}):
        response = await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=actor)
        assert error_of(response) == (422, "form_param_format_invalid", "actor")


async def test_user_must_exist(backend: Backend) -> None:
    response = await backend.post("/v1/actor_tokens", user_id="user_unknown", actor=SUPPORT)

    assert error_of(response) == (422, "form_param_value_invalid", "user_id")


@pytest.mark.parametrize("single", [False, True], ids=["several-sessions", "single-session"])
async def test_actor_token_signs_in_although_the_user_is_signed_in_on_that_client(
    server: TestServer, backend: Backend, single: bool
) -> None:
    browser = server.browser()
    own = (await browser.sign_up())["sessions"][0]
    await configure(server, {"session": {"single_session": single}})
    token = (await backend.post("/v1/actor_tokens", user_id=own["user"]["id"], actor=SUPPORT)).json()

    done = (await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token["token"])).json()

    assert done["response"]["status"] == "complete"
    actors = {one["id"]: one["actor"] for one in done["client"]["sessions"]}
    assert actors.pop(done["response"]["created_session_id"]) == SUPPORT
    assert actors == ({} if single else {own["id"]: None})
    assert done["client"]["last_active_session_id"] == done["response"]["created_session_id"]


async def test_actor_token_that_is_no_good_ends_no_session(server: TestServer) -> None:
    browser = server.browser()
    own = (await browser.sign_up())["sessions"][0]
    await configure(server, {"session": {"single_session": True}})

    refused = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket="nonsense")

    assert refused.status_code == 400
    assert (await browser.token(own["id"])).status_code == 200


async def test_sign_in_token_does_not_sign_in_beside_another_session_in_single_session_mode(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    browser = server.browser()
    await browser.sign_up("eve+clerk_test@example.com")
    await configure(server, {"session": {"single_session": True}})
    token = (await backend.post("/v1/sign_in_tokens", user_id=ada["id"])).json()

    refused = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token["token"])

    assert error_of(refused)[:2] == (400, "session_exists")


async def test_actor_token_is_revoked_once(backend: Backend, ada: dict[str, Any]) -> None:
    token = (await backend.post("/v1/actor_tokens", user_id=ada["id"], actor=SUPPORT)).json()
    path = f"/v1/actor_tokens/{token['id']}/revoke"
    await backend.post(path)

    again = await backend.post(path)

    assert error_of(again)[:2] == (400, "actor_token_cannot_be_revoked_code")
