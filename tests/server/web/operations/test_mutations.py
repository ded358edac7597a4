"""Answers of mutations: the whole resource as it is now, so that clients need not ask again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import Browser, TestServer

IN_BROWSERS: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "/v1/me", {"first_name": "Augusta"}),
    ("PATCH", "/v1/me", {"last_name": ""}),
    ("PATCH", "/v1/me/metadata", {"unsafe_metadata": '{"theme": "dark"}'}),
]
IN_BACKENDS: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "", {"first_name": "Augusta", "external_id": "42"}),
    ("PATCH", "/metadata", {"public_metadata": {"plan": "gold"}}),
    ("POST", "/ban", {}),
    ("POST", "/lock", {}),
]


@pytest.mark.parametrize(("method", "path", "change"), IN_BROWSERS)
async def test_change_of_oneself_answers_the_whole_user_as_it_is_now(
    server: TestServer, method: str, path: str, change: dict[str, Any]
) -> None:
    browser = server.browser()
    await browser.sign_up(first_name="Ada", last_name="Lovelace")
    before = await own_user(browser)
    server.clock.advance(seconds=1)

    answer = (await browser.call(method, path, change)).json()

    assert answer["response"] == answer["client"]["sessions"][0]["user"] == await own_user(browser)
    assert answer["response"] != before


async def own_user(browser: Browser) -> dict[str, Any]:
    return (await browser.get("/v1/me")).json()["response"]


async def test_new_address_is_answered_alone_and_in_its_user(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    answer = (await browser.post("/v1/me/email_addresses", email_address="countess@example.com")).json()

    address = answer["response"]
    assert address in answer["client"]["sessions"][0]["user"]["email_addresses"]
    assert (await browser.get(f"/v1/me/email_addresses/{address['id']}")).json()["response"] == address


@pytest.mark.parametrize(("method", "path", "change"), IN_BACKENDS)
async def test_change_by_a_backend_answers_the_whole_user_as_it_is_now(
    server: TestServer, method: str, path: str, change: dict[str, Any]
) -> None:
    backend = server.backend()
    user = await backend.add_user(first_name="Ada")
    server.clock.advance(seconds=1)

    answer = (await backend.call(method, f"/v1/users/{user['id']}{path}", change)).json()

    assert answer == (await backend.get(f"/v1/users/{user['id']}")).json()
    assert answer != user
