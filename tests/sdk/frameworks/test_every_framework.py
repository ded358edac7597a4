"""One middleware, one way to ask, whatever the framework."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flask
import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from fastapi import FastAPI, Request
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from werkzeug.wrappers import Response as WerkzeugResponse

import greffier
from greffier import asgi, auth, get_auth, wsgi
from greffier.fastapi import add_auth as add_to_fastapi
from greffier.flask import Auth
from greffier.litestar import AuthPlugin
from greffier.starlette import add_auth as add_to_starlette
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.django.project import GREFFIER

SETTINGS: dict[str, Any] = {
    "publishable_key": PRODUCTION.publishable_key,
    "jwt_key": PRODUCTION.pem,
    "public_routes": ["/"],
}


def seen(request: Any) -> dict[str, Any]:
    """The user of a request, by each way of asking: endpoints do nothing else."""
    by_request, by_context = get_auth(request), auth()
    assert by_request is by_context
    return {"user_id": by_request.user_id, "path": "/"}


def of_starlette(**settings: Any) -> Any:
    async def me(request: StarletteRequest) -> JSONResponse:
        return JSONResponse(seen(request))

    app = Starlette(routes=[Route("/", me), Route("/me", me, methods=["GET", "POST"])])
    add_to_starlette(app, **settings)
    return app


def of_fastapi(**settings: Any) -> Any:
    app = FastAPI()

    @app.get("/")
    @app.api_route("/me", methods=["GET", "POST"])
    def me(request: Request) -> dict[str, Any]:
        return seen(request)

    add_to_fastapi(app, **settings)
    return app


def of_litestar(**settings: Any) -> Any:
    @get(["/", "/me"], sync_to_thread=True)
    def me(request: LitestarRequest[Any, Any, Any]) -> dict[str, Any]:
        return seen(request)

    return Litestar([me], plugins=[AuthPlugin(**settings)])


def of_plain_asgi(**settings: Any) -> Any:
    @asgi.with_auth(**settings)
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await JSONResponse(seen(scope))(scope, receive, send)

    return app


def of_flask(**settings: Any) -> Any:
    app = flask.Flask("tested")
    app.add_url_rule("/", "home", lambda: seen(flask.request))
    app.add_url_rule("/me", "me", lambda: seen(flask.request))
    Auth(app, **settings)
    return app


def of_plain_wsgi(**settings: Any) -> Any:
    @wsgi.with_auth(**settings)
    def app(environ: Any, start_response: Any) -> Any:
        body = flask.json.dumps(seen(environ))
        return WerkzeugResponse(body, mimetype="application/json")(environ, start_response)

    return app


@dataclass
class Served:
    """An application, asked over its server's interface."""

    is_asgi: bool
    app: Any

    async def get(self, path: str, *, signed_in: bool = False, **headers: str) -> httpx.Response:
        options: dict[str, Any] = {"base_url": ORIGIN, "cookies": signed_in_cookies() if signed_in else {}}
        if self.is_asgi:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), **options) as client:
                return await client.get(path, headers=headers)
        with httpx.Client(transport=httpx.WSGITransport(self.app), **options) as client:
            return await asyncio.to_thread(client.get, path, headers=headers)


APPS: dict[str, Callable[[], Served]] = {
    "starlette": lambda: Served(True, of_starlette(**SETTINGS)),
    "fastapi": lambda: Served(True, of_fastapi(**SETTINGS)),
    "litestar": lambda: Served(True, of_litestar(**SETTINGS)),
    "asgi": lambda: Served(True, of_plain_asgi(**SETTINGS)),
    "flask": lambda: Served(False, of_flask(**SETTINGS)),
    "wsgi": lambda: Served(False, of_plain_wsgi(**SETTINGS)),
    "django by wsgi": lambda: Served(False, get_wsgi_application()),
    "django by asgi": lambda: Served(True, get_asgi_application()),
}


@pytest.fixture(params=APPS)
def served(request: pytest.FixtureRequest) -> Any:
    with override_settings(GREFFIER=GREFFIER):
        yield APPS[request.param]()


async def test_every_framework_has_the_same_gate_and_the_same_answers(served: Served) -> None:
    assert (await served.get("/")).json() == {"user_id": None, "path": "/"}
    refused = await served.get("/me", accept="application/json")
    page = await served.get("/me", **DOCUMENT)
    token = signed_in_cookies()["__session"]
    by_token = await served.get("/me", authorization=f"Bearer {token}")
    by_bad_token = await served.get("/me", authorization="Bearer nonsense")

    assert refused.status_code == by_bad_token.status_code == 401
    assert refused.json()["errors"][0]["code"] == "authentication_required"
    assert refused.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert 'error="invalid_token"' in by_bad_token.headers["www-authenticate"]
    assert (page.status_code, page.content) == (307, b"")
    assert page.headers["location"].startswith("https://accounts.example.com/sign-in?redirect_url=")
    assert by_token.json()["user_id"] == "user_1"


async def test_one_root_set_up_is_enough_for_every_route(served: Served) -> None:
    for path in ("/", "/me"):
        answer = await served.get(path, signed_in=True)
        assert (answer.status_code, answer.json()["user_id"]) == (200, "user_1")


async def test_get_auth_takes_whatever_a_framework_calls_a_request(served: Served) -> None:
    assert (await served.get("/me", signed_in=True)).json()["user_id"] == "user_1"


async def test_one_function_reads_the_state_in_every_runtime(served: Served) -> None:
    """`seen` is one plain function: below ASGI and WSGI, in event loops and in threads."""
    asked = [served.get("/me", signed_in=True) for _ in range(5)] + [served.get("/") for _ in range(5)]

    answers = await asyncio.gather(*asked)

    assert [answer.json()["user_id"] for answer in answers] == ["user_1"] * 5 + [None] * 5


async def test_endpoints_need_no_wrapper(served: Served) -> None:
    """The endpoints of these apps are plain functions; the middleware alone was added."""
    answer = await served.get("/me", signed_in=True)

    assert answer.headers["x-clerk-auth-status"] == "signed-in"
    assert answer.json()["user_id"] == "user_1"


async def test_the_middleware_is_a_decorator_too() -> None:
    """It wraps a middleware of one's own, which may ask who is there and answer by itself."""
    inner = of_starlette(**{**SETTINGS, "public_routes": ["/**"]})

    @asgi.with_auth(**SETTINGS)
    async def own(scope: Any, receive: Any, send: Any) -> None:
        if get_auth(scope).user_id == "user_1" and scope["path"] == "/old":
            return await JSONResponse("moved")(scope, receive, send)
        return await inner(scope, receive, send)

    served = Served(True, own)

    assert isinstance(own, asgi.AuthMiddleware)
    assert (await served.get("/old")).status_code == 401
    assert (await served.get("/old", signed_in=True)).json() == "moved"
    assert (await served.get("/me", signed_in=True)).json()["user_id"] == "user_1"


def test_everything_that_endpoints_need_comes_from_one_place() -> None:
    for name in ("auth", "get_auth", "current_user", "current_user_sync", "with_context", "get_context"):
        assert callable(getattr(greffier, name))
        assert name in greffier.__all__
    assert greffier.get_auth is asgi.get_auth is wsgi.get_auth is get_auth
    assert greffier.auth is asgi.auth is wsgi.auth
