"""The active organization of a session: its choice, its claims, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from greffier.server.versions import NEWEST
from tests.support.answers import claims_of, error_of, set_cookie_value
from tests.support.configuring import configure
from tests.support.server import Backend, Browser, JsonObject, TestServer

ORGANIZATIONS = {"organizations": {"enabled": True}, "actions": {"create_organization": True}}


@dataclass
class Member:
    """A signed-in administrator of Acme."""

    browser: Browser
    backend: Backend
    session_id: str
    user_id: str
    acme: JsonObject

    async def touch(self, **fields: Any) -> httpx.Response:
        return await self.browser.post(f"/v1/client/sessions/{self.session_id}/touch", **fields)

    async def activate(self, organization: str) -> JsonObject:
        answer = await self.touch(active_organization_id=organization, intent="select_org")
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]

    async def token(self, **fields: Any) -> httpx.Response:
        return await self.browser.post(f"/v1/client/sessions/{self.session_id}/tokens", **fields)

    async def claims(self, **fields: Any) -> JsonObject:
        answer = await self.token(**fields)
        assert answer.status_code == 200, answer.text
        return claims_of(answer.json()["jwt"])

    async def active_organization(self) -> str | None:
        session = (await self.browser.get(f"/v1/client/sessions/{self.session_id}")).json()["response"]
        return session["last_active_organization_id"]


async def create_organization(backend: Backend, name: str, **fields: Any) -> JsonObject:
    created = await backend.post("/v1/organizations", name=name, **fields)
    assert created.status_code == 200, created.text
    return created.json()


@pytest.fixture
async def member(server: TestServer) -> Member:
    await configure(server, ORGANIZATIONS)
    browser, backend = server.browser(), server.backend()
    client = await browser.sign_up()
    user_id = client["sessions"][0]["user"]["id"]
    acme = await create_organization(backend, "Acme", slug="acme", created_by=user_id)
    return Member(browser, backend, client["last_active_session_id"], user_id, acme)


async def test_nothing_is_active_in_a_new_session(member: Member) -> None:
    assert await member.active_organization() is None
    assert "o" not in await member.claims()


@pytest.mark.parametrize("named_by", ["id", "slug"])
async def test_touch_makes_an_organization_the_active_one(member: Member, named_by: str) -> None:
    session = await member.activate(member.acme[named_by])

    assert session["last_active_organization_id"] == member.acme["id"]
    assert await member.active_organization() == member.acme["id"]


async def test_tokens_say_the_active_organization_and_the_role(member: Member) -> None:
    await member.activate("acme")

    claims = await member.claims()

    assert claims["o"] == {"id": member.acme["id"], "slg": "acme", "rol": "admin"}


async def test_the_answer_to_touch_has_such_a_token_already(member: Member) -> None:
    session = await member.activate("acme")

    assert claims_of(session["last_active_token"]["jwt"])["o"]["slg"] == "acme"


async def test_tokens_of_old_versions_have_flat_claims(member: Member, server: TestServer) -> None:
    old = server.browser(version="2024-10-01")
    session_id = (await old.sign_in())["last_active_session_id"]
    await old.post(f"/v1/client/sessions/{session_id}/touch", active_organization_id="acme")

    answer = await old.post(f"/v1/client/sessions/{session_id}/tokens")

    claims = claims_of(answer.json()["jwt"])
    assert (claims["org_id"], claims["org_slug"]) == (member.acme["id"], "acme")
    assert (claims["org_role"], claims["org_permissions"]) == ("org:admin", [])
    assert "o" not in claims


async def test_custom_permissions_of_the_role_are_in_tokens(member: Member) -> None:
    key = "org:invoices:create"
    permission = (await member.backend.post("/v1/organization_permissions", name="Bill", key=key)).json()
    fields = {"name": "Biller", "key": "org:biller", "permissions": [permission["id"]]}
    assert (await member.backend.post("/v1/organization_roles", **fields)).status_code == 200
    second = await create_organization(member.backend, "Second", created_by=member.user_id)
    other = (await member.backend.create_user("bob@example.com"))["id"]
    path = f"/v1/organizations/{second['id']}/memberships"
    await member.backend.post(path, user_id=other, role="org:admin")
    changed = await member.backend.patch(f"{path}/{member.user_id}", role="org:biller")
    assert changed.status_code == 200, changed.text
    await member.activate(second["id"])

    claims = await member.claims()

    assert claims["fea"] == "o:invoices"
    assert (claims["o"]["rol"], claims["o"]["per"], claims["o"]["fpm"]) == ("biller", "create", "1")


@pytest.mark.parametrize("empty", ["", None])
async def test_an_empty_touch_goes_back_to_the_personal_account(member: Member, empty: str | None) -> None:
    await member.activate("acme")

    answer = await member.touch(active_organization_id=empty or "")

    assert answer.json()["response"]["last_active_organization_id"] is None
    assert "o" not in await member.claims()


async def test_a_touch_that_names_no_organization_leaves_it_active(member: Member) -> None:
    await member.activate("acme")

    await member.touch(intent="focus")

    assert await member.active_organization() == member.acme["id"]


async def test_a_token_can_be_asked_for_another_organization_of_the_user(member: Member) -> None:
    second = await create_organization(member.backend, "Second", created_by=member.user_id)
    await member.activate("acme")

    assert (await member.claims(organization_id=second["id"]))["o"]["id"] == second["id"]
    assert "o" not in await member.claims(organization_id="")
    assert await member.active_organization() == member.acme["id"]


async def test_organization_of_other_users_cannot_be_made_active(member: Member) -> None:
    bob = await member.backend.create_user("bob@example.com")
    theirs = await create_organization(member.backend, "Theirs", slug="theirs", created_by=bob["id"])
    await member.activate("acme")

    for name in (theirs["id"], "theirs", "org_unknown"):
        refused = await member.touch(active_organization_id=name)
        assert error_of(refused)[:2] == (404, "organization_not_found_or_unauthorized")
        refused = await member.token(organization_id=name)
        assert error_of(refused)[:2] == (404, "organization_not_found_or_unauthorized")
    assert await member.active_organization() == member.acme["id"]


async def test_who_is_removed_gets_no_token_of_the_organization_any_more(member: Member) -> None:
    await member.activate("acme")
    bob = await member.backend.create_user("bob@example.com")
    path = f"/v1/organizations/{member.acme['id']}/memberships"
    await member.backend.post(path, user_id=bob["id"], role="org:admin")

    removed = await member.backend.delete(f"{path}/{member.user_id}")

    assert removed.status_code == 200, removed.text
    assert await member.active_organization() is None
    assert "o" not in await member.claims()


async def test_a_deleted_organization_is_active_nowhere(member: Member) -> None:
    await member.activate("acme")

    await member.backend.delete(f"/v1/organizations/{member.acme['id']}")

    assert await member.active_organization() is None
    assert "o" not in await member.claims()


async def test_a_new_role_is_in_the_next_token(member: Member) -> None:
    await member.activate("acme")
    bob = await member.backend.create_user("bob@example.com")
    path = f"/v1/organizations/{member.acme['id']}/memberships"
    await member.backend.post(path, user_id=bob["id"], role="org:admin")

    await member.backend.patch(f"{path}/{member.user_id}", role="org:member")

    assert (await member.claims())["o"]["rol"] == "member"


async def test_the_signed_in_user_shows_their_memberships(member: Member) -> None:
    user = (await member.browser.get("/v1/me")).json()["response"]

    (membership,) = user["organization_memberships"]
    assert (membership["organization"]["id"], membership["role"]) == (member.acme["id"], "org:admin")
    assert "org:sys_memberships:manage" in membership["permissions"]
    assert "private_metadata" not in membership["organization"]


async def test_where_organizations_are_switched_off_none_is_active(
    member: Member, server: TestServer
) -> None:
    await member.activate("acme")

    await configure(server, {"organizations": {"enabled": False}})

    assert await member.active_organization() is None
    assert "o" not in await member.claims()
    assert (await member.browser.get("/v1/me")).json()["response"]["organization_memberships"] == []


async def handshake(member: Member, **query: str) -> JsonObject:
    """The claims of the session token that a handshake sets."""
    query |= {"redirect_url": "http://localhost:3000/", "__clerk_api_version": NEWEST}
    answer = await member.browser.http.get("/v1/client/handshake", params=query)
    token = parse_qs(urlsplit(answer.headers["location"]).query)["__clerk_handshake"][0]
    lines = claims_of(token)["handshake"]
    session_token = set_cookie_value(lines, "__session")
    assert session_token
    return claims_of(session_token)


@pytest.mark.parametrize("named_by", ["id", "slug"])
async def test_a_handshake_makes_an_organization_the_active_one(member: Member, named_by: str) -> None:
    claims = await handshake(member, organization_id=member.acme[named_by])

    assert claims["o"]["id"] == member.acme["id"]
    assert await member.active_organization() == member.acme["id"]


async def test_a_handshake_goes_back_to_the_personal_account(member: Member) -> None:
    await member.activate("acme")

    claims = await handshake(member, organization_id="")

    assert "o" not in claims
    assert await member.active_organization() is None


@pytest.mark.parametrize("query", [{}, {"organization_id": "org_unknown"}])
async def test_a_handshake_that_names_no_usable_organization_changes_nothing(
    member: Member, query: dict[str, str]
) -> None:
    await member.activate("acme")

    assert (await handshake(member, **query))["o"]["slg"] == "acme"


async def test_a_backend_makes_a_session_with_an_active_organization(member: Member) -> None:
    fields = {"user_id": member.user_id, "active_organization_id": member.acme["id"]}
    session = (await member.backend.post("/v1/sessions", **fields)).json()

    token = (await member.backend.post(f"/v1/sessions/{session['id']}/tokens")).json()["jwt"]

    assert session["last_active_organization_id"] == member.acme["id"]
    assert claims_of(token)["o"]["slg"] == "acme"


async def test_backend_cannot_make_a_session_with_an_organization_of_other_users(member: Member) -> None:
    bob = await member.backend.create_user("bob@example.com")

    refused = await member.backend.post(
        "/v1/sessions", user_id=bob["id"], active_organization_id=member.acme["id"]
    )

    assert refused.status_code == 404
    assert (await member.backend.get("/v1/sessions", user_id=bob["id"])).json() == []


async def test_templates_read_the_active_organization(member: Member) -> None:
    claims = {"tenant": "{{org.slug}}", "as": "{{org.role}}", "org": "{{org.id}}"}
    await member.backend.post("/v1/jwt_templates", name="tenant", claims=claims)
    path = f"/v1/client/sessions/{member.session_id}/tokens/tenant"
    before = claims_of((await member.browser.post(path)).json()["jwt"])

    await member.activate("acme")
    after = claims_of((await member.browser.post(path)).json()["jwt"])

    assert (before["tenant"], before["as"]) == (None, None)
    assert (after["tenant"], after["as"], after["org"]) == ("acme", "org:admin", member.acme["id"])
