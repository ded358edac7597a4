"""An app that accepts API keys, with our SDK and a real server."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from greffier.fastapi import CurrentAuth, RequiredAuth, add_auth
from greffier.testing import TestServer, User


def app_of(server: TestServer, accepts_token: Any) -> FastAPI:
    app = FastAPI()
    add_auth(app, accepts_token=accepts_token, **server.settings())

    @app.get("/me")
    async def me(auth: RequiredAuth) -> dict[str, Any]:
        return {
            "type": auth.token_type,
            "user_id": auth.user_id,
            "session_id": auth.session_id,
            "scopes": auth.machine.scopes if auth.machine else None,
            "claims": auth.machine.claims if auth.machine else None,
        }

    @app.get("/who")
    async def who(auth: CurrentAuth) -> dict[str, Any]:
        return {"user_id": auth.user_id}

    return app


def client_of(app: FastAPI, bearer: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://localhost:3000",
        headers={"authorization": f"Bearer {bearer}"},
    )


@pytest.fixture
def ada(server: TestServer) -> User:
    return server.create_user(email_address="ada@example.com")


@pytest.fixture
def key(server: TestServer, ada: User) -> dict[str, Any]:
    body = {
        "name": "deploy",
        "subject": ada.id,
        "scopes": ["read", "write"],
        "claims": {"team": "blue"},
        "seconds_until_expiration": 3600,
    }
    return server.backend_api("POST", "/v1/api_keys", body)


@pytest.mark.parametrize("accepts_token", ["api_key", ["session_token", "api_key"], "any"])
async def test_program_acts_as_its_user_with_the_scopes_of_its_key(
    server: TestServer, ada: User, key: dict[str, Any], accepts_token: Any
) -> None:
    async with client_of(app_of(server, accepts_token), key["secret"]) as program:
        answer = await program.get("/me")

    assert answer.status_code == 200
    assert answer.json() == {
        "type": "api_key",
        "user_id": ada.id,
        "session_id": None,
        "scopes": ["read", "write"],
        "claims": {"team": "blue"},
    }


async def test_person_is_let_in_beside_programs_where_both_are_accepted(
    server: TestServer, ada: User, key: dict[str, Any]
) -> None:
    session = server.sign_in(ada)

    both, programs = app_of(server, ["session_token", "api_key"]), app_of(server, "api_key")
    async with session.httpx_client(both) as at_both, session.httpx_client(programs) as at_programs:
        let_in, refused = await at_both.get("/me"), await at_programs.get("/me")

    assert (let_in.json()["type"], let_in.json()["session_id"]) == ("session_token", session.id)
    assert refused.status_code == 401


async def test_key_is_refused_where_only_people_are_accepted(server: TestServer, key: dict[str, Any]) -> None:
    async with client_of(app_of(server, "session_token"), key["secret"]) as program:
        answer = await program.get("/me")

    assert answer.status_code == 401


@pytest.mark.parametrize("accepts_token", ["api_key", ["session_token", "api_key"]])
async def test_key_that_does_not_work_any_more_is_refused_at_once(
    server: TestServer, ada: User, key: dict[str, Any], accepts_token: Any
) -> None:
    async with client_of(app_of(server, accepts_token), key["secret"]) as program:
        assert (await program.get("/me")).status_code == 200

        server.backend_api("POST", f"/v1/users/{ada.id}/ban")
        assert (await program.get("/me")).status_code == 401
        server.backend_api("POST", f"/v1/users/{ada.id}/unban")
        assert (await program.get("/me")).status_code == 200

        server.backend_api("POST", f"/v1/api_keys/{key['id']}/revoke", {})
        assert (await program.get("/me")).status_code == 401


async def test_expired_key_and_unknown_key_are_refused(server: TestServer, key: dict[str, Any]) -> None:
    app = app_of(server, "api_key")
    async with client_of(app, key["secret"]) as program, client_of(app, "ak_unknown") as stranger:
        assert (await stranger.get("/me")).status_code == 401

        server.clock.advance(seconds=3600)
        assert (await program.get("/me")).status_code == 401


async def test_user_of_the_app_makes_a_key_in_their_profile_and_uses_it(
    server: TestServer, ada: User
) -> None:
    server.configure({"api_keys": {"enabled": True}})
    headers = [
        ("authorization", f"Bearer {server.sign_in(ada).token()}"),
        ("content-type", "application/json"),
    ]
    body = json.dumps({"name": "laptop", "subject": ada.id}).encode()

    made = json.loads(server.request("POST", "/api_keys", headers, body).or_refusal().body)

    async with client_of(app_of(server, "api_key"), made["secret"]) as program:
        assert (await program.get("/me")).json()["user_id"] == ada.id


async def test_key_of_an_organization_acts_for_it(server: TestServer, ada: User) -> None:
    server.configure({"organizations": {"enabled": True}})
    acme = server.create_organization("Acme", members={ada: "org:admin"})
    made = server.backend_api("POST", "/v1/api_keys", {"name": "deploy", "subject": acme.id})
    app = app_of(server, "api_key")

    @app.get("/for")
    async def acts_for(auth: RequiredAuth) -> dict[str, Any]:
        return {"org_id": auth.org_id, "user_id": auth.user_id}

    async with client_of(app, made["secret"]) as program:
        assert (await program.get("/for")).json() == {"org_id": acme.id, "user_id": None}
