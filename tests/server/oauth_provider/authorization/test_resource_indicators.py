"""Tokens that are for one API (RFC 8707)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.configuring import configure
from tests.support.oauth.applications import Client, ask, code_for, query_of, refusal
from tests.support.server import Backend, Browser, TestServer

API = "https://api.example.com/mcp"


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def verified(backend: Backend, token: str) -> dict[str, Any]:
    answer = await backend.post("/v1/oauth_applications/access_tokens/verify", access_token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_opaque_token_says_which_api_it_is_for(client: Client, ada: Browser, backend: Backend) -> None:
    tokens = await client.tokens(ada, resource=API)

    assert (await verified(backend, tokens["access_token"]))["aud"] == API
    assert (await client.token_info(tokens["access_token"])).json()["aud"] == API


async def test_jwt_names_the_api_as_its_audience_over_a_refresh_too(
    server: TestServer, client: Client, ada: Browser
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": True}})
    tokens = await client.tokens(ada, resource=API)

    again = (await client.refresh(tokens["refresh_token"])).json()

    assert claims_of(tokens["access_token"])["aud"] == claims_of(again["access_token"])["aud"] == API


async def test_token_without_a_resource_names_none(client: Client, ada: Browser, backend: Backend) -> None:
    tokens = await client.tokens(ada)

    assert "aud" not in await verified(backend, tokens["access_token"])


async def test_resource_that_the_authorization_request_did_not_name_is_refused(
    client: Client, ada: Browser, backend: Backend
) -> None:
    code = await code_for(ada, client.application)
    tokens = await client.tokens(ada)

    exchanged = await client.exchange(code, resource=API)
    refreshed = await client.refresh(tokens["refresh_token"], resource=API)

    assert refusal(exchanged) == refusal(refreshed) == (400, "invalid_target")
    assert "aud" not in await verified(backend, tokens["access_token"])


async def test_resource_may_be_named_again(client: Client, ada: Browser, backend: Backend) -> None:
    tokens = await client.tokens(ada, resource=API)

    again = (await client.refresh(tokens["refresh_token"], resource=API)).json()

    assert (await verified(backend, again["access_token"]))["aud"] == API


@pytest.mark.parametrize("other", ["https://other.example/", f"{API}/", "not a uri", f"{API}#part"])
async def test_token_is_never_for_another_api_than_was_authorized(
    client: Client, ada: Browser, other: str
) -> None:
    tokens = await client.tokens(ada, resource=API)

    assert refusal(await client.refresh(tokens["refresh_token"], resource=other)) == (400, "invalid_target")


@pytest.mark.parametrize(
    "resource",
    [
        "/mcp",
        f"{API}#part",
        "https://",
        "javascript",
        "https://api example/",
        "https://api.example\n.evil.example/",
        "https://api.example\t/",
        "https://api.example@evil.example/",
        "https://evil.example\\@api.example/",
        'https://api.example/"',
    ],
)
async def test_resource_that_is_no_absolute_uri_is_refused(
    client: Client, ada: Browser, resource: str
) -> None:
    answer = query_of(await ask(ada, client.application, resource=resource))

    assert answer["error"] == "invalid_target"


async def test_several_resources_are_refused(client: Client, ada: Browser) -> None:
    answer = query_of(await ask(ada, client.application, resource=[API, "https://other.example/"]))

    assert answer["error"] == "invalid_request"
