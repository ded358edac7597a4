"""Reverification: who is signed in proves once more who they are, and the session's tokens say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Browser, JsonObject, TestServer

ADA = "ada+clerk_test@example.com"


@dataclass
class Person:
    """A user who signed in an hour ago."""

    browser: Browser
    session: JsonObject

    async def post(self, step: str = "", **fields: Any) -> httpx.Response:
        return await self.browser.post(f"/v1/client/sessions/{self.session['id']}/verify{step}", **fields)

    async def start(self, level: str = "first_factor") -> JsonObject:
        begun = await self.post(level=level)
        assert begun.status_code == 200, begun.text
        return begun.json()["response"]

    async def ages(self) -> list[int]:
        """Minutes since each factor was verified, as tokens say."""
        return claims_of((await self.browser.token(self.session["id"])).json()["jwt"])["fva"]


@pytest.fixture
async def ada(server: TestServer) -> Person:
    browser = server.browser()
    session = (await browser.sign_up(ADA))["sessions"][0]
    server.clock.advance(seconds=3600)
    return Person(browser, session)


async def test_password_makes_the_session_as_if_just_signed_in(ada: Person) -> None:
    before = await ada.ages()
    begun = await ada.start()

    done = (await ada.post("/attempt_first_factor", strategy="password", password=PASSWORD)).json()[
        "response"
    ]

    assert (before, await ada.ages()) == ([60, -1], [0, -1])
    assert (begun["status"], begun["level"]) == ("needs_first_factor", "first_factor")
    assert [factor["strategy"] for factor in begun["supported_first_factors"]] == ["password", "email_code"]
    assert begun["supported_second_factors"] is None
    assert (done["status"], done["first_factor_verification"]["status"]) == ("complete", "verified")
    assert done["session"]["factor_verification_age"] == [0, -1]
    assert claims_of(done["session"]["last_active_token"]["jwt"])["fva"] == [0, -1]


async def test_code_by_mail_does_too(ada: Person) -> None:
    factors = {factor["strategy"]: factor for factor in (await ada.start())["supported_first_factors"]}
    address = factors["email_code"]["email_address_id"]

    prepared = await ada.post("/prepare_first_factor", strategy="email_code", email_address_id=address)
    done = await ada.post("/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert prepared.json()["response"]["first_factor_verification"]["status"] == "unverified"
    assert done.json()["response"]["status"] == "complete"
    assert await ada.ages() == [0, -1]


async def test_other_sessions_of_the_user_do_not_become_younger(server: TestServer, ada: Person) -> None:
    elsewhere = server.browser()
    other = Person(elsewhere, (await elsewhere.sign_in(ADA))["sessions"][0])
    server.clock.advance(seconds=300)

    await ada.start()
    await ada.post("/attempt_first_factor", strategy="password", password=PASSWORD)

    assert await other.ages() == [5, -1]


@pytest.mark.parametrize("level", ["second_factor", "multi_factor"])
async def test_who_has_no_second_factor_proves_the_first(ada: Person, level: str) -> None:
    begun = await ada.start(level)

    assert (begun["level"], begun["status"]) == ("first_factor", "needs_first_factor")


async def test_wrong_proof_changes_nothing_and_counts_towards_the_lockout(
    server: TestServer, ada: Person
) -> None:
    await configure(server, {"attack_protection": {"lockout": {"max_attempts": 5}}})
    await ada.start()
    await ada.post("/prepare_first_factor", strategy="email_code")

    wrong = [
        error_of(await ada.post("/attempt_first_factor", strategy="password", password="wrong"))[:2]
        for _ in range(4)
    ]
    last = await ada.post("/attempt_first_factor", strategy="email_code", code="000000")
    locked = await ada.post("/attempt_first_factor", strategy="password", password=PASSWORD)

    assert set(wrong) == {(422, "form_password_incorrect")}
    assert error_of(last)[:2] == (403, "user_locked"), "the fifth failure locks"
    assert error_of(locked)[:2] == (403, "user_locked")
    assert await ada.ages() == [60, -1]


async def test_nothing_is_proven_that_was_not_begun(ada: Person) -> None:
    attempt = {"strategy": "password", "password": PASSWORD}
    first = await ada.post("/attempt_first_factor", **attempt)
    await ada.start()
    too_early = await ada.post("/attempt_second_factor", strategy="totp", code="000000")
    await ada.post("/attempt_first_factor", **attempt)
    twice = await ada.post("/attempt_first_factor", **attempt)

    for refused in (first, too_early, twice):
        assert error_of(refused)[:2] == (400, "verification_missing")


async def test_code_of_an_earlier_reverification_is_good_for_nothing(ada: Person) -> None:
    await ada.start()
    await ada.post("/prepare_first_factor", strategy="email_code")
    await ada.start()

    refused = await ada.post("/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert error_of(refused)[:2] == (400, "verification_missing")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, (422, "form_param_missing", "strategy")),
        ({"strategy": "carrier_pigeon"}, (422, "form_param_value_invalid", "strategy")),
        ({"strategy": "email_link"}, (400, "strategy_for_user_invalid", "strategy")),
        (
            {"strategy": "email_code", "email_address_id": "idn_unknown"},
            (422, "form_param_value_invalid", "email_address_id"),
        ),
    ],
)
async def test_factor_that_is_not_offered_is_refused(
    ada: Person, fields: dict[str, str], error: tuple[int, str, str | None]
) -> None:
    await ada.start()

    assert error_of(await ada.post("/prepare_first_factor", **fields)) == error


async def test_unknown_level_is_refused(ada: Person) -> None:
    assert error_of(await ada.post(level="third_factor")) == (422, "form_param_format_invalid", "level")


async def test_session_of_another_browser_is_not_reverified(server: TestServer, ada: Person) -> None:
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")

    for step in ("", "/prepare_first_factor", "/attempt_first_factor"):
        refused = await Person(eve, ada.session).post(step, level="first_factor", strategy="password")
        assert error_of(refused)[:2] == (404, "resource_not_found")
    for step in ("/prepare_second_factor", "/attempt_second_factor"):
        refused = await Person(eve, ada.session).post(step, strategy="totp", code="000000")
        assert error_of(refused)[:2] == (404, "resource_not_found")


async def test_revoked_session_is_not_reverified(server: TestServer, ada: Person) -> None:
    await ada.start()
    await server.backend().post(f"/v1/sessions/{ada.session['id']}/revoke")

    refused = await ada.post("/attempt_first_factor", strategy="password", password=PASSWORD)

    assert refused.status_code == 401


async def test_who_signs_in_by_links_is_mailed_a_code(server: TestServer) -> None:
    await configure(
        server,
        {
            "attributes": {
                "password": {"enabled": False, "required": False},
                "email_address": {"first_factors": ["email_link"]},
            }
        },
    )
    user = await server.backend().create_user(ADA)
    token = await server.backend().post("/v1/sign_in_tokens", user_id=user["id"])
    browser = server.browser()
    signed_in = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])
    linked = Person(browser, signed_in.json()["client"]["sessions"][0])

    begun = await linked.start()

    assert [factor["strategy"] for factor in begun["supported_first_factors"]] == ["email_code"]


@pytest.mark.usefixtures("installed_package")
class TestWithSecondFactor:
    """A user with a second factor."""

    @pytest.fixture
    async def bob(self, server: TestServer) -> Person:
        address = "bob+clerk_test@example.com"
        await server.backend().create_user(address, private_metadata={"spare_code": "spare-7"})
        browser = server.browser()
        fields = {"strategy": "password", "identifier": address, "password": PASSWORD}
        sign_in = (await browser.post("/v1/client/sign_ins", **fields)).json()["response"]
        path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor"
        done = await browser.post(path, strategy="backup_code", code="spare-7")
        server.clock.advance(seconds=3600)
        return Person(browser, done.json()["client"]["sessions"][0])

    async def test_second_factor_alone_leaves_the_first_as_old_as_it_is(self, bob: Person) -> None:
        begun = await bob.start("second_factor")
        done = await bob.post("/attempt_second_factor", strategy="backup_code", code="spare-7")

        assert begun["status"] == "needs_second_factor"
        assert [factor["strategy"] for factor in begun["supported_second_factors"]] == ["backup_code"]
        assert done.json()["response"]["status"] == "complete"
        assert await bob.ages() == [60, 0]

    async def test_both_factors_are_proven_one_after_the_other(self, bob: Person) -> None:
        await bob.start("multi_factor")
        too_early = await bob.post("/attempt_second_factor", strategy="backup_code", code="spare-7")
        first = await bob.post("/attempt_first_factor", strategy="password", password=PASSWORD)
        wrong = await bob.post("/attempt_second_factor", strategy="backup_code", code="spare-8")
        second = await bob.post("/attempt_second_factor", strategy="backup_code", code="spare-7")

        assert error_of(too_early)[:2] == (400, "verification_missing")
        assert first.json()["response"]["status"] == "needs_second_factor"
        assert error_of(wrong)[:2] == (422, "form_code_incorrect")
        assert second.json()["response"]["status"] == "complete"
        assert await bob.ages() == [0, 0]
