"""Passwords, and digests of passwords, that an application's backend gives its users."""

from __future__ import annotations

from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher, Type

from tests.support.answers import error_of
from tests.support.server import PASSWORD, Backend, TestServer

NEW_PASSWORD = "a quite different passphrase"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_created_user_signs_in_with_their_password(server: TestServer, backend: Backend) -> None:
    user = await backend.create_user("ada@example.com", password=PASSWORD)

    assert user["password_enabled"] is True
    client = await server.browser().sign_in("ada@example.com", PASSWORD)
    assert client["sessions"][0]["user"]["id"] == user["id"]


DIGESTS = {
    "bcrypt": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
    "argon2id": PasswordHasher(1, 64, 1).hash(PASSWORD),
    "argon2i": PasswordHasher(1, 64, 1, type=Type.I).hash(PASSWORD),
}


async def test_password_of_another_system_still_signs_in(server: TestServer, backend: Backend) -> None:
    for hasher, digest in DIGESTS.items():
        address = f"{hasher}@example.com"
        await backend.add_user(address, password_digest=digest, password_hasher=hasher)
        sign_in = {"strategy": "password", "identifier": address}

        wrong = await server.browser().post("/v1/client/sign_ins", password="something else", **sign_in)
        right = await server.browser().post("/v1/client/sign_ins", password=PASSWORD, **sign_in)

        assert error_of(wrong) == (422, "form_password_incorrect", "password")
        assert right.json()["response"]["status"] == "complete"


UNUSABLE_PASSWORDS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"password_digest": "5f4d", "password_hasher": "md5"},
        "form_param_value_invalid",
        "password_hasher",
    ),
    ({"password_digest": "5f4d"}, "form_param_missing", "password_hasher"),
    ({"password_hasher": "bcrypt"}, "form_param_missing", "password_digest"),
    (
        {"password_digest": "5f4d", "password_hasher": "bcrypt"},
        "form_password_digest_invalid_code",
        "password_digest",
    ),
    (
        {"password": PASSWORD, "password_digest": "x", "password_hasher": "bcrypt"},
        "form_param_format_invalid",
        "password_digest",
    ),
    ({"password": "", "skip_password_checks": True}, "form_param_nil", "password"),
    (
        {"password": "x" * 5000, "skip_password_checks": True},
        "form_password_length_too_long",
        "password",
    ),
]


async def test_password_that_cannot_be_used_is_refused(backend: Backend) -> None:
    for fields, code, param in UNUSABLE_PASSWORDS:
        response = await backend.post(
            "/v1/users", email_address=["ada@example.com"], skip_password_requirement=True, **fields
        )

        assert error_of(response) == (422, code, param)


async def test_refusal_of_a_hasher_names_those_that_are_supported(backend: Backend) -> None:
    response = await backend.post(
        "/v1/users", email_address=["ada@example.com"], password_digest="x", password_hasher="phpass"
    )

    assert "argon2i, argon2id, bcrypt" in response.json()["errors"][0]["long_message"]


async def test_administrator_may_skip_the_checks_of_a_password(backend: Backend) -> None:
    user = await backend.create_user(password="abc", skip_password_checks=True)

    assert user["password_enabled"] is True


async def test_new_password_replaces_the_old_one(server: TestServer, backend: Backend) -> None:
    user = await backend.create_user("ada@example.com")

    changed = await backend.patch(f"/v1/users/{user['id']}", password=NEW_PASSWORD)

    assert changed.status_code == 200
    old = await server.browser().post(
        "/v1/client/sign_ins", strategy="password", identifier="ada@example.com", password=PASSWORD
    )
    assert error_of(old) == (422, "form_password_incorrect", "password")
    assert (await server.browser().sign_in("ada@example.com", NEW_PASSWORD))["sessions"]


async def test_new_password_signs_out_everywhere_when_asked(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    session = client["sessions"][0]
    path = f"/v1/users/{session['user']['id']}"

    await backend.patch(path, password=NEW_PASSWORD)
    kept = await browser.token(session["id"])
    await backend.patch(path, password=PASSWORD, sign_out_of_other_sessions=True)
    gone = await browser.token(session["id"])

    assert kept.status_code == 200
    assert gone.status_code == 401
    assert (await backend.get(f"/v1/sessions/{session['id']}")).json()["status"] == "revoked"


async def test_signing_out_needs_a_new_password(backend: Backend) -> None:
    user = await backend.add_user()

    response = await backend.patch(f"/v1/users/{user['id']}", sign_out_of_other_sessions=True)

    assert error_of(response) == (422, "form_param_missing", "password")


# --- checked and taken away -------------------------------------------------------------------------------


async def test_password_of_a_user_is_verified(backend: Backend) -> None:
    user = await backend.create_user("ada@example.com", password=PASSWORD)
    path = f"/v1/users/{user['id']}/verify_password"

    right = await backend.post(path, password=PASSWORD)
    wrong = await backend.post(path, password="something else")

    assert right.json() == {"verified": True}
    assert error_of(wrong)[:2] == (422, "incorrect_password")


async def test_user_without_a_password_has_none_to_verify_or_remove(backend: Backend) -> None:
    user = await backend.add_user("ada@example.com")

    for action in ({"password": "x"}, None):
        name = "verify_password" if action else "remove_password"
        response = await backend.post(f"/v1/users/{user['id']}/{name}", **(action or {}))
        assert error_of(response)[:2] == (400, "no_password_set")


async def test_removed_password_does_not_sign_in(server: TestServer, backend: Backend) -> None:
    user = await backend.create_user("ada+clerk_test@example.com", password=PASSWORD)
    browser = server.browser()
    session_id = (await browser.sign_in())["last_active_session_id"]

    removed = await backend.post(f"/v1/users/{user['id']}/remove_password", sign_out_of_other_sessions=True)

    assert removed.json()["password_enabled"] is False
    assert (await browser.token(session_id)).status_code == 401
    again = await server.browser().post(
        "/v1/client/sign_ins",
        strategy="password",
        identifier="ada+clerk_test@example.com",
        password=PASSWORD,
    )
    assert again.status_code in (400, 422)
