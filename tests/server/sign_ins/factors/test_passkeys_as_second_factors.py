"""Passkeys as the second factor, and instead of one, in sign-ins and reverifications."""

from __future__ import annotations

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA, Person, enrolled
from tests.support.factors.passkeys import (
    PASSKEYS,
    Authenticator,
    attempt_sign_in,
    options_in,
    register,
    sign_in_with,
)
from tests.support.server import PASSWORD, Browser, JsonObject, TestServer

NOT_ENOUGH = {"passkeys": {"satisfies_second_factor": False}}


@pytest.fixture
def passkey() -> Authenticator:
    return Authenticator()


@pytest.fixture
async def ada(server: TestServer, passkey: Authenticator) -> Person:
    """She has an app and a passkey."""
    person = await enrolled(server)
    await configure(server, PASSKEYS)
    path = f"/v1/client/sessions/{person.session['id']}/verify"
    await person.browser.post(path, level="second_factor")
    code = person.codes.pop()
    await person.browser.post(f"{path}/attempt_second_factor", strategy="backup_code", code=code)
    assert (await register(person.browser, passkey)).status_code == 200
    return person


async def prepare_second(browser: Browser, sign_in: JsonObject) -> JsonObject:
    path = f"/v1/client/sign_ins/{sign_in['id']}/prepare_second_factor"
    prepared = await browser.post(path, strategy="passkey")
    assert prepared.status_code == 200, prepared.text
    return prepared.json()["response"]


async def test_passkey_is_both_factors(server: TestServer, ada: Person, passkey: Authenticator) -> None:
    browser = server.browser()

    done = (await sign_in_with(browser, passkey)).json()["response"]

    token = await browser.token(done["created_session_id"])
    assert done["status"] == "complete"
    assert claims_of(token.json()["jwt"])["fva"] == [0, 0]


async def test_passkey_is_followed_by_the_second_factor_where_it_is_not_enough(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    await configure(server, NOT_ENOUGH)
    browser = server.browser()

    proven = (await sign_in_with(browser, passkey)).json()["response"]
    path = f"/v1/client/sign_ins/{proven['id']}/prepare_second_factor"
    prepared = await browser.post(path, strategy="passkey")
    done = await ada.attempt(browser, proven, strategy="totp", code=ada.app.code())

    offered = [one["strategy"] for one in proven["supported_second_factors"]]
    assert proven["status"] == "needs_second_factor"
    assert "passkey" not in offered, "the same passkey is not another factor"
    assert error_of(prepared)[0] == 400
    assert done.json()["response"]["status"] == "complete"


async def test_passkey_is_the_second_factor_after_a_password(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    browser = server.browser()
    sign_in = await ada.enter_password(browser)
    prepared = await prepare_second(browser, sign_in)
    options = options_in(prepared["second_factor_verification"])

    done = (await attempt_sign_in(browser, prepared, passkey.get(options), "second")).json()["response"]

    token = await browser.token(done["created_session_id"])
    assert {"strategy": "passkey"} not in sign_in["supported_second_factors"], "forms cannot show it there"
    assert len(options["allowCredentials"]) == 1
    assert done["status"] == "complete"
    assert claims_of(token.json()["jwt"])["fva"] == [0, 0]


@pytest.mark.parametrize(
    "changes", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"uv": False}], ids=str
)
async def test_wrong_use_is_no_second_factor(
    server: TestServer, ada: Person, passkey: Authenticator, changes: JsonObject
) -> None:
    browser = server.browser()
    prepared = await prepare_second(browser, await ada.enter_password(browser))
    options = options_in(prepared["second_factor_verification"])

    refused = await attempt_sign_in(browser, prepared, passkey.get(options, **changes), "second")
    again = await attempt_sign_in(browser, prepared, passkey.get(options), "second")

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")
    assert error_of(again)[:2] == (400, "passkey_invalid_verification")
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_passkey_of_another_user_is_no_second_factor(server: TestServer, ada: Person) -> None:
    grace = server.browser()
    await grace.sign_up("grace+clerk_test@example.com")
    of_grace = Authenticator()
    await register(grace, of_grace)
    browser = server.browser()
    prepared = await prepare_second(browser, await ada.enter_password(browser))
    of_grace.user_handle = None
    credential = of_grace.get(options_in(prepared["second_factor_verification"]))

    refused = await attempt_sign_in(browser, prepared, credential, "second")

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")


async def test_passkey_alone_asks_for_no_second_factor_after_a_password(
    server: TestServer, passkey: Authenticator
) -> None:
    await configure(server, PASSKEYS)
    browser = server.browser()
    await browser.sign_up(ADA)
    await register(browser, passkey)

    assert (await server.browser().sign_in(ADA))["sessions"]


async def begin_reverification(ada: Person, level: str) -> tuple[str, JsonObject]:
    path = f"/v1/client/sessions/{ada.session['id']}/verify"
    begun = await ada.browser.post(path, level=level)
    assert begun.status_code == 200, begun.text
    return path, begun.json()["response"]


async def reverify(ada: Person, passkey: Authenticator, path: str, step: str) -> JsonObject:
    prepared = await ada.browser.post(f"{path}/prepare_{step}_factor", strategy="passkey")
    options = options_in(prepared.json()["response"][f"{step}_factor_verification"])
    done = await ada.browser.post(
        f"{path}/attempt_{step}_factor", strategy="passkey", public_key_credential=passkey.get(options)
    )
    assert done.status_code == 200, done.text
    return done.json()["response"]


async def factor_ages(ada: Person) -> list[int]:
    return claims_of((await ada.browser.token(ada.session["id"])).json()["jwt"])["fva"]


async def test_passkey_reverifies_the_first_factor(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    server.clock.advance(seconds=20 * 60)
    path, begun = await begin_reverification(ada, "first_factor")

    done = await reverify(ada, passkey, path, "first")

    assert {"strategy": "passkey"} in begun["supported_first_factors"]
    assert done["status"] == "complete"
    assert (await factor_ages(ada))[0] == 0


async def test_passkey_reverifies_both_factors_at_once(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    server.clock.advance(seconds=20 * 60)
    path, _ = await begin_reverification(ada, "multi_factor")

    done = await reverify(ada, passkey, path, "first")

    assert done["status"] == "complete"
    assert await factor_ages(ada) == [0, 0]


async def test_passkey_reverifies_one_factor_where_it_is_not_enough(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    await configure(server, NOT_ENOUGH)
    server.clock.advance(seconds=20 * 60)
    path, _ = await begin_reverification(ada, "multi_factor")

    done = await reverify(ada, passkey, path, "first")

    assert done["status"] == "needs_second_factor"
    assert {"strategy": "passkey"} not in done["supported_second_factors"]
    assert (await factor_ages(ada))[1] >= 20


async def test_passkey_reverifies_the_second_factor(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    server.clock.advance(seconds=20 * 60)
    path, begun = await begin_reverification(ada, "second_factor")

    done = await reverify(ada, passkey, path, "second")

    assert {"strategy": "passkey"} not in begun["supported_second_factors"], "forms cannot show it there"
    assert done["status"] == "complete"
    assert (await factor_ages(ada))[1] == 0


async def test_passkey_of_another_user_does_not_reverify(
    server: TestServer, ada: Person, passkey: Authenticator
) -> None:
    grace = server.browser()
    await grace.sign_up("grace+clerk_test@example.com")
    of_grace = Authenticator()
    await register(grace, of_grace)
    path, _ = await begin_reverification(ada, "first_factor")
    prepared = await ada.browser.post(f"{path}/prepare_first_factor", strategy="passkey")
    options = options_in(prepared.json()["response"]["first_factor_verification"])

    refused = await ada.browser.post(
        f"{path}/attempt_first_factor", strategy="passkey", public_key_credential=of_grace.get(options)
    )

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")


async def test_user_without_a_second_factor_reverifies_the_first_alone(
    server: TestServer, passkey: Authenticator
) -> None:
    await configure(server, PASSKEYS)
    browser = server.browser()
    client = await browser.sign_up(ADA, password=PASSWORD)
    await register(browser, passkey)
    ada = Person(server, browser, None, [])  # type: ignore[arg-type]  # she has no app
    ada.session = client["sessions"][0]
    path, begun = await begin_reverification(ada, "multi_factor")

    done = await reverify(ada, passkey, path, "first")

    assert begun["level"] == "first_factor"
    assert done["status"] == "complete"
    assert await factor_ages(ada) == [0, -1]
