"""Boundaries of the provider: satellites, other instances, limits, logs, parallel decisions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from greffier.server.oauth_provider.tables import oauth_grants
from greffier.server.store.statements import Statement
from tests.server.clients.satellites.browsers import SATELLITE, declare
from tests.support.answers import error_of
from tests.support.oauth.applications import (
    Client,
    add_application,
    ask,
    code_for,
    consent,
    query_of,
    request_of,
    works,
)
from tests.support.server import (
    LIVE_SECRET_KEY,
    PRODUCTION,
    Backend,
    Browser,
    JsonObject,
    TestServer,
    running,
)


@pytest.fixture
async def strict(production_database: str) -> AsyncIterator[TestServer]:
    """With the limits that servers have."""
    async with running(production_database, PRODUCTION, rate_limit_scale=1.0) as started:
        yield started


async def test_satellite_authorizes_no_application(production: TestServer) -> None:
    shop = await add_application(production.backend(secret_key=LIVE_SECRET_KEY))
    await declare(production)
    browser = production.browser(origin=None, base_url=SATELLITE)

    refused = await browser.get("/oauth/authorize", **request_of(shop))

    assert error_of(refused)[:2] == (403, "operation_not_allowed_on_satellite_domain")
    assert "location" not in refused.headers


async def test_tokens_of_one_instance_are_unknown_to_another(
    server: TestServer, shop: JsonObject, ada: Browser
) -> None:
    client = Client(server, shop)
    tokens, code = await client.tokens(ada), await code_for(ada, shop)
    neighbour = await server.neighbour()
    foreign = Client(server, await add_application(neighbour, "Next door"))
    foreign.browser = server.browser(origin=None, base_url="http://clerk.next-door-7.localhost:8787")
    own = server.browser(origin=None, base_url="http://clerk.tidy-otter-42.localhost:8787")

    assert (await foreign.exchange(code)).json()["error"] == "invalid_grant"
    assert (await foreign.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await foreign.token_info(tokens["access_token"])).json() == {"active": False}
    assert (await foreign.user_info(tokens["access_token"])).status_code == 401
    foreign.application = shop
    assert (await foreign.exchange(code)).json()["error"] == "invalid_client"
    foreign.browser = own
    assert (await foreign.exchange(code)).status_code == 200


async def test_consents_at_the_same_time_are_one(server: TestServer, shop: JsonObject, ada: Browser) -> None:
    scopes = ["email", "profile", "email profile"]

    answers = await asyncio.gather(*(consent(ada, shop, scope=scope) for scope in scopes * 2))

    assert all("code=" in answer.headers["location"] for answer in answers)
    assert "code=" in (await ask(ada, shop, scope="email profile")).headers["location"]


async def test_code_is_not_given_to_a_user_who_is_being_deleted(
    server: TestServer, shop: JsonObject, ada: Browser, backend: Backend
) -> None:
    user_id = (await ada.get("/v1/me")).json()["response"]["id"]

    answers = await asyncio.gather(
        consent(ada, shop), backend.delete(f"/v1/users/{user_id}"), consent(ada, shop)
    )

    assert {answer.status_code for answer in answers} <= {200, 303, 401}
    for answer in (answers[0], answers[2]):
        if "code=" in answer.headers.get("location", ""):
            code = answer.headers["location"].partition("code=")[2].partition("&")[0]
            assert (await Client(server, shop).exchange(code)).json()["error"] == "invalid_grant"


async def test_who_registers_too_often_waits(strict: TestServer) -> None:
    browser = strict.browser(origin="https://agent.example", base_url="https://clerk.example.com")

    answers = [await browser.http.post("/oauth/register", json={}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    strict.clock.advance(seconds=10)
    assert (await browser.http.post("/oauth/register", json={})).status_code == 422


async def test_no_secret_is_logged(
    server: TestServer, shop: JsonObject, ada: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="greffier")
    client = Client(server, shop)
    code = await code_for(ada, shop)
    tokens = (await client.exchange(code)).json()
    await client.exchange(code)
    await client.refresh(tokens["refresh_token"])
    await client.token_info(tokens["access_token"])
    await client.user_info(tokens["access_token"])

    said = "\n".join(record.getMessage() + repr(record.__dict__) for record in caplog.records)
    assert "/oauth/token" in said
    for secret in (code, tokens["access_token"], tokens["refresh_token"], shop["client_secret"]):
        assert secret not in said


async def test_grants_that_give_nothing_any_more_are_forgotten(
    server: TestServer, shop: JsonObject, ada: Browser, backend: Backend
) -> None:
    client = Client(server, shop)
    lasting = await client.tokens(ada)
    revoked = await client.tokens(ada)
    await client.revoke(revoked["refresh_token"])
    await code_for(ada, shop)  # never exchanged
    server.clock.advance(seconds=3 * 24 * 3600)

    await server.app.purger.run()

    count = Statement(sa.select(sa.func.count()).select_from(oauth_grants), int)
    async with server.app.database.transaction() as db:
        assert await db.one(count) == 1
    renewed = await client.refresh(lasting["refresh_token"])
    assert await works(backend, renewed.json()["access_token"])


async def test_browser_that_is_known_by_its_url_alone_is_known_on_the_way_but_not_to_applications(
    server: TestServer, shop: JsonObject, ada: Browser, backend: Backend
) -> None:
    """An application's own sign-in page on another host, which cookies do not reach, in development."""
    token = (await ada.post("/v1/dev_browser")).json()["id"]
    elsewhere = server.browser(origin=None)
    own = await add_application(backend, "Own", consent_screen_enabled=False)

    known = {"__clerk_db_jwt": token}
    asked = await elsewhere.get("/oauth/authorize", **request_of(shop), **known)
    answered = await elsewhere.get("/oauth/authorize", **request_of(own), **known)
    unknown = await elsewhere.get("/oauth/authorize", **request_of(own), __clerk_db_jwt="dvb_unknown")

    assert query_of(asked) == request_of(shop) | known
    assert query_of(answered).keys() == {"code", "state", "iss"}
    assert error_of(unknown)[:2] == (401, "dev_browser_unauthenticated")


async def test_session_token_is_no_access_token(
    server: TestServer, shop: JsonObject, ada: Browser, backend: Backend
) -> None:
    client = (await ada.get("/v1/client")).json()["response"]
    session_token = (await ada.token(client["last_active_session_id"])).json()["jwt"]

    assert (await Client(server, shop).user_info(session_token)).status_code == 401
    assert not await works(backend, session_token)


async def test_consent_screen_is_in_no_frame_and_runs_no_script_of_others(
    server: TestServer, shop: JsonObject
) -> None:
    injected = request_of(shop, state='"><script>alert(1)</script>')

    page = await server.browser().http.get("/oauth-consent", params=injected)

    policy = page.headers["content-security-policy"]
    assert (page.status_code, page.headers["x-frame-options"]) == (200, "DENY")
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'nonce-" in policy
    assert "form-action" not in policy  # browsers hold it against every redirect that follows the form
    assert "<script>alert" not in page.text
