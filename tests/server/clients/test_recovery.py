"""Recovery of a browser whose client is stale, or not there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer

ADDRESS = "ada+clerk_test@example.com"


async def second_tab_signs_in(browser: Browser) -> Any:
    return await browser.post(
        "/v1/client/sign_ins", strategy="password", identifier=ADDRESS, password=PASSWORD
    )


async def begins(browser: Browser) -> Any:
    return await browser.post("/v1/client/sign_ins", identifier=ADDRESS)


async def signs_up(browser: Browser) -> Any:
    return await browser.post(
        "/v1/client/sign_ups", email_address="eve+clerk_test@example.com", password=PASSWORD
    )


@pytest.mark.parametrize("protected", [True, False], ids=["protected", "unprotected"])
@pytest.mark.parametrize("again", [second_tab_signs_in, begins])
async def test_stale_tab_learns_who_is_signed_in_from_the_refusal(
    server: TestServer, again: Callable[[Browser], Awaitable[Any]], protected: bool
) -> None:
    protection = {"attack_protection": {"enumeration_protection": protected}}
    await configure(server, {"session": {"single_session": False}, **protection})
    browser = server.browser()
    client = await browser.sign_up(ADDRESS)

    refused = await again(browser)

    assert error_of(refused)[:2] == (400, "identifier_already_signed_in")
    told = refused.json()["meta"]["client"]
    assert told["id"] == client["id"]
    assert told["last_active_session_id"] == refused.json()["errors"][0]["meta"]["session_id"]


@pytest.mark.parametrize("again", [second_tab_signs_in, signs_up])
async def test_stale_tab_learns_of_the_one_session_from_the_refusal(
    server: TestServer, again: Callable[[Browser], Awaitable[Any]]
) -> None:
    await configure(server, {"session": {"single_session": True}})
    browser = server.browser()
    client = await browser.sign_up(ADDRESS)

    refused = await again(browser)

    assert error_of(refused)[:2] == (400, "session_exists")
    assert refused.json()["meta"]["client"]["sessions"][0]["id"] == client["sessions"][0]["id"]


async def test_refusal_without_anything_to_tell_has_no_client(server: TestServer) -> None:
    refused = await server.browser().post("/v1/client/sign_ins", identifier="unknown@example.com")

    assert "meta" not in refused.json()


# --- a client before it is written -------------------------------------------------------------------------


async def known_browser(server: TestServer) -> tuple[Browser, str]:
    browser = server.browser()
    token = (await browser.post("/v1/dev_browser")).json()["id"]
    return browser, token


async def clients(server: TestServer) -> int:
    return (await server.backend().get("/v1/clients", paginated=True)).json()["total_count"]


async def test_known_development_browser_sees_an_empty_client_and_nothing_is_written(
    server: TestServer,
) -> None:
    browser, token = await known_browser(server)

    first = (await browser.get("/v1/client", __clerk_db_jwt=token)).json()["response"]
    again = (await browser.get("/v1/client", __clerk_db_jwt=token)).json()["response"]

    assert first["object"] == "client"
    assert first["sessions"] == []
    assert (first["sign_in"], first["sign_up"], first["last_active_session_id"]) == (None, None, None)
    assert again == first
    assert await clients(server) == 0


async def test_first_write_keeps_the_id_of_the_empty_client(server: TestServer) -> None:
    browser, token = await known_browser(server)
    seen = (await browser.get("/v1/client", __clerk_db_jwt=token)).json()["response"]

    written = await browser.call(
        "POST", "/v1/client/sign_ins", {"identifier": "unknown@example.com"}, query={"__clerk_db_jwt": token}
    )
    made = await browser.call("PUT", "/v1/client", query={"__clerk_db_jwt": token})
    client = await browser.get("/v1/client", __clerk_db_jwt=token)

    assert written.status_code == 422
    assert made.json()["response"]["id"] == seen["id"] == client.json()["response"]["id"]


async def test_parallel_first_writes_make_one_client(server: TestServer) -> None:
    _, token = await known_browser(server)
    query = {"__clerk_db_jwt": token}

    made = await asyncio.gather(*(server.browser().call("PUT", "/v1/client", query=query) for _ in range(5)))

    assert {one.status_code for one in made} == {200}
    assert len({one.json()["response"]["id"] for one in made}) == 1
    assert await clients(server) == 1


async def test_client_after_one_that_was_deleted_has_another_id(server: TestServer) -> None:
    browser, token = await known_browser(server)
    query = {"__clerk_db_jwt": token}
    former = (await browser.call("PUT", "/v1/client", query=query)).json()["response"]["id"]
    await browser.call("DELETE", "/v1/client", query=query)

    seen = (await browser.get("/v1/client", **query)).json()["response"]["id"]
    made = (await browser.call("PUT", "/v1/client", query=query)).json()["response"]["id"]

    assert made == seen != former


async def test_browser_that_is_not_known_sees_no_client(server: TestServer) -> None:
    assert (await server.browser().get("/v1/client")).json()["response"] is None


async def test_production_shows_no_client_before_there_is_one(production: TestServer) -> None:
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")

    assert (await browser.get("/v1/client", __clerk_db_jwt="dvb_x")).json()["response"] is None
