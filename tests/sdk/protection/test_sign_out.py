"""Signing out of applications that render pages themselves, in every framework."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import override_settings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.protection.current import auth
from greffier.starlette import add_auth
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.authentication.test_outage import APPS
from tests.sdk.recorded_backend import RecordedBackend

PATH = "/__greffier/sign-out"
REVOKE = "POST /v1/sessions/sess_1/revoke"
DONE: dict[str, Any] = {"status": 200, "body": {"id": "sess_1", "status": "revoked"}}
FORM = {"origin": ORIGIN, **DOCUMENT}


def answering(answer: dict[str, Any] = DONE) -> RecordedBackend:
    return RecordedBackend({REVOKE: answer})


def settings_with(backend: RecordedBackend) -> dict[str, Any]:
    return {"secret_key": PRODUCTION.secret_key, "transport": backend}


def cookies_taken(answer: httpx.Response) -> set[str]:
    return {
        line.strip().partition("=")[0]
        for line in answer.headers.get_list("set-cookie")
        if "Max-Age=0" in line
    }


GONE = {"__session", f"__session_{PRODUCTION.suffix}", f"__refresh_{PRODUCTION.suffix}"}


@pytest.mark.parametrize("framework", APPS)
async def test_form_ends_the_session_and_takes_the_cookies(framework: str) -> None:
    is_asgi, make = APPS[framework]
    backend = answering()
    settings = {
        "publishable_key": PRODUCTION.publishable_key,
        "jwt_key": PRODUCTION.pem,
        **settings_with(backend),
    }
    with override_settings(GREFFIER=settings):
        app: Any = make(**settings)
        options: dict[str, Any] = {"base_url": ORIGIN, "cookies": signed_in_cookies(), "headers": FORM}
        if is_asgi:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), **options) as client:
                await client.get("/me")  # a request that is remembered
                answer = await client.post(PATH, params={"return_to": "/bye?x=1"})
        else:
            with httpx.Client(transport=httpx.WSGITransport(app), **options) as client:
                answer = await asyncio.to_thread(client.post, PATH, params={"return_to": "/bye?x=1"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"{ORIGIN}/bye?x=1")
    assert answer.headers["cache-control"] == "no-store"
    assert cookies_taken(answer) == GONE
    assert backend.calls() == [REVOKE]


async def test_session_ends_though_its_token_has_expired_long_ago() -> None:
    backend = answering()
    old = int(time.time()) - 30 * 24 * 3600
    cookies = signed_in_cookies(iat=old, exp=old + 60, nbf=old)
    async with browser(protected(**settings_with(backend)), **cookies) as client:
        answer = await client.post(PATH, headers=FORM)

    assert (answer.status_code, backend.calls()) == (303, [REVOKE])


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://sibling.example.com"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
)
async def test_no_other_site_signs_a_visitor_out(headers: dict[str, str]) -> None:
    backend = answering()
    async with browser(protected(**settings_with(backend)), **signed_in_cookies()) as client:
        answer = await client.post(PATH, headers=headers)

    assert (answer.status_code, backend.calls()) == (403, [])
    assert "set-cookie" not in answer.headers


async def test_page_that_sends_no_referrer_may_sign_out_too() -> None:
    backend = answering()
    async with browser(protected(**settings_with(backend)), **signed_in_cookies()) as client:
        answer = await client.post(PATH, headers={"origin": "null", "sec-fetch-site": "same-origin"})

    assert (answer.status_code, backend.calls()) == (303, [REVOKE])


async def test_link_only_asks() -> None:
    backend = answering()
    async with browser(protected(**settings_with(backend)), **signed_in_cookies()) as client:
        answer = await client.get(PATH, params={"return_to": '/"><script>'}, headers=DOCUMENT)

    assert (answer.status_code, backend.calls()) == (200, [])
    assert 'method="post"' in answer.text
    assert "<script>" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "a:b"])
async def test_sign_out_redirects_to_no_foreign_site(target: str) -> None:
    async with browser(protected(**settings_with(answering())), **signed_in_cookies()) as client:
        answer = await client.post(PATH, params={"return_to": target}, headers=FORM)

    assert answer.headers["location"] == f"{ORIGIN}/"


async def test_who_cannot_be_signed_out_now_keeps_the_cookies() -> None:
    backend = answering({"status": 500, "body": {}})
    async with browser(protected(**settings_with(backend)), **signed_in_cookies()) as client:
        answer = await client.post(PATH, headers=FORM)

    assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)


@pytest.mark.parametrize("cookies", [{}, {"__session": "x"}, {"__session": PRODUCTION.token(sid=None)}])
async def test_cookies_of_a_signed_out_browser_are_removed_too(cookies: dict[str, str]) -> None:
    backend = RecordedBackend({})
    async with browser(protected(**settings_with(backend)), **cookies) as client:
        answer = await client.post(PATH, headers=FORM)

    assert (answer.status_code, cookies_taken(answer)) == (303, GONE)
    assert REVOKE not in backend.calls()


async def test_session_that_is_gone_is_signed_out_all_the_same() -> None:
    backend = answering({"status": 404, "body": {"errors": [{"code": "resource_not_found"}]}})
    async with browser(protected(**settings_with(backend)), **signed_in_cookies()) as client:
        assert (await client.post(PATH, headers=FORM)).status_code == 303


async def test_url_for_the_form_is_that_of_the_middleware_below_every_prefix() -> None:
    async def url(request: Request) -> PlainTextResponse:
        return PlainTextResponse(auth().sign_out_url())

    inner = Starlette(routes=[Route("/page", url)])
    settings = {"jwt_key": PRODUCTION.pem, **settings_with(answering())}
    add_auth(inner, publishable_key=PRODUCTION.publishable_key, **settings)
    outer = Starlette(routes=[Mount("/shop", inner)])
    transport = httpx.ASGITransport(outer)
    cookies = signed_in_cookies()
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
        told = (await client.get("/shop/page", headers={"x-forwarded-prefix": "/team"})).text
        path = urlsplit(told).path
        answer = await client.post(path.removeprefix("/team"), headers=FORM)

    assert path == f"/team/shop{PATH}"
    assert parse_qs(urlsplit(told).query)["return_to"] == ["/team/shop/"]
    assert answer.status_code == 303


def test_url_outside_of_a_request_is_a_mistake_that_says_so() -> None:
    with pytest.raises(ConfigurationError, match="sign_out_url"):
        AuthObject().sign_out_url()
