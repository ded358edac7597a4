"""An app whose users are members of organizations, with our SDK and a real server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from greffier import OrganizationSync
from greffier.fastapi import RequiredAuth, add_auth, require_auth
from greffier.testing import Organization, ServerRefused, Session, TestServer, User

ORGANIZATIONS = {"organizations": {"enabled": True}, "actions": {"create_organization": True}}
SYNC = OrganizationSync(
    organization_patterns=["/orgs/:slug", "/orgs/:slug/(.*)", "/by-id/:id"],
    personal_account_patterns=["/me"],
)
PAGE = {"accept": "text/html", "sec-fetch-dest": "document"}


@pytest.fixture
def server(server: TestServer) -> TestServer:
    server.configure(ORGANIZATIONS)
    return server


@pytest.fixture
def ada(server: TestServer) -> User:
    return server.create_user(email_address="ada@example.com")


@pytest.fixture
def bob(server: TestServer) -> User:
    return server.create_user(email_address="bob@example.com")


@pytest.fixture
def acme(server: TestServer, ada: User, bob: User) -> Organization:
    return server.create_organization("Acme", slug="acme", members={ada: "org:admin", bob: "org:member"})


def app_of(server: TestServer) -> FastAPI:
    app = FastAPI()
    add_auth(app, organization_sync=SYNC, **server.settings())

    @app.get("/admin", dependencies=[Depends(require_auth(role="org:admin"))])
    async def admin() -> dict[str, Any]:
        return {}

    @app.get("/invoices", dependencies=[Depends(require_auth(permission="org:invoices:create"))])
    async def invoices() -> dict[str, Any]:
        return {}

    @app.get("/{path:path}")
    async def anything(auth: RequiredAuth) -> dict[str, Any]:
        return {"org_id": auth.org_id, "org_slug": auth.org_slug, "org_role": auth.org_role}

    return app


def browser_of(session: Session, app: FastAPI, server: TestServer) -> httpx.AsyncClient:
    """A browser that reaches the app and the server and follows redirects between them."""
    return session.httpx_client(
        app, mounts={server.url: server.httpx_transport()}, follow_redirects=True, headers=PAGE
    )


async def test_active_organization_and_role_reach_the_app(
    server: TestServer, ada: User, acme: Organization
) -> None:
    session = server.sign_in(ada)
    session.activate_organization("acme")

    async with session.httpx_client(app_of(server)) as client:
        seen = (await client.get("/anything")).json()

    assert seen == {"org_id": acme.id, "org_slug": "acme", "org_role": "org:admin"}


@pytest.mark.parametrize("by", ["slug", "id"])
async def test_page_of_an_organization_makes_it_the_active_one(
    server: TestServer, ada: User, acme: Organization, by: str
) -> None:
    session = server.sign_in(ada)
    session.activate_organization(None)
    path = "/orgs/acme/invoices" if by == "slug" else f"/by-id/{acme.id}"

    async with browser_of(session, app_of(server), server) as browser:
        answer = await browser.get(path)

    assert answer.json()["org_id"] == acme.id
    assert [step.status_code for step in answer.history] == [307, 307, 307]
    assert f"{server.url}/v1/client/handshake" in str(answer.history[1].url)


async def test_page_of_the_personal_account_leaves_the_organization(
    server: TestServer, ada: User, acme: Organization
) -> None:
    session = server.sign_in(ada)
    session.activate_organization(acme.id)

    async with browser_of(session, app_of(server), server) as browser:
        answer = await browser.get("/me")

    assert answer.json()["org_id"] is None
    assert server.backend_api("GET", f"/v1/sessions/{session.id}")["last_active_organization_id"] is None


async def test_page_of_an_organization_of_others_changes_nothing(
    server: TestServer, ada: User, bob: User, acme: Organization
) -> None:
    server.create_organization("Theirs", slug="theirs", members={bob: "org:admin"})
    session = server.sign_in(ada)
    session.activate_organization("acme")

    async with browser_of(session, app_of(server), server) as browser:
        answer = await browser.get("/orgs/theirs")

    assert answer.status_code == 200, "the app decides what to show; it is not redirected for ever"
    assert answer.json()["org_slug"] == "acme"


async def test_role_is_asked_for_by_a_route(
    server: TestServer, ada: User, bob: User, acme: Organization
) -> None:
    app = app_of(server)
    status: dict[str, int] = {}
    for user in (ada, bob):
        session = server.sign_in(user)
        session.activate_organization(None)
        async with session.httpx_client(app) as client:
            status[f"{user.email_address} before"] = (await client.get("/admin")).status_code
            session.activate_organization("acme")
            headers = session.headers()
            status[f"{user.email_address} after"] = (await client.get("/admin", headers=headers)).status_code

    assert status == {
        "ada@example.com before": 403,
        "ada@example.com after": 200,
        "bob@example.com before": 403,
        "bob@example.com after": 403,
    }


async def test_custom_permission_is_asked_for_by_a_route(
    server: TestServer, ada: User, bob: User, acme: Organization
) -> None:
    permission = {"name": "Bill", "key": "org:invoices:create"}
    created = server.backend_api("POST", "/v1/organization_permissions", permission)
    role = {"name": "Biller", "key": "org:biller", "permissions": [created["id"]]}
    server.backend_api("POST", "/v1/organization_roles", role)
    session = server.sign_in(bob)
    session.activate_organization("acme")

    async with session.httpx_client(app_of(server)) as client:
        before = await client.get("/invoices", headers=session.headers())
        path = f"/v1/organizations/{acme.id}/memberships/{bob.id}"
        server.backend_api("PATCH", path, {"role": "org:biller"})
        after = await client.get("/invoices", headers=session.headers())

    assert (before.status_code, after.status_code) == (403, 200)


async def test_who_leaves_an_organization_is_out_of_it_within_a_minute(
    server: TestServer, ada: User, bob: User, acme: Organization
) -> None:
    session = server.sign_in(bob)
    session.activate_organization("acme")

    async with browser_of(session, app_of(server), server) as browser:
        before = (await browser.get("/anything")).json()
        server.backend_api("DELETE", f"/v1/organizations/{acme.id}/memberships/{bob.id}")
        server.clock.advance(seconds=66)  # a token lives a minute, and clocks may differ by 5 s
        after = (await browser.get("/anything")).json()

    assert (before["org_id"], after["org_id"]) == (acme.id, None)


def test_only_members_activate_an_organization(server: TestServer, acme: Organization) -> None:
    eve = server.create_user(email_address="eve@example.com")

    with pytest.raises(ServerRefused) as refused:
        server.sign_in(eve).activate_organization("acme")

    assert refused.value.code == "organization_not_found_or_unauthorized"
