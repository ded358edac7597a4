"""Native applications take any free port of a loopback address, and nothing else is looser (RFC 8252)."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.oauth.applications import Client, add_application, ask, consent, query_of
from tests.support.server import Backend, Browser, TestServer


async def application(backend: Backend, *registered: str) -> dict[str, object]:
    return await add_application(backend, "App", public=True, redirect_uris=list(registered))


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback"),
        ("http://127.0.0.1:8000/callback", "http://127.0.0.1:51234/callback"),
        ("http://127.0.0.1:8000/callback", "http://127.0.0.1/callback"),
        ("http://[::1]/callback?a=b", "http://[::1]:51234/callback?a=b"),
        ("http://127.0.0.1", "http://127.0.0.1:51234"),
    ],
)
async def test_loopback_address_takes_any_port(
    server: TestServer, backend: Backend, ada: Browser, registered: str, asked: str
) -> None:
    app = await application(backend, registered)

    answer = await consent(ada, app, redirect_uri=asked)

    location = answer.headers["location"]
    assert location.startswith(asked)
    tokens = await Client(server, app).exchange(query_of(answer)["code"], redirect_uri=asked)
    assert tokens.status_code == 200, tokens.text


async def test_code_is_exchanged_for_the_port_only_that_asked_for_it(
    server: TestServer, backend: Backend, ada: Browser
) -> None:
    app = await application(backend, "http://127.0.0.1/callback")
    code = query_of(await consent(ada, app, redirect_uri="http://127.0.0.1:5000/callback"))["code"]

    refused = await Client(server, app).exchange(code, redirect_uri="http://127.0.0.1:5001/callback")

    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://localhost/callback", "http://localhost:51234/callback"),
        ("http://127.0.0.1/callback", "http://localhost:51234/callback"),
        ("http://127.0.0.1/callback", "http://[::1]:51234/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.2:51234/callback"),
        ("http://127.0.0.1/callback", "https://127.0.0.1:51234/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback/"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/other"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback?x=y"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234@evil.example/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:99999/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1.evil.example:80/callback"),
        ("https://shop.example/callback", "https://shop.example:8443/callback"),
    ],
)
async def test_nothing_else_takes_another_port(
    backend: Backend, ada: Browser, registered: str, asked: str
) -> None:
    refused = await ask(ada, await application(backend, registered), redirect_uri=asked)

    assert error_of(refused)[:2] == (400, "redirect_uri_mismatch")
