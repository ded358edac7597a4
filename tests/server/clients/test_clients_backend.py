"""Clients as an application's backend sees them, and sessions that it makes for tests."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.server import LIVE_SECRET_KEY, PASSWORD, Backend, Browser, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


def cookie_of(browser: Browser) -> str:
    return browser.http.cookies["__client"]


async def test_client_shows_its_sessions(server: TestServer, backend: Backend) -> None:
    signed_in = await server.browser().sign_up()

    client = (await backend.get(f"/v1/clients/{signed_in['id']}")).json()

    session_id = signed_in["last_active_session_id"]
    assert client["session_ids"] == [session_id] == [one["id"] for one in client["sessions"]]
    assert client["last_active_session_id"] == session_id
    assert client["last_authentication_strategy"] == "email_code"
    assert (client["sign_up_id"], client["sign_in_id"]) == (None, None)


async def test_client_shows_the_attempts_it_is_in_the_middle_of(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    sign_in = (await browser.post("/v1/client/sign_ins")).json()["client"]
    sign_up = (await browser.post("/v1/client/sign_ups")).json()["client"]

    client = (await backend.get(f"/v1/clients/{sign_in['id']}")).json()

    assert client["sign_up_id"] == sign_up["sign_up"]["id"]
    assert client["sign_in_id"] == sign_in["sign_in"]["id"]
    assert client["session_ids"] == []


async def test_list_is_newest_first_and_paginated_when_asked(server: TestServer, backend: Backend) -> None:
    ids: list[str] = []
    for _ in range(3):
        browser = server.browser()
        ids.insert(0, (await browser.call("PUT", "/v1/client")).json()["response"]["id"])
        server.clock.advance(seconds=1)

    bare = await backend.get("/v1/clients")
    page = await backend.get("/v1/clients", paginated="true", limit=2, offset=1)

    assert [client["id"] for client in bare.json()] == ids
    assert [client["id"] for client in page.json()["data"]] == ids[1:]
    assert page.json()["total_count"] == 3


async def test_cookie_of_a_browser_tells_its_client(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    response = await backend.post("/v1/clients/verify", token=cookie_of(browser))

    assert response.json()["id"] == client["id"]


async def test_former_cookie_names_the_client_for_a_moment_and_reading_signs_no_user_out(
    server: TestServer, backend: Backend
) -> None:
    browser = server.browser()
    await browser.call("PUT", "/v1/client")
    former = cookie_of(browser)
    client = await browser.sign_up()

    in_flight = await backend.post("/v1/clients/verify", token=former)
    server.clock.advance(seconds=31)
    later = await backend.post("/v1/clients/verify", token=former)

    assert in_flight.json()["id"] == client["id"]
    assert later.status_code == 404
    assert (await browser.token(client["last_active_session_id"])).status_code == 200


async def test_token_of_no_client_is_not_found(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    await browser.call("PUT", "/v1/client")
    header, payload, signature = cookie_of(browser).split(".")

    for token in ("nonsense", f"{header}.e30.{signature}", f"{header}.{payload[:-8]}.{signature}"):
        response = await backend.post("/v1/clients/verify", token=token)
        assert error_of(response)[:2] == (404, "resource_not_found"), token
    assert error_of(await backend.post("/v1/clients/verify")) == (422, "form_param_missing", "token")


async def test_unknown_or_deleted_client_is_not_found(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    await browser.delete("/v1/client")

    for client_id in ("client_unknown", client["id"]):
        response = await backend.get(f"/v1/clients/{client_id}")
        assert error_of(response)[:2] == (404, "resource_not_found")
    assert (await backend.get("/v1/clients")).json() == []


async def test_unknown_or_missing_nonce_of_a_handshake_is_refused(backend: Backend) -> None:
    unknown = await backend.get("/v1/clients/handshake_payload", nonce="unknown")
    missing = await backend.get("/v1/clients/handshake_payload")

    assert error_of(unknown)[:2] == (404, "resource_not_found")
    assert error_of(missing) == (422, "form_param_missing", "nonce")


async def test_session_can_be_made_in_development(backend: Backend) -> None:
    user = await backend.add_user()

    session = (await backend.post("/v1/sessions", user_id=user["id"])).json()

    assert (session["user_id"], session["status"]) == (user["id"], "active")
    assert (await backend.get(f"/v1/clients/{session['client_id']}")).json()["session_ids"] == [session["id"]]


async def test_session_is_not_made_for_an_unknown_user(backend: Backend) -> None:
    unknown = await backend.post("/v1/sessions", user_id="user_unknown")

    assert error_of(unknown)[:2] == (404, "resource_not_found")
    assert (await backend.get("/v1/clients")).json() == []


@pytest.mark.parametrize("bar", ["banned", "locked"])
async def test_session_is_not_made_for_a_user_who_may_not_sign_in(backend: Backend, bar: str) -> None:
    user = await backend.add_user(**{bar: True})

    response = await backend.post("/v1/sessions", user_id=user["id"])

    assert error_of(response)[:2] == (400, f"user_{bar}")
    assert (await backend.get("/v1/sessions")).json() == []


async def test_session_cannot_be_made_in_production(production: TestServer) -> None:
    backend = production.backend(secret_key=LIVE_SECRET_KEY)
    user = await backend.create_user(password=PASSWORD)

    response = await backend.post("/v1/sessions", user_id=user["id"])

    assert error_of(response)[:2] == (400, "request_invalid_for_environment")
