"""Pages of other origins that a CORS layer allows: preflights, and refusals that they can read.

Each framework with its usual CORS layer, which may lie around the middleware or below it.
"""

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
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from fastapi import FastAPI
from litestar import Litestar, post
from litestar.config.cors import CORSConfig
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from greffier.asgi import AuthMiddleware
from greffier.fastapi import add_auth as add_to_fastapi
from greffier.flask import Auth
from greffier.litestar import AuthPlugin
from greffier.starlette import add_auth as add_to_starlette
from tests.sdk.apps import ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.django.project import GREFFIER

flask_cors = pytest.importorskip("flask_cors")
pytest.importorskip("corsheaders")

PAGE = "https://page.example"
KEYS: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}
ALLOWED: dict[str, Any] = {
    "allow_origins": [PAGE],
    "allow_methods": ["GET", "POST"],
    "allow_headers": ["authorization"],
    "allow_credentials": True,
}
RAN: list[str] = []


def run() -> str:
    RAN.append("ran")
    return "content"


def starlette_app() -> Starlette:
    async def everything(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(run())(scope, receive, send)

    return Starlette(routes=[Mount("/", everything)])


def of_starlette(*, inside: bool) -> Any:
    app = starlette_app()
    if inside:
        app.add_middleware(CORSMiddleware, **ALLOWED)
    add_to_starlette(app, **KEYS)
    if not inside:
        app.add_middleware(CORSMiddleware, **ALLOWED)
    return app


def of_plain_asgi(*, inside: bool) -> Any:
    app = starlette_app()
    if not inside:
        return CORSMiddleware(AuthMiddleware(app, **KEYS), **ALLOWED)
    return AuthMiddleware(CORSMiddleware(app, **ALLOWED), **KEYS)


def around_starlette(*, inside: bool) -> Any:
    app = starlette_app()
    app.add_middleware(CORSMiddleware, **ALLOWED)
    return AuthMiddleware(app, **KEYS) if inside else of_plain_asgi(inside=False)


def of_fastapi(*, inside: bool) -> Any:
    app = FastAPI()
    app.post("/api")(run)
    if inside:
        app.add_middleware(CORSMiddleware, **ALLOWED)
    add_to_fastapi(app, **KEYS)
    if not inside:
        app.add_middleware(CORSMiddleware, **ALLOWED)
    return app


def of_litestar(*, inside: bool) -> Any:
    handler = post("/api", sync_to_thread=False)(run)
    return Litestar([handler], cors_config=CORSConfig(**ALLOWED), plugins=[AuthPlugin(**KEYS)])


def of_flask(*, inside: bool) -> Any:
    app = flask.Flask("tested")
    app.add_url_rule("/api", "api", run, methods=["GET", "POST", "OPTIONS"])
    if inside:
        flask_cors.CORS(app, origins=[PAGE], supports_credentials=True)
    Auth(app, **KEYS)
    if not inside:
        flask_cors.CORS(app, origins=[PAGE], supports_credentials=True)
    return app


@dataclass
class Served:
    """An application, asked over its server's interface."""

    is_asgi: bool
    app: Any

    async def ask(self, method: str, *, signed_in: bool = False, **headers: str) -> httpx.Response:
        options: dict[str, Any] = {"base_url": ORIGIN, "cookies": signed_in_cookies() if signed_in else {}}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.is_asgi:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), **options) as client:
                return await client.request(method, "/api", headers=sent)
        with httpx.Client(transport=httpx.WSGITransport(self.app), **options) as client:
            return await asyncio.to_thread(client.request, method, "/api", headers=sent)


APPS: dict[str, Callable[[bool], Served]] = {
    "starlette": lambda inside: Served(True, of_starlette(inside=inside)),
    "fastapi": lambda inside: Served(True, of_fastapi(inside=inside)),
    "litestar": lambda inside: Served(True, of_litestar(inside=inside)),
    "asgi": lambda inside: Served(True, of_plain_asgi(inside=inside)),
    "around starlette": lambda inside: Served(True, around_starlette(inside=inside)),
    "flask": lambda inside: Served(False, of_flask(inside=inside)),
    "django by wsgi": lambda inside: Served(False, get_wsgi_application()),
    "django by asgi": lambda inside: Served(True, get_asgi_application()),
}


def api(request: Any) -> HttpResponse:
    return HttpResponse(run())


urlpatterns = [path("api", api)]
_CORS = "corsheaders.middleware.CorsMiddleware"
_OURS = "greffier.django.AuthMiddleware"


@pytest.fixture(params=[True, False], ids=["cors inside", "cors around"])
def inside(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture(params=APPS)
def served(request: pytest.FixtureRequest, inside: bool) -> Any:
    RAN.clear()
    with override_settings(
        GREFFIER=GREFFIER,
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[_OURS, _CORS] if inside else [_CORS, _OURS],
        CORS_ALLOWED_ORIGINS=[PAGE],
        CORS_ALLOW_CREDENTIALS=True,
    ):
        yield APPS[request.param](inside)


PREFLIGHT = {"access_control_request_method": "POST", "access_control_request_headers": "authorization"}


async def test_preflight_of_an_allowed_page_is_answered_by_the_cors_layer(served: Served) -> None:
    answer = await served.ask("OPTIONS", origin=PAGE, **PREFLIGHT)

    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


async def test_allowed_page_can_read_that_it_must_sign_in(served: Served) -> None:
    answer = await served.ask("POST", origin=PAGE)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "authentication_required"
    assert answer.headers.get_list("access-control-allow-origin") == [PAGE]
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_no_other_page_can_read_a_refusal_or_pass_a_preflight(served: Served) -> None:
    refused = await served.ask("POST", origin="https://evil.example")
    preflight = await served.ask("OPTIONS", origin="https://evil.example", **PREFLIGHT)

    assert refused.status_code == 401
    for answer in (refused, preflight):
        assert answer.headers.get("access-control-allow-origin") is None


async def test_no_preflight_makes_a_handler_run_for_who_is_signed_out(served: Served) -> None:
    for origin in (PAGE, "https://evil.example"):
        await served.ask("OPTIONS", origin=origin, **PREFLIGHT)
        await served.ask("OPTIONS", origin=origin)
    assert RAN == []

    answer = await served.ask("POST", signed_in=True, origin=PAGE)
    assert (answer.status_code in (200, 201, 403), answer.headers["access-control-allow-origin"]) == (
        True,
        PAGE,
    )


async def test_refusal_without_a_cors_layer_is_for_no_page_of_another_origin() -> None:
    served = Served(True, AuthMiddleware(starlette_app(), **KEYS))

    answer = await served.ask("OPTIONS", origin=PAGE, **PREFLIGHT)

    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (401, None)
