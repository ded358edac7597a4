"""Ban, unban, lock and unlock by the Backend API: at once, for one user or for many."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import PASSWORD, Backend, TestServer

ADA = "ada@example.com"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> dict[str, Any]:
    return await backend.create_user(ADA)


@pytest.mark.parametrize(("act", "field"), [("ban", "banned"), ("lock", "locked")])
async def test_no_token_after_a_ban_or_lock(
    server: TestServer, backend: Backend, ada: dict[str, Any], act: str, field: str
) -> None:
    browser = server.browser()
    session_id = (await browser.sign_in(ADA))["last_active_session_id"]
    assert (await browser.token(session_id)).status_code == 200

    user = (await backend.post(f"/v1/users/{ada['id']}/{act}")).json()

    assert user[field] is True
    assert (await browser.token(session_id)).status_code in (401, 404)
    assert (await backend.get(f"/v1/sessions/{session_id}")).json()["status"] == "revoked"


@pytest.mark.parametrize(
    ("act", "undo", "code"), [("ban", "unban", "user_banned"), ("lock", "unlock", "user_locked")]
)
async def test_sign_in_is_refused_until_it_is_undone(
    server: TestServer, backend: Backend, ada: dict[str, Any], act: str, undo: str, code: str
) -> None:
    await backend.post(f"/v1/users/{ada['id']}/{act}")
    fields = {"strategy": "password", "identifier": ADA, "password": PASSWORD}
    refused = await server.browser().post("/v1/client/sign_ins", **fields)

    await backend.post(f"/v1/users/{ada['id']}/{undo}")

    assert error_of(refused)[:2] == (403, code)
    assert (await server.browser().post("/v1/client/sign_ins", **fields)).status_code == 200


async def test_lock_lasts_as_long_as_a_lockout(backend: Backend, ada: dict[str, Any]) -> None:
    user = (await backend.post(f"/v1/users/{ada['id']}/lock")).json()

    assert 3590 <= user["lockout_expires_in_seconds"] <= 3600
    assert user["verification_attempts_remaining"] == 10


async def test_sign_in_that_was_begun_before_a_ban_does_not_end_well(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    browser = server.browser()
    begun = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    await backend.post(f"/v1/users/{ada['id']}/ban")

    response = await browser.post(
        f"/v1/client/sign_ins/{begun['id']}/attempt_first_factor", strategy="password", password=PASSWORD
    )

    assert error_of(response)[:2] == (403, "user_banned")


async def test_many_are_banned_and_unbanned_together(backend: Backend, ada: dict[str, Any]) -> None:
    bob = await backend.add_user("bob@example.com")
    both = [ada["id"], bob["id"]]

    banned = (await backend.post("/v1/users/ban", user_ids=both)).json()
    unbanned = (await backend.post("/v1/users/unban", user_ids=both)).json()

    assert {user["id"] for user in banned} == set(both)
    assert [user["banned"] for user in banned] == [True, True]
    assert [user["banned"] for user in unbanned] == [False, False]


async def test_no_user_is_banned_when_one_of_many_is_unknown(backend: Backend, ada: dict[str, Any]) -> None:
    response = await backend.call("POST", "/v1/users/ban", {"user_ids": [ada["id"], "user_unknown"]})

    assert error_of(response) == (400, "form_param_value_invalid", "user_ids")
    assert (await backend.get(f"/v1/users/{ada['id']}")).json()["banned"] is False


@pytest.mark.parametrize("act", ["ban", "unban", "lock", "unlock"])
async def test_users_of_another_instance_are_out_of_reach(
    server: TestServer, ada: dict[str, Any], act: str
) -> None:
    neighbour = await server.neighbour()

    response = await neighbour.post(f"/v1/users/{ada['id']}/{act}")

    assert response.status_code == 404
