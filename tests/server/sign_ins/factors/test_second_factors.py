"""Sign-ins and reverifications of people with an authenticator app and backup codes."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA, Person, enrolled
from tests.support.server import PASSWORD, TEST_CODE, TestServer


@pytest.fixture
async def ada(server: TestServer) -> Person:
    return await enrolled(server)


async def test_password_alone_does_not_sign_in(server: TestServer, ada: Person) -> None:
    browser = server.browser()

    sign_in = await ada.enter_password(browser)

    assert sign_in["status"] == "needs_second_factor"
    assert sign_in["supported_second_factors"] == [{"strategy": "totp"}, {"strategy": "backup_code"}]
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


@pytest.mark.parametrize("strategy", ["totp", "backup_code"])
async def test_code_completes_the_sign_in_and_tokens_say_so(
    server: TestServer, ada: Person, strategy: str
) -> None:
    browser = server.browser()
    sign_in = await ada.enter_password(browser)
    code = ada.app.code() if strategy == "totp" else ada.codes[0]

    done = await ada.attempt(browser, sign_in, strategy=strategy, code=code)

    answer = done.json()
    verification = answer["response"]["second_factor_verification"]
    assert answer["response"]["status"] == "complete"
    assert (verification["object"], verification["status"]) == (f"verification_{strategy}", "verified")
    token = await browser.token(answer["response"]["created_session_id"])
    assert claims_of(token.json()["jwt"])["fva"] == [0, 0]


async def test_code_by_mail_is_followed_by_the_second_factor(server: TestServer, ada: Person) -> None:
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"

    proven = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert proven.json()["response"]["status"] == "needs_second_factor"


async def test_reset_of_a_password_does_not_skip_the_second_factor(server: TestServer, ada: Person) -> None:
    browser = server.browser()
    fields = {"identifier": ADA, "strategy": "reset_password_email_code"}
    started = await browser.post("/v1/client/sign_ins", **fields)
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    await browser.post(f"{path}/attempt_first_factor", strategy=fields["strategy"], code=TEST_CODE)

    reset = await browser.post(f"{path}/reset_password", password="another long passphrase 7")

    assert reset.json()["response"]["status"] == "needs_second_factor"


async def test_enumeration_protection_asks_for_the_second_factor_too(server: TestServer, ada: Person) -> None:
    await configure(server, {"attack_protection": {"enumeration_protection": True}})
    browser = server.browser()
    started = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    path = f"/v1/client/sign_ins/{started['id']}/attempt_first_factor"

    proven = (await browser.post(path, strategy="password", password=PASSWORD)).json()["response"]
    done = await ada.attempt(browser, proven, strategy="totp", code=ada.app.code())

    assert started["supported_second_factors"] is None
    assert proven["status"] == "needs_second_factor"
    assert done.json()["response"]["status"] == "complete"


@pytest.mark.parametrize("steps", [-1, 1])
async def test_code_of_a_neighbouring_step_is_accepted(ada: Person, steps: int) -> None:
    ada.server.clock.advance(seconds=60)

    done = await ada.second_factor("totp", ada.app.code(steps=steps))

    assert done.json()["response"]["status"] == "complete"


@pytest.mark.parametrize("steps", [-3, 3])
async def test_code_of_a_distant_step_is_refused(ada: Person, steps: int) -> None:
    ada.server.clock.advance(seconds=120)

    assert error_of(await ada.second_factor("totp", ada.app.code(steps=steps))) == (
        422,
        "form_code_incorrect",
        "code",
    )


async def test_code_of_the_app_is_accepted_once(ada: Person) -> None:
    code = ada.app.code()

    first = await ada.second_factor("totp", code)
    again = await ada.second_factor("totp", code)

    assert first.json()["response"]["status"] == "complete"
    assert error_of(again)[:2] == (422, "form_code_incorrect")


async def test_code_that_set_the_app_up_does_not_sign_in(server: TestServer) -> None:
    ada = await enrolled(server)

    refused = await ada.second_factor("totp", ada.app.code(steps=-1))

    assert error_of(refused)[:2] == (422, "form_code_incorrect")


async def test_backup_code_is_accepted_once(ada: Person) -> None:
    first = await ada.second_factor("backup_code", ada.codes[3])
    again = await ada.second_factor("backup_code", ada.codes[3])
    other = await ada.second_factor("backup_code", f" {ada.codes[4][:4].upper()}-{ada.codes[4][4:]} ")

    assert first.json()["response"]["status"] == "complete"
    assert error_of(again)[:2] == (422, "form_code_incorrect")
    assert other.json()["response"]["status"] == "complete", "however it was typed"


@pytest.mark.parametrize("strategy", ["totp", "backup_code"])
async def test_requests_that_arrive_together_use_a_code_once(
    server: TestServer, ada: Person, strategy: str
) -> None:
    code = ada.app.code() if strategy == "totp" else ada.codes[0]
    browsers = [server.browser() for _ in range(8)]
    sign_ins = [await ada.enter_password(browser) for browser in browsers]

    answers = await asyncio.gather(
        *(
            ada.attempt(browser, sign_in, strategy=strategy, code=code)
            for browser, sign_in in zip(browsers, sign_ins, strict=True)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 7


@pytest.mark.parametrize("strategy", ["totp", "backup_code"])
async def test_wrong_codes_lock_the_user(server: TestServer, ada: Person, strategy: str) -> None:
    await configure(server, {"attack_protection": {"lockout": {"max_attempts": 5}}})
    browser = server.browser()
    sign_in = await ada.enter_password(browser)
    wrong = ada.app.wrong_code()

    refused = [
        error_of(await ada.attempt(browser, sign_in, strategy=strategy, code=wrong))[:2] for _ in range(5)
    ]
    right = ada.app.code() if strategy == "totp" else ada.codes[0]
    locked = await ada.attempt(browser, sign_in, strategy=strategy, code=right)

    assert refused == [(422, "form_code_incorrect")] * 4 + [(403, "user_locked")]
    assert error_of(locked)[:2] == (403, "user_locked")


@pytest.mark.parametrize("strategy", ["totp", "backup_code"])
async def test_missing_code_counts_as_no_attempt(server: TestServer, ada: Person, strategy: str) -> None:
    browser = server.browser()
    sign_in = await ada.enter_password(browser)

    refused = await ada.attempt(browser, sign_in, strategy=strategy)

    assert error_of(refused) == (422, "form_param_nil", "code")
    assert (await ada.user())["verification_attempts_remaining"] == 10


@pytest.mark.parametrize("strategy", ["totp", "backup_code"])
async def test_second_factor_is_no_first_one(server: TestServer, ada: Person, strategy: str) -> None:
    browser = server.browser()
    started = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    code = ada.app.code() if strategy == "totp" else ada.codes[0]
    path = f"/v1/client/sign_ins/{started['id']}"

    first = await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=code)
    second = await browser.post(f"{path}/attempt_second_factor", strategy=strategy, code=code)

    assert error_of(first)[:2] == (400, "strategy_for_user_invalid")
    assert error_of(second)[:2] == (400, "client_state_invalid")


async def test_app_of_another_user_proves_nothing(server: TestServer, ada: Person) -> None:
    eve = await enrolled(server, "eve+clerk_test@example.com")

    by_app = await ada.second_factor("totp", eve.app.code())
    by_code = await ada.second_factor("backup_code", eve.codes[0])

    assert error_of(by_app)[:2] == (422, "form_code_incorrect")
    assert error_of(by_code)[:2] == (422, "form_code_incorrect")


async def test_backup_codes_are_not_offered_after_the_last_one_is_used(
    server: TestServer, ada: Person
) -> None:
    for code in ada.codes:
        assert (await ada.second_factor("backup_code", code)).status_code == 200

    sign_in = await ada.enter_password(server.browser())

    assert sign_in["supported_second_factors"] == [{"strategy": "totp"}]
    assert (await ada.user())["backup_code_enabled"] is False


async def test_instance_without_authenticator_apps_asks_for_none(server: TestServer, ada: Person) -> None:
    await configure(server, {"attributes": {"authenticator_app": {"enabled": False}}})

    sign_in = await ada.enter_password(server.browser())

    assert sign_in["status"] == "complete", "backup codes stand in for nothing"


async def test_reverification_by_the_app(server: TestServer, ada: Person) -> None:
    server.clock.advance(seconds=3600)
    path = f"/v1/client/sessions/{ada.session['id']}/verify"

    begun = (await ada.browser.post(path, level="multi_factor")).json()["response"]
    await ada.browser.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)
    wrong = await ada.browser.post(
        f"{path}/attempt_second_factor", strategy="totp", code=ada.app.wrong_code()
    )
    done = await ada.browser.post(f"{path}/attempt_second_factor", strategy="totp", code=ada.app.code())

    assert [one["strategy"] for one in begun["supported_second_factors"]] == ["totp", "backup_code"]
    assert error_of(wrong)[:2] == (422, "form_code_incorrect")
    assert done.json()["response"]["status"] == "complete"
    token = await ada.browser.token(ada.session["id"])
    assert claims_of(token.json()["jwt"])["fva"] == [0, 0]
