"""Verification of API keys: found for as long as they work, and not found after."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import SECRET_KEY, Backend, TestServer

NOT_FOUND = (404, "resource_not_found")


@pytest.fixture
async def key(backend: Backend) -> dict[str, Any]:
    """A key that works for an hour."""
    ada = await backend.add_user()
    made = await backend.post(
        "/v1/api_keys",
        name="deploy",
        subject=ada["id"],
        scopes=["read"],
        claims={"team": "blue"},
        seconds_until_expiration=3600,
    )
    return made.json()


async def test_working_key_is_verified_with_what_it_carries(
    server: TestServer, backend: Backend, key: dict[str, Any]
) -> None:
    verified = (await backend.post("/v1/api_keys/verify", secret=key["secret"])).json()

    assert verified == {name: value for name, value in key.items() if name != "secret"} | {
        "last_used_at": pytest.approx(server.clock.now_ms(), abs=5000)
    }


@pytest.mark.parametrize(
    "path", ["/api_keys/verify", "/v1/api_keys/verify", "//api_keys//verify/", "/v1//api_keys/verify"]
)
@pytest.mark.parametrize("name", ["secret", "token", "access_token"])
async def test_every_sdk_finds_the_verification(
    backend: Backend, key: dict[str, Any], path: str, name: str
) -> None:
    answer = await backend.http.post(f"http://localhost:8787{path}", json={name: key["secret"]})

    assert (answer.status_code, answer.json()["id"]) == (200, key["id"])


async def test_all_operations_answer_without_v1(backend: Backend, key: dict[str, Any]) -> None:
    path = f"/api_keys/{key['id']}"

    listed = await backend.get("/api_keys", subject=key["subject"])
    made = await backend.post("/api_keys", name="other", subject=key["subject"])

    assert [shown["id"] for shown in listed.json()["data"]] == [key["id"]]
    assert made.json()["secret"].startswith("ak_")
    assert (await backend.get(path)).json()["id"] == key["id"]
    assert (await backend.get(f"{path}/secret")).json() == {"secret": key["secret"]}
    assert (await backend.patch(path, description="new")).json()["description"] == "new"
    assert (await backend.post(f"{path}/revoke")).json()["revoked"] is True
    assert (await backend.delete(path)).json()["deleted"] is True


async def test_what_is_no_key_is_not_found(backend: Backend, key: dict[str, Any]) -> None:
    for shown in ("ak_", key["id"], key["secret"][:-1], key["secret"] + "x", key["secret"].upper(), "x"):
        assert error_of(await backend.post("/v1/api_keys/verify", secret=shown))[:2] == NOT_FOUND, shown
    for body in ({}, {"secret": ""}, {"secret": None}, {"secret": 1}, {"secret": [key["secret"]]}):
        answer = await backend.call("POST", "/v1/api_keys/verify", body)
        assert error_of(answer)[::2] == (400, "secret"), body


async def test_revoked_key_is_not_found_from_that_moment(backend: Backend, key: dict[str, Any]) -> None:
    assert (await backend.post("/v1/api_keys/verify", secret=key["secret"])).status_code == 200

    await backend.post(f"/v1/api_keys/{key['id']}/revoke")

    assert error_of(await backend.post("/v1/api_keys/verify", secret=key["secret"]))[:2] == NOT_FOUND


async def test_expired_key_is_not_found_until_it_is_extended(
    server: TestServer, backend: Backend, key: dict[str, Any]
) -> None:
    server.clock.advance(seconds=3590)
    assert (await backend.post("/v1/api_keys/verify", secret=key["secret"])).json()["expired"] is False

    server.clock.advance(seconds=10)
    assert error_of(await backend.post("/v1/api_keys/verify", secret=key["secret"]))[:2] == NOT_FOUND

    await backend.patch(f"/v1/api_keys/{key['id']}", seconds_until_expiration=60)
    assert (await backend.post("/v1/api_keys/verify", secret=key["secret"])).status_code == 200


async def test_key_of_a_banned_user_is_not_found_while_they_are_banned(
    backend: Backend, key: dict[str, Any]
) -> None:
    user = f"/v1/users/{key['subject']}"

    await backend.post(f"{user}/ban")
    assert error_of(await backend.post("/v1/api_keys/verify", secret=key["secret"]))[:2] == NOT_FOUND

    await backend.post(f"{user}/unban")
    assert (await backend.post("/v1/api_keys/verify", secret=key["secret"])).status_code == 200


async def test_key_of_a_locked_user_works(backend: Backend, key: dict[str, Any]) -> None:
    """Guessing of a user's password must not stop the user's programs."""
    await backend.post(f"/v1/users/{key['subject']}/lock")

    assert (await backend.post("/v1/api_keys/verify", secret=key["secret"])).status_code == 200


async def test_use_is_noted_once_a_minute(server: TestServer, backend: Backend, key: dict[str, Any]) -> None:
    async def last_used_at() -> int:
        await backend.post("/v1/api_keys/verify", secret=key["secret"])
        return (await backend.get(f"/v1/api_keys/{key['id']}")).json()["last_used_at"]

    first = await last_used_at()
    server.clock.advance(seconds=30)
    assert await last_used_at() == first
    server.clock.advance(seconds=30)
    assert await last_used_at() >= first + 60_000
    shown = (await backend.get(f"/v1/api_keys/{key['id']}")).json()
    assert shown["updated_at"] == key["updated_at"]


async def test_verification_needs_the_secret_key_of_the_instance(
    server: TestServer, key: dict[str, Any]
) -> None:
    for credential in (None, "undefined", key["secret"], "sk_test_wrong", SECRET_KEY[:-1]):
        stranger = server.backend(secret_key=credential)
        for path in ("/v1/api_keys/verify", "/api_keys/verify"):
            answer = await stranger.post(path, secret=key["secret"])
            assert answer.status_code == 401, (credential, path)


async def test_key_is_no_credential_of_the_backend_api(server: TestServer, key: dict[str, Any]) -> None:
    bearer = server.backend(secret_key=key["secret"])

    for path in ("/v1/users", f"/v1/api_keys/{key['id']}", f"/api_keys/{key['id']}/secret", "/api_keys"):
        assert (await bearer.get(path)).status_code == 401


async def test_secret_is_in_no_log(
    backend: Backend, key: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await backend.post("/v1/api_keys/verify", secret=key["secret"])
    await backend.get(f"/v1/api_keys/{key['id']}/secret")
    await backend.post("/v1/api_keys", name="x", subject=key["secret"])
    await backend.post("/v1/api_keys/verify", secret=key["secret"], other=1)
    await backend.get(f"/v1/api_keys/{key['secret']}")

    ours = [str(vars(record)) for record in caplog.records if record.name.startswith("greffier")]
    assert len(ours) == 5
    assert not [text for text in ours if key["secret"] in text]
    assert [text for text in ours if f"/v1/api_keys/{key['id']}/secret" in text]
