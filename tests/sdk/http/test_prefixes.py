"""Behind a path prefix that is taken off, browsers come back to the URL that they showed."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from django.urls import clear_script_prefix
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.middleware.proxy_fix import ProxyFix

from greffier.asgi import AuthMiddleware
from greffier.fastapi import add_auth as add_to_fastapi
from greffier.flask import Auth
from greffier.sdk.http.auth_request import AuthRequest
from greffier.starlette import add_auth as add_to_starlette
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION
from tests.sdk.django.project import GREFFIER

KEYS: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}
ASKED = "/reports/2026?page=2&q=a%20b"


def of_fastapi(**options: Any) -> FastAPI:
    app = FastAPI(**options)
    add_to_fastapi(app, **KEYS)
    return app


def of_starlette() -> Starlette:
    app = Starlette()
    add_to_starlette(app, **KEYS)
    return app


def of_flask() -> flask.Flask:
    app = flask.Flask("tested")
    Auth(app, **KEYS)
    return app


async def sent_back_to(transport: httpx.AsyncBaseTransport, path: str = ASKED, **headers: str) -> set[str]:
    """Returns the URLs to which sign-in and a handshake send the visitor back."""
    back: set[str] = set()
    for cookies in ({}, {"__client_uat": str(int(time.time()))}):
        sent = {**DOCUMENT, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
            location = urlsplit((await client.get(path, headers=sent)).headers["location"])
        assert location.path in ("/sign-in", "/v1/client/handshake")
        back |= set(parse_qs(location.query)["redirect_url"])
    return back


SHOWN = {f"{ORIGIN}/team{ASKED}"}


async def test_prefix_that_fastapi_is_told_is_part_of_the_url() -> None:
    assert await sent_back_to(httpx.ASGITransport(of_fastapi(root_path="/team"))) == SHOWN
    around = AuthMiddleware(FastAPI(root_path="/team"), **KEYS)
    assert await sent_back_to(httpx.ASGITransport(around)) == SHOWN


@pytest.mark.parametrize("make", [of_starlette, of_fastapi])
async def test_prefix_that_the_server_is_told_is_part_of_the_url_once(make: Any) -> None:
    stripped = httpx.ASGITransport(make(), root_path="/team")
    assert await sent_back_to(stripped) == SHOWN
    assert await sent_back_to(stripped, f"/team{ASKED}") == SHOWN  # as uvicorn has it


async def test_prefix_that_a_proxy_tells_is_part_of_the_url_once() -> None:
    app = of_starlette()
    assert await sent_back_to(httpx.ASGITransport(app), x_forwarded_prefix="/team") == SHOWN
    assert await sent_back_to(httpx.ASGITransport(app), x_forwarded_prefix="/team/") == SHOWN
    known = httpx.ASGITransport(app, root_path="/team")
    assert await sent_back_to(known, x_forwarded_prefix="/team") == SHOWN
    two = httpx.ASGITransport(app, root_path="/app")
    assert await sent_back_to(two, x_forwarded_prefix="/team") == {f"{ORIGIN}/team/app{ASKED}"}


@pytest.mark.parametrize(
    "prefix",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a//b", "evil", "/a?b", "/a b", "/", ""],
)
async def test_no_prefix_leads_away_from_the_application(prefix: str) -> None:
    sent = await sent_back_to(httpx.ASGITransport(of_starlette()), x_forwarded_prefix=prefix)
    assert sent == {f"{ORIGIN}{ASKED}"}


async def test_prefix_of_a_proxy_that_is_not_trusted_is_not_believed() -> None:
    app = AuthMiddleware(Starlette(), trust_forwarded_headers=False, **KEYS)
    answer = await sent_back_to(httpx.ASGITransport(app), x_forwarded_prefix="/team")
    assert answer == {f"{ORIGIN}{ASKED}"}


async def test_mount_is_no_prefix_that_was_taken_off() -> None:
    outer = FastAPI(root_path="/team")
    outer.mount("/reports", of_starlette())
    assert await sent_back_to(httpx.ASGITransport(outer)) == SHOWN
    plain = Starlette(routes=[Mount("/reports", of_starlette())])
    assert await sent_back_to(httpx.ASGITransport(plain)) == {f"{ORIGIN}{ASKED}"}


def sent_back_by_wsgi(app: Any, script_name: str = "", **headers: str) -> set[str]:
    back: set[str] = set()
    for cookies in ({}, {"__client_uat": str(int(time.time()))}):
        sent = {**DOCUMENT, **{name.replace("_", "-"): value for name, value in headers.items()}}
        transport = httpx.WSGITransport(app, script_name=script_name)
        with httpx.Client(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
            location = urlsplit(client.get(ASKED, headers=sent).headers["location"])
        back |= set(parse_qs(location.query)["redirect_url"])
    return back


def test_script_name_and_the_prefix_of_a_proxy_are_part_of_the_url_in_wsgi() -> None:
    app = of_flask()
    assert sent_back_by_wsgi(app, "/team") == SHOWN
    assert sent_back_by_wsgi(app, x_forwarded_prefix="/team") == SHOWN
    assert sent_back_by_wsgi(app, "/team", x_forwarded_prefix="/team") == SHOWN
    assert sent_back_by_wsgi(ProxyFix(app, x_prefix=1), x_forwarded_prefix="/team") == SHOWN


def test_bytes_of_the_path_stay_as_they_were_sent_below_a_script_name() -> None:
    environ = {
        "SCRIPT_NAME": "/team",
        "PATH_INFO": "/a b/x",
        "RAW_URI": "/a%20b%2fx",
        "HTTP_HOST": "app.example.com",
    }
    assert AuthRequest.from_environ(environ).url == "http://app.example.com/team/a%20b%2fx"


@pytest.mark.parametrize("forced", [None, "/team"])
async def test_prefix_of_a_django_project_is_part_of_the_url(forced: str | None) -> None:
    with override_settings(GREFFIER=GREFFIER, FORCE_SCRIPT_NAME=forced):
        script_name = "" if forced else "/team"
        by_wsgi = sent_back_by_wsgi(get_wsgi_application(), script_name)
        by_asgi = await sent_back_to(httpx.ASGITransport(get_asgi_application(), root_path=script_name))
    clear_script_prefix()  # Django keeps it for the thread

    assert by_wsgi == by_asgi == SHOWN
