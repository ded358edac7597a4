"""No first factor signs a user with a second factor in, whichever it is, and neither does a known device."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA
from tests.support.factors.second_factor_numbers import (
    ATTRIBUTES,
    NUMBER,
    OTHER_NUMBER,
    attempt_by_phone,
    given_number,
    with_second_factors,
)
from tests.support.server import APP_ORIGIN, PASSWORD, TEST_CODE, Browser, JsonObject, TestServer

LINKS: JsonObject = {"email_address": {"first_factors": ["email_code", "email_link"]}}


@pytest.fixture
async def ada(server: TestServer) -> JsonObject:
    """A user who signs in by everything, and has a number as the second factor."""
    await with_second_factors(server, attributes=ATTRIBUTES | LINKS)
    backend = server.backend()
    user = await backend.create_user(ADA, password=PASSWORD)
    await given_number(backend, user["id"], OTHER_NUMBER)
    await given_number(backend, user["id"], NUMBER, reserved_for_second_factor=True)
    return user


async def begin(browser: Browser, **fields: object) -> str:
    started = await browser.post("/v1/client/sign_ins", **fields)
    assert started.status_code == 200, started.text
    return f"/v1/client/sign_ins/{started.json()['response']['id']}"


async def by_password(server: TestServer, browser: Browser, user: JsonObject) -> str:
    return await begin(browser, identifier=ADA, strategy="password", password=PASSWORD)


async def by_code(server: TestServer, browser: Browser, user: JsonObject) -> str:
    path = await begin(browser, identifier=ADA, strategy="email_code")
    await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)
    return path


async def by_number(server: TestServer, browser: Browser, user: JsonObject) -> str:
    path = await begin(browser, identifier=OTHER_NUMBER, strategy="phone_code")
    await browser.post(f"{path}/attempt_first_factor", strategy="phone_code", code=TEST_CODE)
    return path


async def by_link(server: TestServer, browser: Browser, user: JsonObject) -> str:
    back = f"{APP_ORIGIN}/verify"
    path = await begin(browser, identifier=ADA, strategy="email_link", redirect_url=back)
    opened = await browser.http.get((await server.messages(ADA))[0]["links"][0])
    assert "__clerk_created_session" not in opened.headers["location"]
    return path


async def by_ticket(server: TestServer, browser: Browser, user: JsonObject) -> str:
    ticket = (await server.backend().post("/v1/sign_in_tokens", user_id=user["id"])).json()["token"]
    return await begin(browser, strategy="ticket", ticket=ticket)


async def by_reset(server: TestServer, browser: Browser, user: JsonObject, by: str) -> str:
    strategy = f"reset_password_{by}"
    path = await begin(browser, identifier=OTHER_NUMBER if by == "phone_code" else ADA, strategy=strategy)
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)
    await browser.post(f"{path}/reset_password", password="another long passphrase 7")
    return path


async def by_reset_by_mail(server: TestServer, browser: Browser, user: JsonObject) -> str:
    return await by_reset(server, browser, user, "email_code")


async def by_reset_by_phone(server: TestServer, browser: Browser, user: JsonObject) -> str:
    return await by_reset(server, browser, user, "phone_code")


Way = Callable[[TestServer, Browser, JsonObject], Awaitable[str]]
WAYS: list[Way] = [
    by_password,
    by_code,
    by_number,
    by_link,
    by_ticket,
    by_reset_by_mail,
    by_reset_by_phone,
]


@pytest.mark.parametrize("client_trust", [False, True])
@pytest.mark.parametrize("way", WAYS)
async def test_first_factor_does_not_skip_the_second(
    server: TestServer, ada: JsonObject, way: Way, client_trust: bool
) -> None:
    await configure(server, {"attack_protection": {"client_trust": client_trust}})
    browser = server.browser()

    path = await way(server, browser, ada)

    shown = (await browser.get(path)).json()["response"]
    assert (shown["status"], shown["created_session_id"]) == ("needs_second_factor", None)
    assert [one["strategy"] for one in shown["supported_second_factors"]] == ["phone_code"]
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []
    done = await attempt_by_phone(browser, shown)
    assert done.json()["response"]["status"] == "complete"


async def test_known_device_does_not_skip_the_second_factor(server: TestServer, ada: JsonObject) -> None:
    await configure(server, {"attack_protection": {"client_trust": True}})
    browser = server.browser()
    first = await by_password(server, browser, ada)
    done = await attempt_by_phone(browser, (await browser.get(first)).json()["response"])
    session_id = done.json()["response"]["created_session_id"]
    await browser.post(f"/v1/client/sessions/{session_id}/end")

    path = await by_password(server, browser, ada)

    assert (await browser.get(path)).json()["response"]["status"] == "needs_second_factor"


async def test_code_that_trusts_a_device_is_no_second_factor(server: TestServer, ada: JsonObject) -> None:
    await configure(server, {"attack_protection": {"client_trust": True}})
    browser = server.browser()
    path = await by_password(server, browser, ada)

    refused = await browser.post(f"{path}/prepare_second_factor", strategy="email_code")

    assert refused.status_code == 400


async def test_reset_code_does_not_sign_in_without_a_new_password(
    server: TestServer, ada: JsonObject
) -> None:
    browser = server.browser()
    strategy = "reset_password_email_code"
    path = await begin(browser, identifier=ADA, strategy=strategy)
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    prepared = await browser.post(f"{path}/prepare_second_factor", strategy="phone_code")
    again = await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    assert (prepared.status_code, again.status_code) == (400, 400)
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []
