"""`create_app()` mounted at `/__clerk` of an application of each framework: one process, one origin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from litestar import Litestar, asgi
from litestar.types import Receive, Scope, Send
from starlette.applications import Starlette
from starlette.routing import Mount

from greffier.server import create_app
from greffier.server.app import Server

URL = "http://localhost:8000"
AT = f"{URL}/__clerk"


def in_starlette(greffier: Server) -> Any:
    return Starlette(routes=[Mount("/__clerk", app=greffier)])


def in_fastapi(greffier: Server) -> Any:
    app = FastAPI()
    app.mount("/__clerk", greffier)
    return app


def in_litestar(greffier: Server) -> Any:
    @asgi("/__clerk", is_mount=True, copy_scope=True)
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await greffier(scope, receive, send)

    return Litestar(route_handlers=[mounted])


@pytest.fixture(params=[in_starlette, in_fastapi, in_litestar], ids=lambda mount: mount.__name__)
async def browser(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a page of the application. The lifespan is not passed on: it starts by itself."""
    mount: Callable[[Server], Any] = request.param
    greffier = create_app(tmp_path)
    headers = {"origin": URL, "user-agent": "Mozilla/5.0"}
    transport = httpx.ASGITransport(app=mount(greffier))
    async with httpx.AsyncClient(transport=transport, base_url=AT, headers=headers) as client:
        yield client
    await greffier.stop()


async def test_urls_begin_where_it_is_mounted(browser: httpx.AsyncClient) -> None:
    display = (await browser.get("/v1/environment")).json()["display_config"]

    assert display["sign_in_url"] == f"{AT}/sign-in"
    assert display["after_sign_in_url"] == URL


async def test_page_loads_its_scripts_from_there(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/sign-in/factor-one")

    assert page.status_code == 200
    assert "/__clerk/npm/@clerk/clerk-js@" in page.text


async def test_visitor_signs_up_and_gets_tokens(browser: httpx.AsyncClient) -> None:
    address = "ada+clerk_test@example.com"
    body = {"email_address": address, "password": "correct horse battery staple"}
    path = "/v1/client/sign_ups"
    started = await browser.post(path, data=body)
    path = f"{path}/{started.json()['response']['id']}"
    await browser.post(f"{path}/prepare_verification", data={"strategy": "email_code"})
    code = {"strategy": "email_code", "code": "424242"}
    done = await browser.post(f"{path}/attempt_verification", data=code)

    session = done.json()["client"]["sessions"][0]
    token = await browser.post(f"/v1/client/sessions/{session['id']}/tokens", data={"organization_id": ""})

    assert token.status_code == 200, token.text
    assert session["user"]["image_url"].startswith(f"{AT}/avatars/")
    assert (await browser.get(session["user"]["image_url"])).status_code == 200
    # The browser SDK asks for API keys with two slashes where the server is not at the root.
    bearer = {"authorization": f"Bearer {token.json()['jwt']}"}
    keys = await browser.get(f"{AT}//api_keys?subject={session['user']['id']}", headers=bearer)
    assert keys.json()["errors"][0]["code"] == "api_keys_not_enabled"
