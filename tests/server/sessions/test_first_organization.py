"""The organization that is active when a session begins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import claims_of
from tests.support.configuring import configure
from tests.support.organizations import (
    Person,
    add_member,
    add_organization,
    path_of,
    sign_up,
)
from tests.support.server import Backend, JsonObject, TestServer


@pytest.fixture
def backend(enabled: TestServer) -> Backend:
    return enabled.backend()


@pytest.fixture
async def ada(enabled: TestServer) -> Person:
    """Signed in; no member of anything yet."""
    return await sign_up(enabled, "ada")


@pytest.fixture
async def acme(backend: Backend, ada: Person) -> JsonObject:
    return await add_organization(backend, "Acme", created_by=ada.user_id)


@pytest.fixture
async def otter(enabled: TestServer, backend: Backend, ada: Person, acme: JsonObject) -> JsonObject:
    """Joined after Acme."""
    enabled.clock.advance(seconds=1)
    made = await add_organization(backend, "Otter")
    await add_member(backend, made, ada.user_id)
    return made


async def activate(person: Person, organization_id: str) -> None:
    path = f"/v1/client/sessions/{person.session_id}/touch"
    touched = await person.browser.post(path, active_organization_id=organization_id)
    assert touched.status_code == 200, touched.text


async def active_after_sign_in(server: TestServer, name: str = "ada") -> str | None:
    """On another device; its token says the same."""
    server.clock.advance(seconds=1)
    session = (await server.browser().sign_in(f"{name}+clerk_test@example.com"))["sessions"][0]
    claims = claims_of(session["last_active_token"]["jwt"])
    assert claims.get("o", {}).get("id") == session["last_active_organization_id"]
    return session["last_active_organization_id"]


async def invited_user(server: TestServer, backend: Backend, organization: JsonObject) -> None:
    """A user who has a membership and never had a session."""
    bob = await backend.create_user("bob+clerk_test@example.com")
    await add_member(backend, organization, bob["id"])


async def test_session_begins_in_the_organization_of_the_last_session(
    enabled: TestServer, ada: Person, acme: JsonObject, otter: JsonObject
) -> None:
    await activate(ada, acme["id"])

    assert await active_after_sign_in(enabled) == acme["id"]
    assert await active_after_sign_in(enabled) == acme["id"]


async def test_session_begins_in_the_organization_of_a_last_session_that_is_over(
    enabled: TestServer, ada: Person, acme: JsonObject, otter: JsonObject
) -> None:
    await activate(ada, acme["id"])
    await ada.browser.delete("/v1/client/sessions")

    assert await active_after_sign_in(enabled) == acme["id"]


async def test_session_begins_in_the_personal_account_when_the_last_one_ended_there(
    enabled: TestServer, ada: Person, acme: JsonObject
) -> None:
    await activate(ada, acme["id"])
    await activate(ada, "")

    assert await active_after_sign_in(enabled) is None


async def test_first_session_begins_in_the_organization_that_was_joined_last(
    enabled: TestServer, backend: Backend, acme: JsonObject
) -> None:
    await invited_user(enabled, backend, acme)
    enabled.clock.advance(seconds=1)
    later = await add_organization(backend, "Later")
    found = (await backend.get("/v1/users", email_address="bob+clerk_test@example.com")).json()
    await add_member(backend, later, found[0]["id"])

    assert await active_after_sign_in(enabled, "bob") == later["id"]


async def test_session_does_not_begin_in_an_organization_that_the_user_has_left(
    enabled: TestServer, backend: Backend, ada: Person, acme: JsonObject, otter: JsonObject
) -> None:
    await activate(ada, otter["id"])
    await ada.browser.delete("/v1/client/sessions")
    gone = await backend.delete(path_of(otter, "memberships", ada.user_id))
    assert gone.status_code == 200

    assert await active_after_sign_in(enabled) != otter["id"]


async def test_session_begins_in_no_organization_while_they_are_off(
    enabled: TestServer, ada: Person, acme: JsonObject
) -> None:
    await activate(ada, acme["id"])
    await configure(enabled, {"organizations": {"enabled": False}})

    assert await active_after_sign_in(enabled) is None


async def test_user_without_organizations_begins_in_the_personal_account(
    enabled: TestServer, ada: Person
) -> None:
    assert await active_after_sign_in(enabled) is None


async def test_who_acted_as_the_user_does_not_choose_their_organization(
    enabled: TestServer, backend: Backend, ada: Person, acme: JsonObject, otter: JsonObject
) -> None:
    await activate(ada, acme["id"])
    enabled.clock.advance(seconds=1)
    token = (await backend.post("/v1/actor_tokens", user_id=ada.user_id, actor={"sub": "support"})).json()
    support = enabled.browser()
    signed_in: Any = await support.post("/v1/client/sign_ins", strategy="ticket", ticket=token["token"])
    session = signed_in.json()["client"]["sessions"][0]
    await activate(Person(support, ada.user_id, session["id"]), otter["id"])

    assert session["last_active_organization_id"] == acme["id"]
    assert await active_after_sign_in(enabled) == acme["id"]
