"""Administration of a user's second factors by an application's backend."""

from __future__ import annotations

from typing import Any

import bcrypt
import pytest

from greffier.server.crypto.time_based_codes import new_totp_secret
from tests.support.answers import error_of, errors_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA, SECOND_FACTORS, AuthenticatorApp, Person, enrolled
from tests.support.server import Backend, TestServer


@pytest.fixture
async def backend(server: TestServer) -> Backend:
    await configure(server, SECOND_FACTORS)
    return server.backend()


async def test_user_comes_with_their_app_and_their_codes(server: TestServer, backend: Backend) -> None:
    secret = new_totp_secret()
    digest = bcrypt.hashpw(b"Xy-99", bcrypt.gensalt(4)).decode()

    user = await backend.create_user(
        ADA, totp_secret=secret.lower(), backup_codes=["AB12-cd34", digest, "left"]
    )

    ada = Person(server, server.browser(), AuthenticatorApp(server, secret), [])
    assert user["totp_enabled"] is True
    assert user["backup_code_enabled"] is True
    assert user["two_factor_enabled"] is True
    for strategy, code in (("totp", ada.app.code()), ("backup_code", "ab12cd34"), ("backup_code", "Xy-99")):
        done = await ada.second_factor(strategy, code)
        assert done.json()["response"]["status"] == "complete"
    assert error_of(await ada.second_factor("backup_code", "Xy-99"))[:2] == (422, "form_code_incorrect")


async def test_update_replaces_the_app_and_the_codes(server: TestServer, backend: Backend) -> None:
    ada = await enrolled(server)
    user_id = (await ada.user())["id"]
    secret = new_totp_secret()

    changed = await backend.patch(f"/v1/users/{user_id}", totp_secret=secret, backup_codes=["spare-1"])

    assert changed.json()["two_factor_enabled"] is True
    path = f"/v1/users/{user_id}/verify_totp"
    assert (await backend.post(path, code=ada.app.code())).status_code == 422
    assert (await backend.post(path, code=ada.codes[0])).status_code == 422
    assert (await backend.post(path, code=AuthenticatorApp(server, secret).code())).status_code == 200
    assert (await backend.post(path, code="spare-1")).status_code == 200


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"totp_secret": "not base32!"}, {"totp_secret": "invalid_totp_secret_code"}),
        ({"totp_secret": "ABCD"}, {"totp_secret": "invalid_totp_secret_code"}),
        ({"backup_codes": ["--"]}, {"backup_codes": "form_param_format_invalid"}),
        ({"backup_codes": ["a1", "a1"]}, {"backup_codes": "form_param_format_invalid"}),
        ({"backup_codes": [f"c{i}" for i in range(11)]}, {"backup_codes": "form_param_format_invalid"}),
        ({"backup_codes": ["$2b$31$short"]}, {"backup_codes": "form_param_format_invalid"}),
    ],
)
async def test_secret_and_codes_that_cannot_be_used_are_refused(
    backend: Backend, given: dict[str, Any], errors: dict[str, str]
) -> None:
    user = await backend.add_user()

    created = await backend.post("/v1/users", email_address=[ADA], skip_password_requirement=True, **given)
    changed = await backend.patch(f"/v1/users/{user['id']}", **given)

    assert errors_of(created) == errors_of(changed) == errors


async def test_codes_without_an_app_ask_for_nothing(server: TestServer, backend: Backend) -> None:
    await backend.create_user(ADA, backup_codes=["spare-1"])

    assert (await server.browser().sign_in(ADA))["sessions"]


async def test_code_is_verified_and_used_up(server: TestServer, backend: Backend) -> None:
    ada = await enrolled(server)
    path = f"/v1/users/{(await ada.user())['id']}/verify_totp"

    by_app = await backend.post(path, code=ada.app.code())
    by_code = await backend.post(path, code=ada.codes[0])

    assert by_app.json() == {"verified": True, "code_type": "totp"}
    assert by_code.json() == {"verified": True, "code_type": "backup_code"}
    for used in (ada.app.code(), ada.codes[0], ada.app.wrong_code()):
        assert error_of(await backend.post(path, code=used))[:2] == (422, "totp_incorrect_code")
    assert (await ada.user())["verification_attempts_remaining"] == 10


async def test_user_without_an_app_verifies_nothing(backend: Backend) -> None:
    user = await backend.add_user()

    refused = await backend.post(f"/v1/users/{user['id']}/verify_totp", code="123456")

    assert error_of(refused)[:2] == (400, "totp_disabled")


@pytest.mark.parametrize("what", ["mfa", "totp"])
async def test_removed_app_is_asked_for_no_more(server: TestServer, backend: Backend, what: str) -> None:
    ada = await enrolled(server)
    user_id = (await ada.user())["id"]

    removed = await backend.delete(f"/v1/users/{user_id}/{what}")
    again = await backend.delete(f"/v1/users/{user_id}/{what}")

    user = (await backend.get(f"/v1/users/{user_id}")).json()
    assert removed.json() == again.json() == {"user_id": user_id}
    assert user["two_factor_enabled"] is False
    assert user["backup_code_enabled"] is False
    assert user["mfa_enabled_at"] < user["mfa_disabled_at"]
    assert (await ada.enter_password(server.browser()))["status"] == "complete"


async def test_removed_backup_codes_leave_the_app(server: TestServer, backend: Backend) -> None:
    ada = await enrolled(server)
    user_id = (await ada.user())["id"]

    removed = await backend.delete(f"/v1/users/{user_id}/backup_code")

    sign_in = await ada.enter_password(server.browser())
    assert removed.json() == {"user_id": user_id}
    assert sign_in["supported_second_factors"] == [{"strategy": "totp"}]


async def test_users_of_other_instances_are_not_found(server: TestServer, backend: Backend) -> None:
    ada = await enrolled(server)
    path = f"/v1/users/{(await ada.user())['id']}"
    code = ada.app.code()
    neighbour = await server.neighbour()

    for answer in (
        await neighbour.post(f"{path}/verify_totp", code=code),
        await neighbour.delete(f"{path}/mfa"),
        await neighbour.delete(f"{path}/totp"),
        await neighbour.delete(f"{path}/backup_code"),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")
    assert (await backend.get(path)).json()["backup_code_enabled"] is True
