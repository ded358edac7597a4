"""Attacks by way of the development provider, which never exists in production."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from greffier.server.development_provider.endpoints import respond
from greffier.server.development_provider.registration import registration_of
from greffier.server.versions import NEWEST
from greffier.server.web.context import Context
from greffier.server.web.http.request import RequestInfo
from tests.server.development_provider.developer import (
    ADA,
    AWAY,
    SOCIAL,
    answer_in,
    be,
    begin,
    navigate,
    sign_up,
)
from tests.server.strategies.oauth.flows import BACK, client_of, land
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import DEVELOPMENT, PRODUCTION, Browser, TestServer, running

HERE = "http://localhost:8787"
CALLBACK = f"{HERE}/v1/oauth_callback"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
LIVE = "https://clerk.example.com"
AWAY_LIVE = {
    name: value.replace("http://localhost:3000", "https://example.com") for name, value in AWAY.items()
}


@asynccontextmanager
async def context(server: TestServer) -> AsyncGenerator[Context]:
    """A request's, at the only instance."""
    (instance,) = server.app.instances
    host = urlsplit(HERE).netloc if instance.is_development else urlsplit(LIVE).netloc
    request = RequestInfo(
        method="GET",
        path="/",
        base_url=HERE if instance.is_development else LIVE,
        host=host,
        secure=False,
        origin=None,
        user_agent="",
        ip_address="",
        query={},
        headers={},
        cookies={},
    )
    async with server.app.database.transaction() as db:
        yield Context(server.app.services, db, instance, request, NEWEST)


def post(ctx: Context, provider: str = "google", **form: str) -> tuple[int, Any]:
    """The token endpoint's answer to the instance's own credentials."""
    registration = registration_of(ctx, provider, HERE)
    known = {"client_id": "greffier-development", "client_secret": registration.client_secret}
    body = urlencode({"grant_type": "authorization_code", **known, **form}).encode()
    return respond(ctx, "POST", f"{registration.issuer}/token", body, {})


def describe(ctx: Context, token: str, provider: str = "google") -> int:
    url = f"{registration_of(ctx, provider, HERE).issuer}/userinfo"
    return respond(ctx, "GET", url, None, {"authorization": f"Bearer {token}"})[0]


def with_parameters(url: str, **changes: str | None) -> str:
    """The URL with other parameters; `None` takes one away."""
    target = urlsplit(url)
    asked: dict[str, str | None] = {**dict(parse_qsl(target.query)), **changes}
    kept = urlencode({name: value for name, value in asked.items() if value is not None})
    return target._replace(query=kept).geturl()


@pytest.fixture
async def browser(server: TestServer) -> Browser:
    await configure(server, SOCIAL)
    return server.browser()


@pytest.fixture
async def good(browser: Browser) -> dict[str, str]:
    """Parameters that the token endpoint takes, once."""
    url = with_parameters(await begin(browser), code_challenge=CHALLENGE)
    code = answer_in(await be(browser, url, **ADA))["code"]
    return {"code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK}


async def test_code_gives_tokens_once(server: TestServer, good: dict[str, str]) -> None:
    async with context(server) as ctx:
        status, tokens = post(ctx, **good)

        assert status == 200
        assert describe(ctx, tokens["access_token"]) == 200
        assert post(ctx, **good) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:8787/v1/oauth_callback"},
        {"redirect_uri": ""},
        {"provider": "github"},
    ],
)
async def test_code_for_another_request_gives_nothing_and_is_used_up(
    server: TestServer, good: dict[str, str], changes: dict[str, str]
) -> None:
    async with context(server) as ctx:
        assert post(ctx, **{**good, **changes}) == (400, {"error": "invalid_grant"})

        assert (post(ctx, **good)[0] == 200) == ("provider" in changes)  # which cannot read it


async def test_code_ends_after_a_minute(server: TestServer, good: dict[str, str]) -> None:
    server.clock.advance(seconds=61)

    async with context(server) as ctx:
        assert post(ctx, **good) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changes", [{"client_secret": "guessed"}, {"client_secret": ""}, {"client_id": "other"}]
)
async def test_only_the_instance_exchanges_a_code(
    server: TestServer, good: dict[str, str], changes: dict[str, str]
) -> None:
    async with context(server) as ctx:
        assert post(ctx, **{**good, **changes}) == (401, {"error": "invalid_client"})


async def test_each_token_is_good_for_its_own_use_alone(server: TestServer, good: dict[str, str]) -> None:
    async with context(server) as ctx:
        tokens = post(ctx, **good)[1]
        others = [good["code"], tokens["refresh_token"], tokens["id_token"], f"{tokens['access_token']}x"]

        assert [describe(ctx, token) for token in others] == [401] * 4
        assert describe(ctx, tokens["access_token"], "github") == 401
        for token in (tokens["access_token"], tokens["id_token"]):
            assert post(ctx, grant_type="refresh_token", refresh_token=token)[0] == 400
            assert post(ctx, **{**good, "code": token})[0] == 400


async def test_refresh_token_gives_new_tokens_of_the_same_person(
    server: TestServer, good: dict[str, str]
) -> None:
    async with context(server) as ctx:
        refresh = post(ctx, **good)[1]["refresh_token"]
    server.clock.advance(seconds=3601)

    async with context(server) as ctx:
        status, tokens = post(ctx, grant_type="refresh_token", refresh_token=refresh)

        assert status == 200
        assert describe(ctx, tokens["access_token"]) == 200


async def test_token_of_the_provider_is_no_session_token(server: TestServer, good: dict[str, str]) -> None:
    await sign_up(server.browser())
    async with context(server) as ctx:
        tokens = post(ctx, **good)[1]

    for token in (tokens["access_token"], tokens["id_token"]):
        headers = {"authorization": f"Bearer {token}"}
        assert (await server.browser().call("GET", "/v1/me", headers=headers)).status_code == 401


async def test_code_of_another_browser_does_not_sign_in(server: TestServer, browser: Browser) -> None:
    stolen = answer_in(await be(server.browser(), await begin(server.browser()), **ADA))["code"]
    own = await be(browser, await begin(browser), email="eve@example.com")

    page, _ = await land(browser, with_parameters(own, code=stolen))

    assert page == BACK
    assert not (await client_of(browser))["sessions"]


async def test_answer_that_names_no_issuer_or_another_is_refused(browser: Browser) -> None:
    for issuer in (None, f"{HERE}/development-provider/github", "https://accounts.google.com"):
        own = await be(browser, await begin(browser), **ADA)

        page, _ = await land(browser, with_parameters(own, iss=issuer))

        assert page == BACK
        assert not (await client_of(browser))["sessions"]


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/v1/oauth_callback"},
        {"redirect_uri": "http://localhost:3000/elsewhere"},
        {"redirect_uri": "javascript:alert(1)//v1/oauth_callback"},
        {"redirect_uri": None},
        {"client_id": "another"},
        {"state": None},
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"response_type": "token"},
    ],
)
async def test_request_that_is_not_of_this_instance_is_answered_by_the_page_alone(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    url = with_parameters(await begin(browser), **changes)

    for form in (None, ADA, {"outcome": "access_denied"}):
        response = await navigate(browser, url, form)
        assert response.status_code == 400
        assert "location" not in response.headers


@pytest.mark.parametrize("provider", ["github", "unknown", "custom_acme", "google%2F.."])
async def test_nothing_stands_in_for_a_provider_that_is_not_switched_on(
    browser: Browser, provider: str
) -> None:
    url = (await begin(browser)).replace("/google/", f"/{provider}/")

    assert (await navigate(browser, url)).status_code == 404
    assert (await navigate(browser, url, ADA)).status_code == 404


async def test_nothing_stands_in_for_a_provider_with_credentials(
    server: TestServer, browser: Browser
) -> None:
    url = await begin(browser)
    own = {"provider": "google", "enabled": True, "client_id": "own", "client_secret": "own"}
    await configure(server, {"social": [own]})

    assert (await navigate(browser, url)).status_code == 404
    assert (await navigate(browser, url, ADA)).status_code == 404


async def test_former_people_of_another_instance_are_not_shown(server: TestServer, browser: Browser) -> None:
    await sign_up(browser, **ADA | {"email": "secret@example.com"})
    neighbour = await server.neighbour()
    await configure(server, SOCIAL)
    theirs = server.browser(base_url="http://clerk.next-door-7.localhost:8787")

    shown = await navigate(theirs, await begin(theirs))

    assert neighbour is not None
    assert shown.status_code == 200
    assert "secret@example.com" not in shown.text


Elsewhere = tuple[TestServer, Browser, dict[str, str]]


@pytest.fixture(params=["production", "strangers"])
async def elsewhere(
    request: pytest.FixtureRequest, production_database: str, development_database: str
) -> AsyncIterator[Elsewhere]:
    """A production instance, though its server shows the mail; or a development instance, whose server
    does not."""
    if request.param == "production":
        where = (production_database, PRODUCTION, LIVE, AWAY_LIVE, "https://example.com")
    else:
        where = (development_database, DEVELOPMENT, HERE, AWAY, "http://localhost:3000")
    database, wanted, base_url, away, origin = where
    async with running(database, wanted, show_inbox=request.param == "production") as started:
        await configure(started, SOCIAL)
        yield started, started.browser(base_url=base_url, origin=origin), away


async def test_page_is_not_there(browser: Browser, elsewhere: Elsewhere) -> None:
    url = await begin(browser)
    _, there, _ = elsewhere
    own = with_parameters(url, redirect_uri=f"{there.http.base_url}/v1/oauth_callback")

    for form in (None, ADA, {"outcome": "access_denied"}):
        assert (await navigate(there, own, form)).status_code == 404


async def test_its_endpoints_answer_nothing(good: dict[str, str], elsewhere: Elsewhere) -> None:
    async with context(elsewhere[0]) as ctx:
        assert post(ctx, **good)[0] == 404
        assert describe(ctx, "anything") == 404


async def test_provider_without_credentials_is_refused(
    elsewhere: Elsewhere,
) -> None:
    _, there, away = elsewhere

    for flow in ("sign_ins", "sign_ups"):
        refused = await there.post(f"/v1/client/{flow}", **away)
        assert error_of(refused)[:2] == (400, "oauth_config_missing")


async def test_callback_in_production_finds_nothing_behind_its_codes(
    browser: Browser, production: TestServer
) -> None:
    callback = urlsplit(await be(browser, await begin(browser), **ADA))
    there = production.browser(base_url=LIVE, origin="https://example.com")

    answer = await navigate(there, f"{callback.path}?{callback.query}")

    assert answer.status_code == 400
    assert (await there.get("/v1/client")).json()["response"] is None
