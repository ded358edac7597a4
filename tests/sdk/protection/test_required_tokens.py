"""Routes of an app that lets in several types of token, and ask for one of them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from greffier import fastapi as for_fastapi
from greffier import flask as for_flask
from greffier import starlette as for_starlette
from greffier.sdk.protection.requirements import Requirement
from greffier.sdk.tokens.jwt import CATEGORY_M2M
from tests.sdk.apps import ORIGIN, PRODUCTION

SETTINGS: dict[str, Any] = {
    "publishable_key": PRODUCTION.publishable_key,
    "jwt_key": PRODUCTION.pem,
    "accepts_token": ["session_token", "m2m_token"],
}
MACHINES = ("m2m_token", "api_key")


def of_fastapi() -> Any:
    app = FastAPI()
    for_fastapi.add_auth(app, **SETTINGS)

    @app.get("/machines", dependencies=[Depends(for_fastapi.require_auth(token=MACHINES))])
    def machines() -> str:
        return "passed"

    @app.get("/people", dependencies=[Depends(for_fastapi.require_auth(token="session_token"))])
    def people() -> str:
        return "passed"

    return app


def of_starlette() -> Any:
    @for_starlette.require_auth(token=MACHINES)
    async def machines(request: Request) -> PlainTextResponse:
        return PlainTextResponse("passed")

    @for_starlette.require_auth(token="session_token")
    async def people(request: Request) -> PlainTextResponse:
        return PlainTextResponse("passed")

    app = Starlette(routes=[Route("/machines", machines), Route("/people", people)])
    for_starlette.add_auth(app, **SETTINGS)
    return app


def of_flask() -> Any:
    app = Flask("tokens")
    for_flask.Auth(app, **SETTINGS)
    app.add_url_rule("/machines", "machines", for_flask.require_auth(token=MACHINES)(lambda: "passed"))
    app.add_url_rule("/people", "people", for_flask.require_auth(token="session_token")(lambda: "passed"))
    return app


Get = Callable[[str, str], Awaitable[httpx.Response]]


def visitor_of(app: Any) -> Get:
    async def get(path: str, token: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"}
        if isinstance(app, Flask):
            with httpx.Client(transport=httpx.WSGITransport(app), base_url=ORIGIN) as client:
                return client.get(path, headers=headers)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
            return await client.get(path, headers=headers)

    return get


def machine_token() -> str:
    claims = {"sid": None, "azp": None, "sub": "mch_1", "jti": "mt_1"}
    return PRODUCTION.token({"cat": CATEGORY_M2M}, now=time.time(), **claims)


@pytest.mark.parametrize("made", [of_fastapi, of_starlette, of_flask])
async def test_route_takes_the_types_of_token_it_asks_for_and_no_other(made: Callable[[], Any]) -> None:
    get, person, machine = visitor_of(made()), PRODUCTION.token(now=time.time()), machine_token()

    passed = [await get("/people", person), await get("/machines", machine)]
    refused = [await get("/people", machine), await get("/machines", person)]

    assert [answer.status_code for answer in passed] == [200, 200]
    for answer in refused:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="greffier"'
        assert answer.json()["errors"][0]["code"] == "authentication_required"


@pytest.mark.parametrize("token", ["sessions", [], ["session_token", "cookie"]])
def test_type_of_token_that_does_not_exist_is_a_mistake(token: Any) -> None:
    with pytest.raises(ValueError, match="session_token"):
        Requirement(token=token)
