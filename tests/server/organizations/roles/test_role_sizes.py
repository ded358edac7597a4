"""Roles whose permissions would fill more than the cookie that holds a session token."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from greffier.server.instances.administration import choose_instance, settings_of
from greffier.server.organizations.roles.token_claims import MAX_ROLE_CLAIMS, role_claims_size
from greffier.server.provisioning import change_settings
from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.organizations import Person, add_member, add_organization
from tests.support.server import Backend, JsonObject, TestServer

TOO_LARGE = (422, "form_param_exceeds_allowed_size", "permissions")
COOKIE = 4096


async def permissions(backend: Backend, features: int, actions: int) -> list[str]:
    """The ids of permissions on so many features."""
    made: list[str] = []
    for feature in range(features):
        for action in range(actions):
            key = f"org:feature_{feature:03}:action_{action}"
            answer = await backend.post("/v1/organization_permissions", name=key, key=key)
            assert answer.status_code == 200, answer.text
            made.append(answer.json()["id"])
    return made


async def role_with(backend: Backend, ids: list[str]) -> Any:
    return await backend.post("/v1/organization_roles", name="Big", key="org:big", permissions=ids)


async def test_role_of_150_permissions_fits_in_the_compact_form(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    made = await role_with(backend, await permissions(backend, 50, 3))
    assert made.status_code == 200, made.text
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id, "org:big")
    path = f"/v1/client/sessions/{ada.session_id}"
    await ada.browser.post(f"{path}/touch", active_organization_id=acme["id"])

    token = (await ada.browser.post(f"{path}/tokens")).json()["jwt"]

    assert len(token) < COOKIE - 200
    assert claims_of(token)["o"]["rol"] == "big"


async def test_caller_of_before_the_compact_form_gets_it_when_the_other_does_not_fit(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    await role_with(backend, await permissions(backend, 50, 3))
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id, "org:big")
    path = f"/v1/client/sessions/{ada.session_id}"
    await ada.browser.post(f"{path}/touch", active_organization_id=acme["id"])
    ada.browser.version = "2024-10-01"

    token = (await ada.browser.post(f"{path}/tokens")).json()["jwt"]

    assert len(token) < COOKIE - 200
    assert claims_of(token)["v"] == 2


async def test_role_that_no_token_holds_is_refused_when_it_is_made(
    enabled: TestServer, backend: Backend
) -> None:
    ids = await permissions(backend, 150, 1)

    refused = await role_with(backend, ids)

    assert error_of(refused) == TOO_LARGE
    listed = (await backend.get("/v1/organization_roles")).json()["data"]
    assert "org:big" not in [role["key"] for role in listed], "nothing is half made"


async def test_role_that_no_token_holds_is_refused_when_it_grows(
    enabled: TestServer, backend: Backend
) -> None:
    ids = await permissions(backend, 100, 1)
    fitting = next(
        count
        for count in range(100, 0, -1)
        if role_claims_size([f"org:feature_{n:03}:action_0" for n in range(count)], compact=True)
        <= MAX_ROLE_CLAIMS
    )
    role = (await role_with(backend, ids[:fitting])).json()
    path = f"/v1/organization_roles/{role['id']}"

    assigned = await backend.post(f"{path}/permissions/{ids[fitting]}")
    replaced = await backend.patch(path, permissions=ids)
    permission = f"/v1/organization_permissions/{ids[0]}"
    renamed = await backend.patch(permission, key=f"org:{'f' * 30}:{'a' * 30}")

    assert error_of(assigned) == error_of(replaced) == error_of(renamed) == TOO_LARGE
    assert len((await backend.get(path)).json()["permissions"]) == fitting


async def test_role_is_measured_in_the_form_that_the_instance_has_chosen(
    enabled: TestServer, backend: Backend
) -> None:
    await configure(enabled, {"session": {"token_version": 1}})

    refused = await role_with(backend, await permissions(backend, 20, 3))

    assert error_of(refused) == TOO_LARGE


async def test_role_is_measured_in_the_form_that_another_process_has_just_chosen(
    enabled: TestServer, backend: Backend
) -> None:
    ids = await permissions(backend, 20, 3)
    async with enabled.app.database.transaction() as db:  # and this process has not noticed
        row = await choose_instance(db, None)
        settings = settings_of(row)
        session = msgspec.structs.replace(settings.session, token_version=1)
        changed = msgspec.structs.replace(settings, session=session)
        await change_settings(db, row, changed, enabled.clock.now_ms())

    refused = await role_with(backend, ids)

    assert error_of(refused) == TOO_LARGE


@pytest.fixture
async def member(
    enabled: TestServer, backend: Backend, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> tuple[Person, JsonObject]:
    """In a role from before roles were measured, and the organization, which is not active."""
    with monkeypatch.context() as before:
        before.setattr("greffier.server.organizations.roles.lifecycle.MAX_ROLE_CLAIMS", 10**6)
        await role_with(backend, await permissions(backend, 200, 1))
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id, "org:big")
    return ada, acme


async def test_token_that_no_cookie_holds_is_a_clear_error_and_a_line_in_the_log(
    member: tuple[Person, JsonObject], caplog: pytest.LogCaptureFixture
) -> None:
    ada, acme = member
    path = f"/v1/client/sessions/{ada.session_id}"

    refused = await ada.browser.post(f"{path}/tokens", organization_id=acme["id"])

    assert error_of(refused)[:2] == (400, "session_token_too_large")
    assert "org:big" in caplog.text


async def test_member_whose_token_no_cookie_holds_can_still_leave_the_organization(
    member: tuple[Person, JsonObject],
) -> None:
    ada, acme = member
    path = f"/v1/client/sessions/{ada.session_id}"
    await ada.browser.post(f"{path}/touch", active_organization_id=acme["id"])

    client = (await ada.browser.get("/v1/client")).json()["response"]
    await ada.browser.post(f"{path}/touch", active_organization_id="")
    token = await ada.browser.post(f"{path}/tokens")

    assert client["sessions"][0]["last_active_token"] is None
    assert token.status_code == 200


async def test_handshake_does_not_send_a_browser_round_with_a_token_that_no_cookie_holds(
    member: tuple[Person, JsonObject],
) -> None:
    ada, acme = member
    path = f"/v1/client/sessions/{ada.session_id}"
    await ada.browser.post(f"{path}/touch", active_organization_id=acme["id"])

    answer = await ada.browser.http.get(
        "/v1/client/handshake", params={"redirect_url": "http://localhost:3000/"}
    )

    assert error_of(answer)[:2] == (400, "session_token_too_large")


async def test_actor_that_fills_the_token_is_refused(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    refused = await backend.post(
        "/v1/actor_tokens", user_id=ada.user_id, actor={"sub": "a", "note": "n" * 600}
    )

    assert error_of(refused) == (422, "form_param_exceeds_allowed_size", "actor")
