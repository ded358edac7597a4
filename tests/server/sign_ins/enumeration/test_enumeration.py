"""Enumeration protection: a sign-in without a proof does not reveal whether there is an account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from argon2 import PasswordHasher

from greffier.server.store.statements import Statement
from tests.server.sign_ins.enumeration.strangers import outline, try_everything
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada@example.com"
EVE = "eve@example.com"  # without an account, and as long
TEST_ADA = "ada+clerk_test@example.com"
TEST_EVE = "eve+clerk_test@example.com"
NEW = "a wholly different battery"

Person = Callable[[TestServer], Awaitable[Any]]


async def with_password(server: TestServer) -> Any:
    return await server.backend().create_user(ADA)


async def without_password(server: TestServer) -> Any:
    return await server.backend().add_user(ADA)


async def with_names_and_addresses(server: TestServer) -> Any:
    return await server.backend().post(
        "/v1/users", email_address=["ada@work.example", ADA], password=PASSWORD, first_name="Ada"
    )


async def who_writes_otherwise(server: TestServer) -> Any:
    return await server.backend().create_user("ADA@example.com")


async def who_is_locked(server: TestServer) -> Any:
    user = await server.backend().create_user(ADA)
    return await server.backend().post(f"/v1/users/{user['id']}/lock")


async def who_is_banned(server: TestServer) -> Any:
    user = await server.backend().create_user(ADA)
    return await server.backend().post(f"/v1/users/{user['id']}/ban")


async def whose_last_failure_is_near(server: TestServer) -> Any:
    user = await server.backend().create_user(ADA)
    for _ in range(9):
        await begin(server.browser(), identifier=ADA, password="wrong")
    return user


async def begin(browser: Browser, **data: Any) -> Any:
    return await browser.post("/v1/client/sign_ins", **data)


def factor_of(response: Any, strategy: str = "email_code") -> dict[str, Any]:
    factors = response.json()["response"]["supported_first_factors"]
    return next(factor for factor in factors if factor["strategy"] == strategy)


async def ask_for_code(browser: Browser, identifier: str, strategy: str = "email_code") -> str:
    """The path of a sign-in whose code is said to have been sent."""
    begun = await begin(browser, identifier=identifier, strategy=strategy)
    assert begun.status_code == 200, begun.text
    return f"/v1/client/sign_ins/{begun.json()['response']['id']}"


async def user_of(server: TestServer, user: dict[str, Any]) -> dict[str, Any]:
    return (await server.backend().get(f"/v1/users/{user['id']}")).json()


@pytest.mark.parametrize(
    "person",
    [
        with_password,
        without_password,
        with_names_and_addresses,
        who_writes_otherwise,
        who_is_locked,
        who_is_banned,
        whose_last_failure_is_near,
    ],
)
async def test_known_and_unknown_addresses_look_the_same_whatever_is_tried(
    discreet: TestServer, person: Person
) -> None:
    await person(discreet)

    known = await try_everything(discreet, ADA)
    unknown = await try_everything(discreet, EVE)

    assert [name for name, _ in known] == [name for name, _ in unknown]
    for (name, of_known), (_, of_unknown) in zip(known, unknown, strict=True):
        assert of_known == of_unknown, name
    statuses = {name: shown[0] for name, shown in unknown}
    assert (statuses["begin"], statuses["wrong password"], statuses["prepare email_code"]) == (200, 422, 200)


async def test_codes_fail_as_real_ones_do(discreet: TestServer) -> None:
    steps = dict(await try_everything(discreet, EVE))

    codes = [steps[f"email_code {n}"][3]["errors"][0]["code"] for n in range(7)]
    assert codes == ["form_code_incorrect"] * 4 + ["verification_failed"] * 3
    assert steps["late email_code"][3]["errors"][0]["code"] == "verification_expired"


async def test_factors_of_an_address_are_the_same_at_every_try(discreet: TestServer) -> None:
    first = await begin(discreet.browser(), identifier=ADA)
    discreet.clock.advance(seconds=3600)
    await with_password(discreet)
    second = await begin(discreet.browser(), identifier=ADA.upper())

    ids = [factor_of(answer)["email_address_id"] for answer in (first, second)]
    assert ids[0] == ids[1]
    pictures = [answer.json()["response"]["user_data"]["image_url"] for answer in (first, second)]
    assert pictures[0] == pictures[1]


async def test_ids_that_are_shown_before_a_proof_are_not_those_of_the_account(discreet: TestServer) -> None:
    ada = await discreet.backend().create_user(ADA)

    begun = await begin(discreet.browser(), identifier=ADA)

    assert factor_of(begun)["email_address_id"] != ada["primary_email_address_id"]
    assert ada["id"] not in begun.text


async def test_first_step_shows_nothing_of_the_user(discreet: TestServer) -> None:
    await with_names_and_addresses(discreet)

    begun = await begin(discreet.browser(), identifier=ADA)

    sign_in = begun.json()["response"]
    assert sign_in["status"] == "needs_first_factor"
    assert sign_in["user_data"]["first_name"] is None
    assert [f["strategy"] for f in sign_in["supported_first_factors"]] == [
        "password",
        "email_code",
        "email_link",
        "reset_password_email_code",
    ]
    assert {f.get("safe_identifier") for f in sign_in["supported_first_factors"]} == {None, ADA}


async def test_unknown_address_is_mailed_that_it_has_no_account(discreet: TestServer) -> None:
    await ask_for_code(discreet.browser(), EVE)
    await ask_for_code(discreet.browser(), EVE, "reset_password_email_code")
    await begin(
        discreet.browser(), identifier=EVE, strategy="email_link", redirect_url="http://localhost:3000/"
    )

    mails = await discreet.messages(EVE)
    assert [mail["subject"] for mail in mails] == ["There is no My application account with this address"] * 3
    assert all(mail["code"] is None and mail["links"] == [] for mail in mails)


async def test_known_address_is_mailed_its_code(discreet: TestServer) -> None:
    await with_password(discreet)
    browser = discreet.browser()
    path = await ask_for_code(browser, ADA)

    code = (await discreet.messages(ADA))[0]["code"]
    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=code)

    assert done.json()["response"]["status"] == "complete"
    assert done.json()["client"]["sessions"][0]["user"]["id"]


async def test_link_signs_in(discreet: TestServer) -> None:
    await with_password(discreet)
    browser = discreet.browser()
    await begin(browser, identifier=ADA, strategy="email_link", redirect_url="http://localhost:3000/")

    link = (await discreet.messages(ADA))[0]["links"][0]
    opened = await browser.http.get(link)

    assert "__clerk_status=verified" in opened.headers["location"]
    assert len((await browser.get("/v1/client")).json()["response"]["sessions"]) == 1


async def test_right_password_signs_in_with_one_request(discreet: TestServer) -> None:
    await with_password(discreet)

    done = await begin(discreet.browser(), identifier=ADA, password=PASSWORD)

    assert done.json()["response"]["status"] == "complete"


async def test_right_password_signs_in_after_a_wrong_one(discreet: TestServer) -> None:
    await with_password(discreet)
    browser = discreet.browser()
    await begin(browser, identifier=ADA, password="wrong")
    sign_in = (await browser.get("/v1/client")).json()["response"]["sign_in"]

    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"
    done = await browser.post(path, strategy="password", password=PASSWORD)

    assert done.json()["response"]["status"] == "complete"


async def test_forgotten_password_is_reset(discreet: TestServer) -> None:
    await with_password(discreet)
    browser = discreet.browser()
    path = await ask_for_code(browser, ADA, "reset_password_email_code")
    code = (await discreet.messages(ADA))[0]["code"]

    proven = await browser.post(
        f"{path}/attempt_first_factor", strategy="reset_password_email_code", code=code
    )
    done = await browser.post(f"{path}/reset_password", password=NEW)

    assert proven.json()["response"]["status"] == "needs_new_password"
    assert done.json()["response"]["status"] == "complete"
    assert await discreet.browser().sign_in(ADA, NEW)


async def test_wrong_password_blames_the_identifier_too(discreet: TestServer) -> None:
    answers = [await begin(discreet.browser(), identifier=who, password="wrong") for who in (ADA, EVE)]

    assert [error_of(answer) for answer in answers] == [
        (422, "form_password_or_identifier_incorrect", "password")
    ] * 2


@pytest.mark.parametrize("person", [with_password, without_password, who_is_locked, None])
async def test_password_is_hashed_once_with_or_without_an_account(
    discreet: TestServer, person: Person | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if person is not None:
        await person(discreet)
    verified: list[str] = []
    check = PasswordHasher.verify

    def count(self: PasswordHasher, digest: str, password: str) -> bool:
        verified.append(digest)
        return check(self, digest, password)

    monkeypatch.setattr(PasswordHasher, "verify", count)
    await begin(discreet.browser(), identifier=ADA, password="wrong")

    assert [digest.rsplit("$", 2)[0] for digest in verified] == ["$argon2id$v=19$m=19456,t=2,p=1"]


async def test_database_is_asked_the_same_with_or_without_an_account(
    discreet: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_password(discreet)
    asked: list[str] = []
    compile_for = cast(Any, Statement).compiled
    test = asyncio.current_task()

    def note(self: Statement[Any], dialect: Any) -> Any:
        found = compile_for(self, dialect)
        if asyncio.current_task() is test:  # and not the outbox
            # Whose failure need not be counted has another row written in its place.
            asked.append("UPDATE" if found.sql.startswith("UPDATE") else found.sql)
        return found

    monkeypatch.setattr(Statement, "compiled", note)
    statements: list[list[str]] = []
    for identifier in (ADA, EVE):
        asked.clear()
        browser = discreet.browser()
        await begin(browser, identifier=identifier, password="wrong")
        path = await ask_for_code(browser, identifier)
        for proof in ({"strategy": "email_code", "code": "x"}, {"strategy": "password", "password": "x"}):
            await browser.post(f"{path}/attempt_first_factor", **proof)
        statements.append(list(asked))

    assert len(statements[0]) > 40
    assert statements[0] == statements[1]


async def test_fixed_code_does_not_prove_an_address_without_an_account(discreet: TestServer) -> None:
    browser = discreet.browser()
    path = await ask_for_code(browser, TEST_EVE)

    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert error_of(done)[:2] == (422, "form_code_incorrect")


async def test_who_signs_up_meanwhile_is_mailed_a_code(discreet: TestServer) -> None:
    browser = discreet.browser()
    begun = await begin(browser, identifier=TEST_ADA)
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"
    await discreet.browser().sign_up(TEST_ADA)

    fields = {key: factor_of(begun)[key] for key in ("strategy", "email_address_id")}
    await browser.post(f"{path}/prepare_first_factor", **fields)
    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert done.json()["response"]["status"] == "complete"


async def test_usernames_are_tried_by_password_alone_and_look_the_same(discreet: TestServer) -> None:
    await configure(discreet, {"attributes": {"username": {"enabled": True, "identifier": True}}})
    await discreet.backend().create_user(ADA, username="lovelace")

    known = await try_everything(discreet, "lovelace")
    unknown = await try_everything(discreet, "stranger")

    assert known == unknown
    begun = await begin(discreet.browser(), identifier="lovelace")
    assert [f["strategy"] for f in begun.json()["response"]["supported_first_factors"]] == ["password"]
    signed_in = await begin(discreet.browser(), identifier="Lovelace", password=PASSWORD)
    assert signed_in.json()["response"]["status"] == "complete"


@pytest.mark.parametrize("identifier", ["nonsense", " ", "x" * 400 + "@example.com"])
async def test_malformed_identifier_is_told_at_its_field(discreet: TestServer, identifier: str) -> None:
    response = await begin(discreet.browser(), identifier=identifier)

    assert error_of(response)[0::2] == (422, "identifier")


async def test_endless_username_is_refused(discreet: TestServer) -> None:
    await configure(discreet, {"attributes": {"username": {"enabled": True, "identifier": True}}})

    response = await begin(discreet.browser(), identifier="x" * 1000)

    assert error_of(response) == (422, "form_param_format_invalid", "identifier")


async def test_browser_is_told_of_its_own_account(discreet: TestServer) -> None:
    await configure(discreet, {"session": {"single_session": False}})
    browser = discreet.browser()
    await browser.sign_up(TEST_ADA)

    response = await begin(browser, identifier=TEST_ADA)

    assert error_of(response)[:2] == (400, "identifier_already_signed_in")


async def test_unknown_device_is_asked_for_a_code_after_the_password(discreet: TestServer) -> None:
    await configure(discreet, {"attack_protection": {"client_trust": True}})
    ada = await discreet.backend().create_user(TEST_ADA, first_name="Ada")
    browser = discreet.browser()

    proven = (await begin(browser, identifier=TEST_ADA, password=PASSWORD)).json()["response"]
    path = f"/v1/client/sign_ins/{proven['id']}"
    await browser.post(f"{path}/prepare_second_factor", strategy="email_code")
    done = await browser.post(f"{path}/attempt_second_factor", strategy="email_code", code=TEST_CODE)

    assert (proven["status"], proven["user_data"]["first_name"]) == ("needs_client_trust", "Ada")
    assert proven["supported_second_factors"][0]["email_address_id"] == ada["primary_email_address_id"]
    assert done.json()["response"]["status"] == "complete"


async def test_attempt_that_began_under_protection_stays_closed_without_it(discreet: TestServer) -> None:
    browser = discreet.browser()
    path = await ask_for_code(browser, EVE)
    before = (await browser.get(path)).json()["response"]
    await configure(discreet, {"attack_protection": {"enumeration_protection": False}})

    after = await browser.get(path)
    attempted = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code="000000")

    assert outline(after.json()["response"]) == outline(before)
    assert error_of(attempted)[:2] == (422, "form_code_incorrect")


async def test_client_is_shown_when_usernames_identify_no_more(discreet: TestServer) -> None:
    on, off = ({"username": {"enabled": flag, "identifier": flag}} for flag in (True, False))
    await configure(discreet, {"attributes": on})
    browser = discreet.browser()
    await begin(browser, identifier="evelyn")
    await configure(discreet, {"attributes": off})

    assert (await browser.get("/v1/client")).status_code == 200
    assert (await browser.post("/v1/client/sign_ups", email_address=TEST_EVE)).status_code == 200


async def test_settings_of_the_browser_say_that_protection_is_on(discreet: TestServer) -> None:
    environment = (await discreet.browser().get("/v1/environment")).json()

    assert environment["user_settings"]["attack_protection"]["enumeration_protection"] == {"enabled": True}
    assert environment["display_config"]["preferred_sign_in_strategy"] == "otp"


async def test_without_protection_unknown_addresses_are_told(server: TestServer) -> None:
    answers = [await begin(server.browser(), identifier=EVE, **more) for more in ({}, {"password": "x"})]

    assert [error_of(answer)[:2] for answer in answers] == [(422, "form_identifier_not_found")] * 2
