"""`prompt` and `max_age`: when an application wants a new proof that it is the user."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.oauth.applications import (
    ask,
    code_for,
    query_of,
)
from tests.support.server import PASSWORD, Browser, JsonObject, TestServer


async def test_prompt_none_never_shows_a_page(server: TestServer, ada: Browser, shop: JsonObject) -> None:
    signed_out = await ask(server.browser(), shop, prompt="none")
    undecided = await ask(ada, shop, prompt="none")
    await code_for(ada, shop)
    decided = await ask(ada, shop, prompt="none")

    assert query_of(signed_out)["error"] == "login_required"
    assert query_of(undecided)["error"] == "consent_required"
    assert "code" in query_of(decided)


async def prove(browser: Browser) -> None:
    """Verifies the password once more, as the page that asks for a proof does."""
    session_id = (await browser.get("/v1/client")).json()["response"]["last_active_session_id"]
    path = f"/v1/client/sessions/{session_id}/verify"
    begun = await browser.post(path, level="first_factor")
    assert begun.status_code == 200, begun.text
    done = await browser.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)
    assert done.json()["response"]["status"] == "complete", done.text


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}])
async def test_link_of_another_site_ends_no_session(
    server: TestServer, ada: Browser, shop: JsonObject, asked: dict[str, str]
) -> None:
    server.clock.advance(seconds=1)
    session_id = (await ada.get("/v1/client")).json()["response"]["last_active_session_id"]

    response = await ask(ada, shop, **asked)

    assert urlsplit(response.headers["location"]).path == "/oauth-verification"
    assert (await ada.token(session_id)).status_code == 200


async def test_prompt_login_asks_for_a_proof_that_is_new(
    server: TestServer, ada: Browser, shop: JsonObject
) -> None:
    await code_for(ada, shop)
    server.clock.advance(seconds=3600)
    response = await ask(ada, shop, prompt="login")
    back = query_of(response)["redirect_url"].partition("?")[2]

    without_proof = await ada.http.get(f"/oauth/authorize?{back}")
    await prove(ada)
    with_proof = await ada.http.get(f"/oauth/authorize?{back}")

    assert "prompt" not in parse_qs(back)
    assert urlsplit(without_proof.headers["location"]).path == "/oauth-verification"
    assert "code" in query_of(with_proof)


async def test_max_age_asks_for_a_sign_in_that_is_not_older(
    server: TestServer, ada: Browser, shop: JsonObject
) -> None:
    await code_for(ada, shop)
    server.clock.advance(seconds=61)

    assert "code" in query_of(await ask(ada, shop, max_age="62"))
    response = await ask(ada, shop, max_age="60")
    assert urlsplit(response.headers["location"]).path == "/oauth-verification"
    assert "max_age=300" in query_of(response)["redirect_url"]
    assert query_of(await ask(ada, shop, max_age="60", prompt="none"))["error"] == "login_required"
