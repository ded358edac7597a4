"""Authorization codes that native apps bring along with the ID token, or alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from greffier.server.strategies.oauth import discovery
from tests.server.strategies.oauth.flows import client_of, resource, user_in
from tests.server.strategies.oauth.test_brought_id_tokens import (
    APPLE,
    APPLE_SETTINGS,
    BUNDLE,
    GOOGLE,
    GOOGLE_SETTINGS,
    KEY,
    ONE_TAP,
    SIGN_INS,
    SIGN_UPS,
    WEB,
    apple_token,
    token,
)
from tests.server.strategies.oauth.tokens.stored import kept, rows
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.stand_in import Received, StandIn, stand_in

APPLE_TOKENS, GOOGLE_TOKENS = "https://appleid.apple.com/auth/token", "https://oauth2.googleapis.com/token"
APPLE_REVOCATION = "https://appleid.apple.com/auth/revoke"
APPLE_KEY = ECKey.generate_key("P-256")
OWN_KEY = {"team_id": "TEAM", "key_id": "KEY", "client_secret": APPLE_KEY.as_pem(private=True).decode()}
HOUR = 3600

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def running_sites() -> Iterator[StandIn]:
    with stand_in() as sites:
        yield sites


@pytest.fixture
async def sites(server: TestServer, running_sites: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Google and Apple, of an instance that has native apps at both."""
    running_sites.reset()
    running_sites.reached_by(monkeypatch)
    monkeypatch.setattr(discovery, "_kept", {})
    document = {
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": GOOGLE_TOKENS,
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
    }
    running_sites.on(
        "GET", "https://accounts.google.com/.well-known/openid-configuration", lambda _: document
    )
    for url in (document["jwks_uri"], "https://appleid.apple.com/auth/keys"):
        running_sites.on("GET", url, lambda _: {"keys": [KEY.as_dict(private=False)]})
    await configure(server, {"social": [GOOGLE_SETTINGS, APPLE_SETTINGS | OWN_KEY]})
    return running_sites


@pytest.fixture
def browser(server: TestServer, sites: StandIn) -> Browser:
    return server.browser()


def gives(sites: StandIn, url: str, id_token: str | None, **fields: Any) -> None:
    answer = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": HOUR, **fields}
    sites.on("POST", url, lambda _: answer | ({"id_token": id_token} if id_token else {}))


def sent(sites: StandIn, url: str) -> dict[str, str]:
    """The only form that a URL got."""
    (request,) = [one for one in sites.received if one.url == url]
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def secret_of(form: dict[str, str]) -> dict[str, Any]:
    return dict(jwt.decode(form["client_secret"], APPLE_KEY, algorithms=["ES256"]).claims)


async def test_code_of_apple_is_exchanged_as_the_apps(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    gives(sites, APPLE_TOKENS, apple_token(server))

    proof = {"strategy": APPLE, "token": apple_token(server), "code": "code-1"}
    done = resource(await browser.post(SIGN_UPS, **proof))

    form = sent(sites, APPLE_TOKENS)
    assert done["status"] == "complete"
    assert secret_of(form)["sub"] == BUNDLE
    del form["client_secret"]
    assert form == {"grant_type": "authorization_code", "code": "code-1", "client_id": BUNDLE}
    assert (await kept(server)).refresh_token == "refresh-1"


async def test_code_of_google_is_exchanged_as_the_servers(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    gives(sites, GOOGLE_TOKENS, token(server), scope="openid https://www.googleapis.com/auth/calendar")

    resource(await browser.post(SIGN_UPS, strategy=GOOGLE, token=token(server), code="code-1"))

    user = await user_in(browser)
    read = await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/google")
    (given,) = read.json()
    assert sent(sites, GOOGLE_TOKENS) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "client_id": WEB,
        "client_secret": "secret",
        "redirect_uri": "http://localhost:8787/v1/oauth_callback",
    }
    assert given["token"] == "access-1"
    assert given["scopes"] == ["openid", "https://www.googleapis.com/auth/calendar"]
    assert user["external_accounts"][0]["approved_scopes"] == " ".join(given["scopes"])


@pytest.mark.parametrize(
    ("strategy", "url", "make"), [(APPLE, APPLE_TOKENS, apple_token), (GOOGLE, GOOGLE_TOKENS, token)]
)
async def test_code_alone_signs_up_and_in(
    server: TestServer, sites: StandIn, browser: Browser, strategy: str, url: str, make: Callable[..., str]
) -> None:
    gives(sites, url, make(server))
    other = server.browser()

    up = resource(await browser.post(SIGN_UPS, strategy=strategy, code="code-1"))
    in_ = resource(await other.post(SIGN_INS, strategy=strategy, code="code-2"))

    assert (up["status"], in_["status"]) == ("complete", "complete")
    assert (await user_in(other))["id"] == (await user_in(browser))["id"]


async def test_code_connects_an_account(server: TestServer, sites: StandIn, browser: Browser) -> None:
    gives(sites, APPLE_TOKENS, apple_token(server))
    await browser.sign_up("grace+clerk_test@example.com")

    connected = resource(await browser.post("/v1/me/external_accounts", strategy=APPLE, code="code-1"))

    assert connected["provider_user_id"] == "1234"
    assert (await kept(server)).refresh_token == "refresh-1"


async def test_code_that_is_refused_does_not_sign_in_by_itself(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    sites.on("POST", APPLE_TOKENS, lambda _: {"error": "invalid_grant"})

    refused = await browser.post(SIGN_UPS, strategy=APPLE, code="code-1")

    assert error_of(refused)[:2] == (400, "oauth_token_exchange_error")
    assert (await client_of(browser) or {"sessions": []})["sessions"] == []


@pytest.mark.parametrize("answer", [{"error": "invalid_grant"}, {"access_token": "access-1"}], ids=str)
async def test_code_that_is_refused_does_not_stand_in_the_way_of_a_good_token(
    server: TestServer, sites: StandIn, browser: Browser, answer: dict[str, str]
) -> None:
    sites.on("POST", APPLE_TOKENS, lambda _: answer)

    done = resource(await browser.post(SIGN_UPS, strategy=APPLE, token=apple_token(server), code="code-1"))

    assert done["status"] == "complete"
    assert await rows(server) == []


async def test_code_of_another_person_than_the_token_is_refused(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    gives(sites, APPLE_TOKENS, apple_token(server, sub="5678"))

    refused = await browser.post(SIGN_UPS, strategy=APPLE, token=apple_token(server), code="code-1")

    assert error_of(refused)[:2] == (400, "oauth_fetch_user_error")
    assert await rows(server) == []


async def test_token_for_another_app_is_not_accepted_for_a_code(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    gives(sites, APPLE_TOKENS, apple_token(server, aud="com.example.web"))

    refused = await browser.post(SIGN_UPS, strategy=APPLE, code="code-1")

    assert error_of(refused)[:2] == (400, "oauth_token_exchange_error")


async def test_nonce_is_demanded_of_a_code_that_is_alone(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    gives(sites, APPLE_TOKENS, apple_token(server, nonce="one"))

    wrong = await browser.post(SIGN_UPS, strategy=APPLE, code="code-1", nonce="two")
    right = resource(await browser.post(SIGN_UPS, strategy=APPLE, code="code-1", nonce="one"))

    assert error_of(wrong)[:2] == (400, "oauth_fetch_user_error")
    assert right["status"] == "complete"


async def test_one_tap_takes_no_code(server: TestServer, sites: StandIn, browser: Browser) -> None:
    gives(sites, GOOGLE_TOKENS, token(server))

    refused = await browser.post(SIGN_UPS, strategy=ONE_TAP, code="code-1")

    assert error_of(refused)[0] == 422


async def test_tokens_are_refreshed_and_revoked_as_the_apps(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    gives(sites, APPLE_TOKENS, apple_token(server))
    await browser.post(SIGN_UPS, strategy=APPLE, token=apple_token(server), code="code-1")
    user = await user_in(browser)
    sites.received.clear()
    server.clock.advance(seconds=HOUR)
    gives(sites, APPLE_TOKENS, None, access_token="access-2")
    revoked: list[Received] = []
    sites.on("POST", APPLE_REVOCATION, lambda request: revoked.append(request) or {})

    read = await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/apple")
    refreshed = sent(sites, APPLE_TOKENS)
    await server.backend().delete(f"/v1/users/{user['id']}")
    await server.app.revoker.revoke_due()

    forms = [{name: values[0] for name, values in parse_qs(one.body.decode()).items()} for one in revoked]
    assert read.json()[0]["token"] == "access-2"
    assert (refreshed["client_id"], secret_of(refreshed)["sub"]) == (BUNDLE, BUNDLE)
    assert {one["client_id"] for one in forms} == {BUNDLE}
    assert [one["token"] for one in forms] == ["refresh-1", "access-2"]


async def test_app_brings_the_token_to_a_sign_in_that_was_begun_without(
    server: TestServer, sites: StandIn, browser: Browser
) -> None:
    await server.browser().post(SIGN_UPS, strategy=APPLE, token=apple_token(server))
    begun = resource(await browser.post(SIGN_INS))

    path = f"{SIGN_INS}/{begun['id']}/attempt_first_factor"
    done = resource(await browser.post(path, strategy=APPLE, token=apple_token(server)))

    assert done["status"] == "complete"
