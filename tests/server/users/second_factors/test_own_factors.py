"""Signed-in users set up an authenticator app and backup codes."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from greffier.server.store.statements import Statement
from greffier.server.users.second_factors.totp.tables import totp_secrets
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA, SECOND_FACTORS, AuthenticatorApp, Person, enrolled
from tests.support.server import Browser, TestServer


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    await configure(server, SECOND_FACTORS)
    browser = server.browser()
    await browser.sign_up(ADA)
    return browser


async def test_new_secret_is_shown_with_the_uri_that_apps_scan(ada: Browser) -> None:
    created = (await ada.post("/v1/me/totp")).json()["response"]

    uri = urlsplit(created["uri"])
    query = parse_qs(uri.query)
    assert (created["object"], created["verified"], created["backup_codes"]) == ("totp", False, None)
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", f"/My application:{ADA}")
    assert (query["secret"], query["issuer"]) == ([created["secret"]], ["My application"])
    assert "+" not in uri.query, "apps show a plus as it is"


async def test_secret_counts_when_it_is_verified_and_not_before(server: TestServer, ada: Browser) -> None:
    secret = (await ada.post("/v1/me/totp")).json()["response"]["secret"]
    before = (await ada.get("/v1/me")).json()["response"]
    app = AuthenticatorApp(server, secret)

    wrong = await ada.post("/v1/me/totp/attempt_verification", code=app.wrong_code())
    verified = (await ada.post("/v1/me/totp/attempt_verification", code=app.code())).json()["response"]

    after = (await ada.get("/v1/me")).json()["response"]
    names = ("totp_enabled", "backup_code_enabled", "two_factor_enabled")
    assert [before[name] for name in names] == [False, False, False]
    assert error_of(wrong) == (422, "form_code_incorrect", "code")
    assert (verified["verified"], verified["secret"], verified["uri"]) == (True, None, None)
    assert [after[name] for name in names] == [True, True, True]
    assert before["created_at"] < after["mfa_enabled_at"] <= server.clock.now_ms()
    assert after["mfa_disabled_at"] is None


async def test_backup_codes_come_with_the_first_second_factor(server: TestServer) -> None:
    codes = (await enrolled(server)).codes

    assert len(codes) == len(set(codes)) == 10
    assert {len(code) for code in codes} == {8}


async def test_no_backup_codes_come_where_they_are_not_enabled(server: TestServer) -> None:
    await configure(server, {"attributes": {"authenticator_app": {"enabled": True}}})
    browser = server.browser()
    await browser.sign_up(ADA)
    secret = (await browser.post("/v1/me/totp")).json()["response"]["secret"]

    path = "/v1/me/totp/attempt_verification"
    verified = await browser.post(path, code=AuthenticatorApp(server, secret).code())

    assert verified.json()["response"]["backup_codes"] is None
    await configure(server, {"attack_protection": {"reverification": False}})
    assert error_of(await browser.post("/v1/me/backup_codes"))[:2] == (400, "backup_codes_not_available")


async def test_secret_that_was_not_verified_is_replaced(server: TestServer, ada: Browser) -> None:
    first = (await ada.post("/v1/me/totp")).json()["response"]["secret"]
    second = (await ada.post("/v1/me/totp")).json()["response"]["secret"]

    path = "/v1/me/totp/attempt_verification"
    refused = await ada.post(path, code=AuthenticatorApp(server, first).code())
    accepted = await ada.post(path, code=AuthenticatorApp(server, second).code())

    assert error_of(refused)[:2] == (422, "form_code_incorrect")
    assert accepted.status_code == 200


async def test_second_app_is_refused(server: TestServer) -> None:
    ada = await enrolled(server)
    await _reverify(ada)

    again = await ada.browser.post("/v1/me/totp")
    verified_again = await ada.browser.post("/v1/me/totp/attempt_verification", code=ada.app.code())

    assert error_of(again)[:2] == (400, "totp_already_enabled")
    assert error_of(verified_again)[:2] == (400, "totp_already_enabled")


async def _reverify(ada: Person) -> None:
    path = f"/v1/client/sessions/{ada.session['id']}/verify"
    await ada.browser.post(path, level="second_factor")
    done = await ada.browser.post(
        f"{path}/attempt_second_factor", strategy="backup_code", code=ada.codes.pop()
    )
    assert done.json()["response"]["status"] == "complete", done.text


async def test_nothing_is_verified_without_a_secret_or_a_code(ada: Browser) -> None:
    path = "/v1/me/totp/attempt_verification"

    assert error_of(await ada.post(path, code="123456"))[:2] == (404, "resource_not_found")
    assert error_of(await ada.post(path)) == (422, "form_param_nil", "code")
    assert error_of(await ada.delete("/v1/me/totp"))[:2] == (404, "resource_not_found")


async def test_app_is_refused_where_apps_are_not_enabled(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(ADA)

    assert error_of(await browser.post("/v1/me/totp"))[:2] == (403, "feature_not_enabled")


async def test_second_factors_cannot_be_set_up_signed_out(server: TestServer) -> None:
    await configure(server, SECOND_FACTORS)
    browser = server.browser()

    for answer in (
        await browser.post("/v1/me/totp"),
        await browser.post("/v1/me/totp/attempt_verification", code="123456"),
        await browser.delete("/v1/me/totp"),
        await browser.post("/v1/me/backup_codes"),
    ):
        assert answer.status_code == 401


async def test_removed_app_takes_the_backup_codes_with_it(server: TestServer) -> None:
    ada = await enrolled(server)
    await _reverify(ada)

    deleted = await ada.browser.delete("/v1/me/totp")

    user = await ada.user()
    assert deleted.json()["response"]["object"] == "totp"
    assert deleted.json()["response"]["deleted"] is True
    assert [user[name] for name in ("totp_enabled", "backup_code_enabled", "two_factor_enabled")] == [
        False
    ] * 3
    assert user["mfa_enabled_at"] < user["mfa_disabled_at"]
    assert (await ada.enter_password(server.browser()))["status"] == "complete"


async def test_new_backup_codes_replace_those_of_before(server: TestServer) -> None:
    ada = await enrolled(server)
    await _reverify(ada)

    created = (await ada.browser.post("/v1/me/backup_codes/")).json()["response"]

    assert (created["object"], len(created["codes"])) == ("backup_code", 10)
    old = await ada.second_factor("backup_code", ada.codes[0])
    new = await ada.second_factor("backup_code", created["codes"][0])
    assert error_of(old)[:2] == (422, "form_code_incorrect")
    assert new.json()["response"]["status"] == "complete"


async def test_backup_codes_need_another_second_factor(ada: Browser) -> None:
    assert error_of(await ada.post("/v1/me/backup_codes"))[:2] == (400, "backup_codes_not_available")


async def test_who_verified_their_first_factor_long_ago_sets_up_no_app(
    server: TestServer, ada: Browser
) -> None:
    server.clock.advance(seconds=601)

    assert error_of(await ada.post("/v1/me/totp"))[:2] == (403, "session_reverification_required")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/me/totp"), ("POST", "/v1/me/backup_codes")])
async def test_who_has_not_just_verified_their_second_factor_changes_none(
    server: TestServer, method: str, path: str
) -> None:
    ada = await enrolled(server)

    before = await ada.browser.call(method, path)
    await _reverify(ada)
    after = await ada.browser.call(method, path)

    assert error_of(before)[:2] == (403, "session_reverification_required")
    assert after.status_code == 200


_SECRETS = Statement(totp_secrets.select(), lambda *row: row)


async def test_secret_is_encrypted_at_rest(server: TestServer, ada: Browser) -> None:
    secret = (await ada.post("/v1/me/totp")).json()["response"]["secret"]

    async with server.app.database.transaction() as db:
        [row] = await db.all(_SECRETS)

    assert secret not in str(row)


async def test_environment_says_what_the_profile_may_offer(server: TestServer, ada: Browser) -> None:
    environment = (await ada.get("/v1/environment")).json()

    attributes = environment["user_settings"]["attributes"]
    assert environment["auth_config"]["second_factors"] == ["totp", "backup_code"]
    for name, strategy in (("authenticator_app", "totp"), ("backup_code", "backup_code")):
        assert attributes[name]["used_for_second_factor"] is True
        assert attributes[name]["second_factors"] == [strategy]
