"""Sessions as an application's backend lists, revokes and gets tokens of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.server import Backend, TestServer

User = dict[str, Any]


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> User:
    return await backend.add_user("ada@example.com")


async def begin(backend: Backend, user: User) -> dict[str, Any]:
    response = await backend.post("/v1/sessions", user_id=user["id"])
    assert response.status_code == 200, response.text
    return response.json()


# --- listing ------------------------------------------------------------------------------------------------


async def test_list_is_filtered_and_newest_first(server: TestServer, backend: Backend, ada: User) -> None:
    eve = await backend.add_user("eve@example.com")
    first = await begin(backend, ada)
    server.clock.advance(seconds=1)
    second, of_eve = await begin(backend, ada), await begin(backend, eve)

    async def found(**query: Any) -> list[str]:
        return [session["id"] for session in (await backend.get("/v1/sessions", **query)).json()]

    assert await found(user_id=ada["id"]) == [second["id"], first["id"]]
    assert await found(client_id=of_eve["client_id"]) == [of_eve["id"]]
    assert await found(user_id=eve["id"], client_id=second["client_id"]) == []
    assert await found(user_id=ada["id"], limit=1, offset=1) == [first["id"]]
    assert len(await found()) == 3


async def test_list_is_an_array_unless_a_page_is_asked_for(backend: Backend, ada: User) -> None:
    sessions = [await begin(backend, ada) for _ in range(3)]

    bare = await backend.get("/v1/sessions", user_id=ada["id"])
    page = await backend.get("/v1/sessions", user_id=ada["id"], paginated="true", limit=2)

    assert sorted(session["id"] for session in bare.json()) == sorted(session["id"] for session in sessions)
    assert page.json()["total_count"] == 3
    assert len(page.json()["data"]) == 2


async def test_session_past_its_end_is_expired(server: TestServer, backend: Backend, ada: User) -> None:
    session = await begin(backend, ada)
    revoked = await begin(backend, ada)
    await backend.post(f"/v1/sessions/{revoked['id']}/revoke")

    async def with_status(status: str) -> list[str]:
        sessions = (await backend.get("/v1/sessions", status=status)).json()
        assert {one["status"] for one in sessions} <= {status}
        return [one["id"] for one in sessions]

    assert await with_status("active") == [session["id"]]
    assert await with_status("expired") == []
    server.clock.advance(seconds=8 * 24 * 3600)
    assert await with_status("active") == []
    assert await with_status("expired") == [session["id"]]
    assert await with_status("revoked") == [revoked["id"]]
    assert await with_status("pending") == []


async def test_what_a_list_cannot_do_is_refused(backend: Backend) -> None:
    for query in ({"status": "asleep"}, {"limit": 0}, {"limit": 501}, {"offset": -1}, {"paginated": "maybe"}):
        status, _code, at = error_of(await backend.get("/v1/sessions", **query))
        assert (status, at) == (422, next(iter(query)))


async def test_tasks_of_a_session_are_shown_since_2025_04_10(server: TestServer, ada: User) -> None:
    await begin(server.backend(), ada)

    async def keys(version: str) -> set[str]:
        return set((await server.backend(version=version).get("/v1/sessions")).json()[0])

    assert await keys("2025-04-10") - await keys("2025-03-12") == {"tasks"}


# --- one session --------------------------------------------------------------------------------------------


async def test_session_tells_where_it_is_used(server: TestServer, backend: Backend) -> None:
    client = await server.browser().sign_up()

    session = (await backend.get(f"/v1/sessions/{client['last_active_session_id']}")).json()

    assert (session["client_id"], session["status"]) == (client["id"], "active")
    assert session["latest_activity"]["browser_name"] == "Chrome"
    assert session["latest_activity"]["ip_address"] == "192.0.2.7"


async def test_revoked_session_gets_no_token_from_then_on(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]

    revoked = await backend.post(f"/v1/sessions/{session_id}/revoke")

    assert revoked.json()["status"] == "revoked"
    assert (await browser.token(session_id)).status_code == 401
    refused = await backend.post(f"/v1/sessions/{session_id}/tokens")
    assert error_of(refused)[:2] == (401, "authentication_invalid")


async def test_session_that_is_over_stays_as_it_was(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    await browser.post(f"/v1/client/sessions/{session_id}/end")

    response = await backend.post(f"/v1/sessions/{session_id}/revoke")

    assert response.json()["status"] == "ended"


async def test_unknown_session_is_not_found(backend: Backend) -> None:
    path = "/v1/sessions/sess_unknown"

    for method, of in (("GET", path), ("POST", f"{path}/revoke"), ("POST", f"{path}/tokens")):
        assert error_of(await backend.call(method, of))[:2] == (404, "resource_not_found"), (method, of)


# --- tokens -------------------------------------------------------------------------------------------------


async def test_token_is_of_the_session_and_names_no_page(backend: Backend, ada: User) -> None:
    session = await begin(backend, ada)

    token = (await backend.post(f"/v1/sessions/{session['id']}/tokens")).json()

    claims = claims_of(token["jwt"])
    assert (claims["sub"], claims["sid"]) == (ada["id"], session["id"])
    assert claims["exp"] - claims["iat"] == 60
    assert "azp" not in claims


async def test_token_speaks_the_version_of_who_asks(server: TestServer, backend: Backend, ada: User) -> None:
    path = f"/v1/sessions/{(await begin(backend, ada))['id']}/tokens"

    async def version_of(date: str) -> int | None:
        return claims_of((await server.backend(version=date).post(path)).json()["jwt"]).get("v")

    assert [await version_of(date) for date in ("2024-10-01", "2025-11-10")] == [None, 2]


async def test_lifetime_of_a_token_can_be_chosen_within_bounds(backend: Backend, ada: User) -> None:
    path = f"/v1/sessions/{(await begin(backend, ada))['id']}/tokens"

    chosen = await backend.post(path, expires_in_seconds=300)
    default = await backend.post(path, expires_in_seconds=None)

    claims = claims_of(chosen.json()["jwt"])
    assert claims["exp"] - claims["iat"] == 300
    assert "greffier-warning" not in chosen.headers
    assert default.status_code == 200
    for seconds in (29, 315_360_001, "300"):
        refused = await backend.post(path, expires_in_seconds=seconds)
        code = "form_param_type_invalid" if isinstance(seconds, str) else "form_param_format_invalid"
        assert error_of(refused) == (422, code, "expires_in_seconds")


async def test_token_that_lives_longer_than_five_minutes_comes_with_a_warning(
    backend: Backend, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/v1/sessions/{(await begin(backend, ada))['id']}/tokens"

    response = await backend.post(path, expires_in_seconds=301)

    assert response.status_code == 200
    assert "XSS" in response.headers["greffier-warning"]
    assert [record.levelname for record in caplog.records if "XSS" in record.message] == ["WARNING"]
