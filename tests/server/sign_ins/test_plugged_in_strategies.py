"""Strategies that another package offers by the entry point `greffier.strategies`."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.answers import claims_of, error_of
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"
BOB = "bob+clerk_test@example.com"
CODE = "spare-7"
NEW = "another long password"


pytestmark = pytest.mark.usefixtures("installed_package")


@pytest.fixture
async def ada(server: TestServer) -> dict[str, Any]:
    """A user with a second factor."""
    return await server.backend().create_user(ADA, private_metadata={"spare_code": CODE})


async def enter_password(browser: Browser, address: str = ADA) -> dict[str, Any]:
    fields = {"strategy": "password", "identifier": address, "password": PASSWORD}
    response = await browser.post("/v1/client/sign_ins", **fields)
    assert response.status_code == 200, response.text
    return response.json()["response"]


async def attempt(browser: Browser, sign_in: dict[str, Any], code: str) -> httpx.Response:
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor"
    return await browser.post(path, strategy="backup_code", code=code)


async def sessions(browser: Browser) -> list[dict[str, Any]]:
    return (await browser.get("/v1/client")).json()["response"]["sessions"]


async def test_first_factor_of_another_package_signs_in(server: TestServer) -> None:
    await server.backend().create_user(BOB, private_metadata={"badge": "B-1"})
    browser = server.browser()
    begun = (await browser.post("/v1/client/sign_ins", identifier=BOB)).json()["response"]
    path = f"/v1/client/sign_ins/{begun['id']}/attempt_first_factor"

    wrong = await browser.post(path, strategy="trusted_device", code="B-2")
    right = await browser.post(path, strategy="trusted_device", code="B-1")

    assert "trusted_device" in [factor["strategy"] for factor in begun["supported_first_factors"]]
    assert error_of(wrong)[:2] == (422, "form_code_incorrect")
    signed_in = right.json()["response"]
    assert signed_in["status"] == "complete"
    assert signed_in["first_factor_verification"]["object"] == "verification_trusted_device"
    assert signed_in["first_factor_verification"]["status"] == "verified"


async def test_first_factor_of_another_package_is_followed_by_the_second(server: TestServer) -> None:
    await server.backend().create_user(BOB, private_metadata={"badge": "B-1", "spare_code": CODE})
    browser = server.browser()
    begun = (await browser.post("/v1/client/sign_ins", identifier=BOB)).json()["response"]
    path = f"/v1/client/sign_ins/{begun['id']}/attempt_first_factor"

    proven = (await browser.post(path, strategy="trusted_device", code="B-1")).json()["response"]

    assert proven["status"] == "needs_second_factor"
    assert await sessions(browser) == []


async def test_password_leads_to_the_second_factor(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()

    sign_in = await enter_password(browser)

    assert sign_in["status"] == "needs_second_factor"
    assert sign_in["supported_second_factors"] == [{"strategy": "backup_code"}]
    assert sign_in["created_session_id"] is None
    assert await sessions(browser) == []


async def test_second_factor_completes_the_sign_in(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)

    done = (await attempt(browser, sign_in, CODE)).json()

    assert done["response"]["status"] == "complete"
    assert [session["user"]["id"] for session in done["client"]["sessions"]] == [ada["id"]]


async def test_proven_second_factor_is_told_by_the_sign_in_and_by_tokens(
    server: TestServer, ada: dict[str, Any]
) -> None:
    browser = server.browser()
    done = await attempt(browser, await enter_password(browser), CODE)

    answer = done.json()
    verification = answer["response"]["second_factor_verification"]
    assert (verification["status"], verification["strategy"]) == ("verified", "backup_code")
    assert answer["client"]["sessions"][0]["factor_verification_age"] == [0, 0]
    server.clock.advance(seconds=120)
    jwt = (await browser.token(answer["response"]["created_session_id"])).json()["jwt"]
    assert claims_of(jwt)["fva"] == [2, 2]


async def test_who_has_not_set_it_up_is_not_asked(server: TestServer, ada: dict[str, Any]) -> None:
    await server.backend().create_user(BOB)

    assert (await enter_password(server.browser(), BOB))["status"] == "complete"


async def test_code_by_mail_leads_to_the_second_factor_too(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    begun = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"

    proven = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert proven.json()["response"]["status"] == "needs_second_factor"
    assert await sessions(browser) == []


async def test_new_password_does_not_skip_the_second_factor(server: TestServer, ada: dict[str, Any]) -> None:
    """OWASP ASVS 5.0, 6.4.3."""
    browser, strategy = server.browser(), "reset_password_email_code"
    begun = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy=strategy)
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    changed = (await browser.post(f"{path}/reset_password", password=NEW)).json()

    assert changed["response"]["status"] == "needs_second_factor"
    assert await sessions(browser) == []
    assert (await attempt(browser, changed["response"], CODE)).json()["response"]["status"] == "complete"


async def test_wrong_second_factor_is_refused_and_counts_towards_the_lockout(
    server: TestServer, ada: dict[str, Any]
) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)

    wrong = [await attempt(browser, sign_in, "guess") for _ in range(10)]
    right = await attempt(browser, sign_in, CODE)

    assert error_of(wrong[0])[:2] == (422, "form_code_incorrect")
    assert error_of(right)[:2] == (403, "user_locked")
    assert await sessions(browser) == []


async def test_second_factor_is_no_first_one(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    begun = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]

    early = await attempt(browser, begun, CODE)
    path = f"/v1/client/sign_ins/{begun['id']}/attempt_first_factor"
    instead = await browser.post(path, strategy="backup_code", code=CODE)

    assert error_of(early)[:2] == (400, "client_state_invalid")
    assert error_of(instead)[:2] == (400, "strategy_for_user_invalid")
    assert await sessions(browser) == []


async def test_starting_over_forgets_the_first_factor(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)
    address = ada["primary_email_address_id"]
    path = f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor"
    await browser.post(path, strategy="email_code", email_address_id=address)

    assert error_of(await attempt(browser, sign_in, CODE))[:2] == (400, "client_state_invalid")


async def test_parallel_right_codes_make_one_session(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)

    answers = await asyncio.gather(*(attempt(browser, sign_in, CODE) for _ in range(8)))

    assert sum(answer.status_code == 200 for answer in answers) == 1
    assert len(await sessions(browser)) == 1
