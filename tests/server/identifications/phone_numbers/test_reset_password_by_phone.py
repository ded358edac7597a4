"""Reset of a forgotten password: a code by text message, a new password, signed in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.identifications.phone_numbers.numbers import REAL_NUMBER, code_sent_to, with_phone_numbers
from tests.support.answers import error_of
from tests.support.server import Browser, TestServer

STRATEGY = "reset_password_phone_code"
NEW = "a wholly different battery"


@pytest.fixture
async def browser(server: TestServer) -> Browser:
    """At an instance where Ada has a password and a number."""
    await with_phone_numbers(server)
    await server.backend().create_user("ada@example.com", phone_number=[REAL_NUMBER])
    return server.browser()


async def begin(browser: Browser) -> dict[str, Any]:
    begun = await browser.post("/v1/client/sign_ins", identifier=REAL_NUMBER, strategy=STRATEGY)
    assert begun.status_code == 200, begun.text
    return begun.json()["response"]


async def test_code_and_new_password_sign_in(server: TestServer, browser: Browser) -> None:
    begun = await begin(browser)
    path = f"/v1/client/sign_ins/{begun['id']}"
    assert begun["first_factor_verification"]["object"] == "verification_otp"
    (message,) = await server.messages(REAL_NUMBER)
    assert message["kind"] == "reset_password_code"

    proven = await browser.post(
        f"{path}/attempt_first_factor", strategy=STRATEGY, code=await code_sent_to(server, REAL_NUMBER)
    )
    assert proven.json()["response"]["status"] == "needs_new_password"
    done = await browser.post(f"{path}/reset_password", password=NEW)

    assert done.json()["response"]["status"] == "complete"
    assert await server.browser().sign_in(REAL_NUMBER, NEW)


async def test_wrong_code_sets_no_password(browser: Browser) -> None:
    path = f"/v1/client/sign_ins/{(await begin(browser))['id']}"
    wrong = await browser.post(f"{path}/attempt_first_factor", strategy=STRATEGY, code="000000")
    assert error_of(wrong)[:2] == (422, "form_code_incorrect")

    refused = await browser.post(f"{path}/reset_password", password=NEW)

    assert error_of(refused)[:2] == (400, "verification_missing")


async def test_user_without_password_resets_none(server: TestServer, browser: Browser) -> None:
    number = "+12025550199"
    await server.backend().add_user("eve@example.com", phone_number=[number])

    refused = await browser.post("/v1/client/sign_ins", identifier=number, strategy=STRATEGY)

    assert error_of(refused)[:2] == (400, "strategy_for_user_invalid")


async def test_without_phone_numbers_it_is_not_offered(server: TestServer, browser: Browser) -> None:
    await with_phone_numbers(server, attributes={"phone_number": {"enabled": False}})

    begun = await browser.post("/v1/client/sign_ins", identifier="ada@example.com")

    factors = [one["strategy"] for one in begun.json()["response"]["supported_first_factors"]]
    assert STRATEGY not in factors


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"identifier": False, "first_factors": []}, False),
        ({"identifier": False}, True),
        ({"first_factors": []}, True),
    ],
)
async def test_number_that_does_not_sign_in_resets_no_password(
    server: TestServer, browser: Browser, changes: dict[str, Any], offered: bool
) -> None:
    await with_phone_numbers(server, attributes={"phone_number": changes})

    begun = await browser.post("/v1/client/sign_ins", identifier="ada@example.com")
    sign_in = begun.json()["response"]
    path = f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor"
    number_id = (await server.backend().get("/v1/users")).json()[0]["phone_numbers"][0]["id"]
    prepared = await browser.post(path, strategy=STRATEGY, phone_number_id=number_id)

    assert (STRATEGY in [one["strategy"] for one in sign_in["supported_first_factors"]]) is offered
    assert (prepared.status_code == 200) is offered
    assert len(await server.messages(REAL_NUMBER)) == int(offered)


async def test_number_that_is_a_second_factor_resets_no_password(
    server: TestServer, browser: Browser
) -> None:
    await with_phone_numbers(server, attributes={"phone_number": {"second_factors": ["phone_code"]}})
    backend = server.backend()
    (user,) = (await backend.get("/v1/users")).json()
    number_id = user["phone_numbers"][0]["id"]
    reserved = await backend.patch(f"/v1/phone_numbers/{number_id}", reserved_for_second_factor=True)
    assert reserved.json()["reserved_for_second_factor"] is True

    begun = (await browser.post("/v1/client/sign_ins", identifier="ada@example.com")).json()["response"]
    path = f"/v1/client/sign_ins/{begun['id']}/prepare_first_factor"
    prepared = await browser.post(path, strategy=STRATEGY, phone_number_id=number_id)

    assert STRATEGY not in [one["strategy"] for one in begun["supported_first_factors"]]
    assert prepared.status_code in (400, 422)
    assert await server.messages(REAL_NUMBER) == []
