"""The token of `POST /oauth/userinfo` may come in a form (RFC 6750 section 2.2)."""

from __future__ import annotations

from tests.support.answers import error_of
from tests.support.oauth.applications import Client
from tests.support.server import Browser


async def test_token_in_a_form_is_taken(client: Client, ada: Browser) -> None:
    tokens = await client.tokens(ada)

    answer = await client.browser.post("/oauth/userinfo", access_token=tokens["access_token"])

    assert answer.status_code == 200
    assert answer.json() == (await client.user_info(tokens["access_token"])).json()


async def test_token_in_header_and_form_is_refused(client: Client, ada: Browser) -> None:
    tokens = await client.tokens(ada)
    token = tokens["access_token"]

    refused = await client.browser.call(
        "POST", "/oauth/userinfo", {"access_token": token}, headers={"authorization": f"Bearer {token}"}
    )

    assert error_of(refused)[:2] == (400, "invalid_request")


async def test_token_in_the_query_is_not_taken(client: Client, ada: Browser) -> None:
    tokens = await client.tokens(ada)

    refused = await client.browser.get("/oauth/userinfo", access_token=tokens["access_token"])

    assert refused.status_code == 401


async def test_wrong_token_in_a_form_is_refused(client: Client) -> None:
    refused = await client.browser.post("/oauth/userinfo", access_token="oat_" + "0" * 64)

    assert refused.status_code == 401
