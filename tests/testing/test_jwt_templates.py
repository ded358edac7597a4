"""Tokens of JWT templates, as an application's server and its tests get them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask

import greffier
from greffier.fastapi import RequiredAuth, add_auth
from greffier.flask import Auth, current_auth
from greffier.sdk.errors import BackendApiRefused
from greffier.sdk.tokens.jwt import CATEGORY_TEMPLATE, decode_jwt
from greffier.testing import Session, TestServer
from tests.testing.apps import fastapi_app

TEMPLATE = {"name": "hasura", "claims": {"aud": "hasura", "plan": "{{user.public_metadata.plan || 'free'}}"}}


@pytest.fixture
def session(server: TestServer) -> Session:
    ada = server.create_user(email_address="ada@example.com", public_metadata={"plan": "pro"})
    return server.sign_in(ada)


@pytest.fixture
def template(server: TestServer) -> dict[str, Any]:
    return server.backend_api("POST", "/v1/jwt_templates", TEMPLATE)


def token_app(server: TestServer) -> FastAPI:
    """Its answer is a token for another service, made while the request is handled."""
    app = FastAPI()
    add_auth(app, **server.settings())

    @app.get("/token")
    async def token(auth: RequiredAuth) -> str | None:
        assert greffier.auth().session_id == auth.session_id
        return await greffier.auth().get_token(template="hasura")

    return app


async def test_a_token_of_a_template_is_ready_on_the_server(
    server: TestServer, session: Session, template: dict[str, Any]
) -> None:
    async with session.httpx_client(token_app(server)) as client:
        token = (await client.get("/token")).json()

    said = decode_jwt(token)
    assert (said.claims["sub"], said.claims["aud"], said.claims["plan"]) == (session.user.id, "hasura", "pro")
    assert "azp" not in said.claims
    assert said.header["cat"] == CATEGORY_TEMPLATE


async def test_a_template_that_does_not_exist_is_an_error_and_not_an_empty_token(
    server: TestServer, session: Session
) -> None:
    async with session.httpx_client(token_app(server)) as client:
        with pytest.raises(BackendApiRefused) as refused:
            await client.get("/token")

    assert (refused.value.status, refused.value.code) == (404, "resource_not_found")


def test_synchronous_code_gets_a_token_of_a_template(
    server: TestServer, session: Session, template: dict[str, Any]
) -> None:
    app = Flask("tokens")
    Auth(app, **server.settings())
    app.add_url_rule(
        "/token", "token", lambda: {"token": current_auth.get_token_sync("hasura", expires_in_seconds=30)}
    )

    at_home = server.sign_in(session.user, app_url="http://localhost")
    claims = decode_jwt(at_home.flask_client(app).get("/token").get_json()["token"]).claims

    assert (claims["plan"], claims["exp"] - claims["iat"]) == ("pro", 30)


def test_a_session_of_a_test_gets_a_token_of_a_template(session: Session, template: dict[str, Any]) -> None:
    claims = decode_jwt(session.token(template="hasura")).claims

    assert (claims["sub"], claims["aud"]) == (session.user.id, "hasura")
    assert claims["azp"] == decode_jwt(session.token()).claims["azp"]


async def test_token_of_a_template_is_no_session_token(
    server: TestServer, session: Session, template: dict[str, Any]
) -> None:
    bearer = {"authorization": f"Bearer {session.token(template='hasura')}"}

    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        client.cookies.clear()
        answer = await client.get("/me", headers=bearer)
        signed_in = await client.get("/me", headers=session.headers())

    assert (answer.status_code, signed_in.status_code) == (401, 200)
    assert answer.headers["x-clerk-auth-reason"].startswith("token-type-mismatch")
