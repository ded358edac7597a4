"""Signing in or up with one form: an address is proven first, then it turns out to have an account or not."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.server.sign_ins.enumeration.strangers import outline
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import DEVELOPMENT, PASSWORD, TEST_CODE, Browser, TestServer, running

ADA = "ada+clerk_test@example.com"
EVE = "eve+clerk_test@example.com"  # as long
BACK = "http://localhost:3000/sign-in/verify"


@pytest.fixture(params=["protected", "unprotected"])
async def open_to_all(server: TestServer, request: pytest.FixtureRequest) -> TestServer:
    """Passwords are optional, so that an address is all that a sign-up takes."""
    settings: dict[str, Any] = {
        "attributes": {"password": {"required": False}},
        "attack_protection": {"enumeration_protection": request.param == "protected"},
    }
    settings["attributes"]["email_address"] = {"first_factors": ["email_code", "email_link"]}
    await configure(server, settings)
    return server


async def begin(browser: Browser, address: str = ADA, **data: Any) -> dict[str, Any]:
    response = await browser.post(
        "/v1/client/sign_ins", identifier=address, sign_up_if_missing="true", **data
    )
    assert response.status_code == 200, response.text
    return response.json()["response"]


def path_of(sign_in: dict[str, Any]) -> str:
    return f"/v1/client/sign_ins/{sign_in['id']}"


async def prove(browser: Browser, address: str = ADA) -> Any:
    """The answer to the right code."""
    sign_in = await begin(browser, address, strategy="email_code")
    path = f"{path_of(sign_in)}/attempt_first_factor"
    return await browser.post(path, strategy="email_code", code=TEST_CODE)


async def transfer(browser: Browser, **data: Any) -> Any:
    return await browser.post("/v1/client/sign_ups", transfer="true", **data)


async def test_unknown_address_is_proven_and_becomes_a_user(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()

    proven = await prove(browser)
    done = await transfer(browser)

    assert error_of(proven)[:2] == (404, "sign_up_if_missing_transfer")
    sign_in = proven.json()["meta"]["client"]["sign_in"]
    assert sign_in["first_factor_verification"]["status"] == "transferable"
    assert sign_in["status"] == "needs_first_factor"
    assert done.json()["response"]["status"] == "complete"
    user = done.json()["client"]["sessions"][0]["user"]
    assert user["email_addresses"][0]["email_address"] == ADA
    assert user["email_addresses"][0]["verification"]["status"] == "verified"
    assert done.json()["client"]["sign_in"] is None


async def test_known_address_signs_in(open_to_all: TestServer) -> None:
    ada = await open_to_all.backend().create_user(ADA)

    proven = await prove(open_to_all.browser())

    assert proven.json()["response"]["status"] == "complete"
    assert proven.json()["client"]["sessions"][0]["user"]["id"] == ada["id"]


async def test_known_and_unknown_look_the_same_until_the_proof(open_to_all: TestServer) -> None:
    await open_to_all.backend().create_user(ADA, first_name="Ada")

    async def outlines(address: str) -> list[Any]:
        browser = open_to_all.browser()
        begun = await begin(browser, address)
        factor = next(f for f in begun["supported_first_factors"] if f["strategy"] == "email_code")
        fields = {"strategy": "email_code", "email_address_id": factor["email_address_id"]}
        prepared = await browser.post(f"{path_of(begun)}/prepare_first_factor", **fields)
        path = f"{path_of(begun)}/attempt_first_factor"
        wrong = [await browser.post(path, strategy="email_code", code="000000") for _ in range(2)]
        guess = await browser.post(path, strategy="password", password="a wrong password")
        answers = [prepared, *wrong, guess]
        return [outline(begun)] + [(a.status_code, len(a.content), outline(a.json())) for a in answers]

    assert await outlines(ADA) == await outlines(EVE)


async def test_code_is_mailed_to_an_address_without_an_account(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    sign_in = await begin(browser, "eve@example.com", strategy="email_code")

    code = (await open_to_all.messages("eve@example.com"))[0]["code"]
    path = f"{path_of(sign_in)}/attempt_first_factor"
    proven = await browser.post(path, strategy="email_code", code=code)

    assert error_of(proven)[1] == "sign_up_if_missing_transfer"


async def test_password_of_an_unknown_account_cannot_be_reset(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()

    sign_in = await begin(browser, "eve@example.com", strategy="reset_password_email_code")

    mail = (await open_to_all.messages("eve@example.com"))[0]
    assert sign_in["first_factor_verification"]["status"] == "unverified"
    assert mail["code"] is None
    assert "There is no" in mail["subject"]


async def test_link_proves_an_address_without_an_account(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    sign_in = await begin(browser, strategy="email_link", redirect_url=BACK)
    link = (await open_to_all.messages(ADA))[0]["links"][0]

    opened = await browser.http.get(link)
    polled = (await browser.get(path_of(sign_in))).json()["response"]
    done = await transfer(browser)

    told = parse_qs(urlsplit(opened.headers["location"]).query)
    assert told == {"__clerk_status": ["transferable"]}
    assert polled["first_factor_verification"]["status"] == "transferable"
    assert done.json()["response"]["status"] == "complete"


async def test_link_that_is_opened_in_another_browser_serves_the_one_that_asked(
    open_to_all: TestServer,
) -> None:
    await configure(open_to_all, {"attack_protection": {"email_link": {"require_same_client": False}}})
    browser, other = open_to_all.browser(), open_to_all.browser()
    await begin(browser, strategy="email_link", redirect_url=BACK)
    await other.post("/v1/client/sign_ins")
    link = (await open_to_all.messages(ADA))[0]["links"][0]

    await other.http.get(link)

    assert error_of(await transfer(other))[:2] == (400, "account_transfer_invalid")
    assert (await transfer(browser)).json()["response"]["status"] == "complete"


async def test_link_works_once(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    await begin(browser, strategy="email_link", redirect_url=BACK)
    link = (await open_to_all.messages(ADA))[0]["links"][0]

    locations = [(await browser.http.get(link)).headers["location"] for _ in range(2)]

    statuses = [parse_qs(urlsplit(location).query)["__clerk_status"][0] for location in locations]
    assert statuses == ["transferable", "failed"]


async def test_sign_up_asks_for_what_is_missing(open_to_all: TestServer) -> None:
    await configure(open_to_all, {"attributes": {"password": {"required": True}}})
    browser = open_to_all.browser()
    await prove(browser)

    sign_up = (await transfer(browser, unsafe_metadata='{"plan": "free"}')).json()["response"]
    done = await browser.patch(f"/v1/client/sign_ups/{sign_up['id']}", password=PASSWORD)

    assert sign_up["status"] == "missing_requirements"
    assert (sign_up["email_address"], sign_up["missing_fields"]) == (ADA, ["password"])
    assert sign_up["unverified_fields"] == []
    assert sign_up["verifications"]["email_address"]["status"] == "verified"
    assert done.json()["response"]["status"] == "complete"
    user = done.json()["client"]["sessions"][0]["user"]
    assert user["unsafe_metadata"] == {"plan": "free"}
    assert await open_to_all.browser().sign_in(ADA)


async def test_transferred_sign_up_with_another_address_must_prove_it(open_to_all: TestServer) -> None:
    await configure(open_to_all, {"attributes": {"password": {"required": True}}})
    browser = open_to_all.browser()
    await prove(browser)
    sign_up = (await transfer(browser)).json()["response"]

    path = f"/v1/client/sign_ups/{sign_up['id']}"
    changed = await browser.patch(path, email_address=EVE, password=PASSWORD)

    assert changed.json()["response"]["status"] == "missing_requirements"
    assert changed.json()["response"]["unverified_fields"] == ["email_address"]


async def test_proof_is_transferred_once(open_to_all: TestServer) -> None:
    await configure(open_to_all, {"attributes": {"password": {"required": True}}})
    browser = open_to_all.browser()
    await prove(browser)

    first, second = await transfer(browser), await transfer(browser)

    assert first.status_code == 200
    assert error_of(second)[:2] == (400, "account_transfer_invalid")


async def test_of_parallel_transfers_one_is_accepted(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    await prove(browser)

    answers = await asyncio.gather(*(transfer(browser) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert [answer.status_code for answer in answers].count(200) == 1
    assert len((await open_to_all.backend().get("/v1/users")).json()) == 1


async def test_proof_of_one_browser_is_not_anothers(open_to_all: TestServer) -> None:
    proven = await prove(open_to_all.browser())
    other = open_to_all.browser()
    await begin(other, EVE)

    sign_in = proven.json()["meta"]["client"]["sign_in"]

    assert error_of(await transfer(other))[:2] == (400, "account_transfer_invalid")
    assert (await other.get(path_of(sign_in))).status_code == 404


async def test_wrong_code_transfers_nothing(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    sign_in = await begin(browser, strategy="email_code")
    path = f"{path_of(sign_in)}/attempt_first_factor"

    wrong = await browser.post(path, strategy="email_code", code="000000")

    assert error_of(wrong)[:2] == (422, "form_code_incorrect")
    assert error_of(await transfer(browser))[:2] == (400, "account_transfer_invalid")


async def test_right_code_is_accepted_once(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    proven = await prove(browser)
    sign_in = proven.json()["meta"]["client"]["sign_in"]

    path = f"{path_of(sign_in)}/attempt_first_factor"
    again = await browser.post(path, strategy="email_code", code=TEST_CODE)

    assert error_of(again)[:2] == (400, "verification_already_verified")


@pytest.mark.parametrize("then", ["another sign-in", "another code", "ten minutes"])
async def test_proof_is_forgotten_after(open_to_all: TestServer, then: str) -> None:
    browser = open_to_all.browser()
    sign_in = (await prove(browser)).json()["meta"]["client"]["sign_in"]

    match then:
        case "another sign-in":
            await begin(browser, EVE)
        case "another code":
            factor = next(f for f in sign_in["supported_first_factors"] if f["strategy"] == "email_code")
            fields = {"strategy": "email_code", "email_address_id": factor["email_address_id"]}
            prepared = await browser.post(f"{path_of(sign_in)}/prepare_first_factor", **fields)
            assert prepared.status_code == 200
        case _:
            open_to_all.clock.advance(seconds=600)

    assert error_of(await transfer(browser))[:2] == (400, "account_transfer_invalid")


async def test_address_that_was_taken_meanwhile_is_not_transferred(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    await prove(browser)
    await open_to_all.backend().create_user(ADA)

    response = await transfer(browser)

    assert error_of(response) == (422, "form_identifier_exists", "email_address")
    assert (await browser.get("/v1/client")).json()["response"]["sign_up"] is None


async def test_username_is_not_signed_up_with(open_to_all: TestServer) -> None:
    await configure(open_to_all, {"attributes": {"username": {"enabled": True, "identifier": True}}})
    await open_to_all.backend().create_user(ADA, username="lovelace")

    answers = [
        await open_to_all.browser().post("/v1/client/sign_ins", identifier=name, sign_up_if_missing="true")
        for name in ("lovelace", "unknown")
    ]

    assert [error_of(a) for a in answers] == [(422, "form_param_format_invalid", "identifier")] * 2


async def test_instance_that_keeps_sign_up_to_itself_mails_no_code(open_to_all: TestServer) -> None:
    await configure(open_to_all, {"sign_up": {"mode": "restricted"}})
    hidden = next(iter(open_to_all.app.instances)).settings.attack_protection.enumeration_protection

    response = await open_to_all.browser().post(
        "/v1/client/sign_ins",
        identifier="eve@example.com",
        sign_up_if_missing="true",
        strategy="email_code",
    )

    mails = await open_to_all.messages("eve@example.com")
    assert response.status_code == (200 if hidden else 422)
    assert [mail["code"] for mail in mails] == ([None] if hidden else [])


async def test_nothing_is_transferred_without_a_client(open_to_all: TestServer) -> None:
    assert error_of(await transfer(open_to_all.browser()))[:2] == (400, "account_transfer_invalid")


async def test_existing_sign_up_takes_no_transfer(open_to_all: TestServer) -> None:
    browser = open_to_all.browser()
    sign_up = (await browser.post("/v1/client/sign_ups")).json()["response"]
    await prove(browser)

    response = await browser.patch(f"/v1/client/sign_ups/{sign_up['id']}", transfer="true")

    assert error_of(response)[:2] == (400, "account_transfer_invalid")


@pytest.mark.parametrize("strategy", ["email_code", "email_link"])
async def test_mail_to_an_address_is_limited_with_or_without_an_account(
    development_database: str, strategy: str
) -> None:
    # Development multiplies the true figures by a hundred.
    async with running(development_database, DEVELOPMENT, rate_limit_scale=0.01) as server:
        factors = {"first_factors": ["email_code", "email_link"]}
        await configure(server, {"attributes": {"email_address": factors}})
        await server.backend().create_user("ada@example.com")
        for address in ("ada@example.com", "eve@example.com"):
            data = {"identifier": address, "sign_up_if_missing": "true", "strategy": strategy}
            statuses: list[int] = []
            for _ in range(11):
                server.clock.advance(seconds=3)
                answer = await server.browser().post("/v1/client/sign_ins", redirect_url=BACK, **data)
                statuses.append(answer.status_code)
            assert statuses == [200] * 10 + [429]
