"""ID tokens that pages and apps bring along: Google One Tap, and native sign-in with Google and Apple."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from greffier.server.strategies.oauth import discovery
from tests.server.strategies.oauth.flows import client_of, resource
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.stand_in import StandIn, stand_in

WEB, IPHONE, BUNDLE = "web-client.apps.example", "iphone-client.apps.example", "com.example.app"
ONE_TAP, GOOGLE, APPLE = "google_one_tap", "oauth_token_google", "oauth_token_apple"
SIGN_INS, SIGN_UPS = "/v1/client/sign_ins", "/v1/client/sign_ups"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"})
GOOGLE_SETTINGS = {
    "provider": "google",
    "enabled": True,
    "client_id": WEB,
    "client_secret": "secret",
    "native_client_ids": [IPHONE],
}
APPLE_SETTINGS = GOOGLE_SETTINGS | {
    "provider": "apple",
    "client_id": "com.example.web",
    "native_client_ids": [BUNDLE],
}

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def running_sites() -> Iterator[StandIn]:
    with stand_in() as sites:
        yield sites


@pytest.fixture
async def browser(server: TestServer, running_sites: StandIn, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Of an instance with Google and Apple, whose keys are at the stand-in."""
    running_sites.reset()
    running_sites.reached_by(monkeypatch)
    monkeypatch.setattr(discovery, "_kept", {})
    document = {
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": "https://oauth2.googleapis.com/token",
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
    }
    running_sites.on(
        "GET", "https://accounts.google.com/.well-known/openid-configuration", lambda _: document
    )
    for url in (document["jwks_uri"], "https://appleid.apple.com/auth/keys"):
        running_sites.on("GET", url, lambda _: {"keys": [KEY.as_dict(private=False)]})
    await configure(server, {"social": [GOOGLE_SETTINGS, APPLE_SETTINGS]})
    return server.browser()


def token(server: TestServer, key: RSAKey = KEY, **changed: Any) -> str:
    now = server.clock.now_ms() // 1000
    claims = {
        "iss": "https://accounts.google.com",
        "aud": WEB,
        "azp": WEB,
        "sub": "1234",
        "email": "ada@example.com",
        "email_verified": True,
        "given_name": "Ada",
        "family_name": "Lovelace",
        "iat": now,
        "exp": now + 3600,
    }
    given = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "k1"}, given, key)


def apple_token(server: TestServer, **changed: Any) -> str:
    apple: dict[str, Any] = {
        "iss": "https://appleid.apple.com",
        "aud": BUNDLE,
        "azp": None,
        "email_verified": "true",
    }
    return token(server, **apple | changed)


async def account_of(browser: Browser) -> dict[str, Any]:
    (session,) = (await client_of(browser))["sessions"]
    (account,) = session["user"]["external_accounts"]
    return account


async def test_environment_names_the_client_for_one_tap(server: TestServer, browser: Browser) -> None:
    shown = (await browser.get("/v1/environment")).json()["display_config"]
    await configure(server, {"social": [GOOGLE_SETTINGS | {"one_tap": False}]})
    hidden = (await server.browser().get("/v1/environment")).json()["display_config"]

    assert (shown["google_one_tap_client_id"], hidden["google_one_tap_client_id"]) == (WEB, None)


async def test_token_of_a_new_person_is_refused_and_then_signs_up(
    server: TestServer, browser: Browser
) -> None:
    proof = {"strategy": ONE_TAP, "token": token(server)}

    refused = error_of(await browser.post(SIGN_INS, **proof))
    done = resource(await browser.post(SIGN_UPS, **proof))

    assert refused[:2] == (404, "external_account_not_found")
    assert done["status"] == "complete"
    account = await account_of(browser)
    assert (account["provider"], account["provider_user_id"]) == ("oauth_google", "1234")
    assert (await client_of(browser))["last_authentication_strategy"] == ONE_TAP


@pytest.mark.parametrize("strategy", [ONE_TAP, GOOGLE])
async def test_token_signs_a_user_in(server: TestServer, browser: Browser, strategy: str) -> None:
    await browser.post(SIGN_UPS, strategy=ONE_TAP, token=token(server))
    other = server.browser()

    done = resource(await other.post(SIGN_INS, strategy=strategy, token=token(server)))

    assert done["status"] == "complete"
    assert (await account_of(other))["provider_user_id"] == "1234"


async def test_token_of_a_user_is_offered_by_a_sign_up_to_a_sign_in(
    server: TestServer, browser: Browser
) -> None:
    await browser.post(SIGN_UPS, strategy=GOOGLE, token=token(server))
    other = server.browser()

    begun = resource(await other.post(SIGN_UPS, strategy=GOOGLE, token=token(server)))
    done = resource(await other.post(SIGN_INS, transfer=True))

    assert begun["verifications"]["external_account"]["status"] == "transferable"
    assert done["status"] == "complete"


async def test_token_of_a_user_makes_no_second_one_by_one_tap(server: TestServer, browser: Browser) -> None:
    await browser.post(SIGN_UPS, strategy=ONE_TAP, token=token(server))

    refused = await server.browser().post(SIGN_UPS, strategy=ONE_TAP, token=token(server))

    assert error_of(refused)[1] == "external_account_exists"


async def test_token_of_a_new_person_in_an_app_is_offered_to_a_sign_up(
    server: TestServer, browser: Browser
) -> None:
    begun = resource(await browser.post(SIGN_INS, strategy=APPLE, token=apple_token(server)))
    done = resource(await browser.post(SIGN_UPS, transfer=True, first_name="Augusta"))

    assert begun["first_factor_verification"]["status"] == "transferable"
    assert done["status"] == "complete"
    assert (await account_of(browser))["provider"] == "oauth_apple"
    assert (await client_of(browser))["sessions"][0]["user"]["first_name"] == "Augusta"


async def test_address_of_a_token_is_verified_by_its_site(server: TestServer, browser: Browser) -> None:
    await browser.post(SIGN_UPS, strategy=ONE_TAP, token=token(server))

    (address,) = (await client_of(browser))["sessions"][0]["user"]["email_addresses"]
    assert address["verification"]["strategy"] == "from_oauth_google"


@pytest.mark.parametrize("path", [SIGN_INS, SIGN_UPS])
@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"azp": "another-client"},
        {"aud": [WEB, "another-client"], "azp": None},
        {"iss": "https://accounts.google.com.evil.example"},
        {"exp": 1_700_000_000},
        {"iat": 9_700_000_000},
        {"sub": None},
    ],
    ids=str,
)
async def test_wrong_token_of_one_tap_is_refused(
    server: TestServer, browser: Browser, path: str, changed: dict[str, Any]
) -> None:
    refused = await browser.post(path, strategy=ONE_TAP, token=token(server, **changed))

    assert error_of(refused)[:2] == (400, "google_one_tap_token_invalid")
    assert (await client_of(browser) or {"sessions": []})["sessions"] == []


@pytest.mark.parametrize("strategy", [ONE_TAP, GOOGLE, APPLE])
async def test_token_that_another_key_has_signed_is_refused(
    server: TestServer, browser: Browser, strategy: str
) -> None:
    refused = await browser.post(SIGN_INS, strategy=strategy, token=token(server, OTHER_KEY))

    assert error_of(refused)[0] == 400


async def test_token_without_a_signature_is_refused(server: TestServer, browser: Browser) -> None:
    _, payload, _ = token(server).split(".")

    refused = await browser.post(SIGN_INS, strategy=ONE_TAP, token=f"eyJhbGciOiJub25lIn0.{payload}.")

    assert error_of(refused)[:2] == (400, "google_one_tap_token_invalid")


async def test_token_of_google_is_none_of_apple(server: TestServer, browser: Browser) -> None:
    refused = await browser.post(SIGN_INS, strategy=APPLE, token=token(server, aud=BUNDLE, azp=None))

    assert error_of(refused)[0] == 400


async def test_token_for_a_native_app_names_that_app(server: TestServer, browser: Browser) -> None:
    by_app = token(server, azp=IPHONE)

    done = resource(await browser.post(SIGN_UPS, strategy=GOOGLE, token=by_app))

    assert done["status"] == "complete"


async def test_token_with_a_nonce_needs_that_nonce_where_the_app_sends_one(
    server: TestServer, browser: Browser
) -> None:
    proof = {"strategy": APPLE, "token": apple_token(server, nonce=hashlib.sha256(b"one").hexdigest())}

    wrong = await browser.post(SIGN_UPS, **proof, nonce="two")
    right = resource(await browser.post(SIGN_UPS, **proof, nonce="one"))

    assert error_of(wrong)[0] == 400
    assert right["status"] == "complete"


async def test_token_is_needed(browser: Browser) -> None:
    assert error_of(await browser.post(SIGN_INS, strategy=ONE_TAP))[0] == 422


async def test_strategies_are_off_without_their_settings(server: TestServer, browser: Browser) -> None:
    off: dict[str, Any] = {"one_tap": False, "native_client_ids": []}
    await configure(server, {"social": [GOOGLE_SETTINGS | off, APPLE_SETTINGS | off]})

    for strategy in (ONE_TAP, GOOGLE, APPLE):
        refused = await server.browser().post(SIGN_INS, strategy=strategy, token=token(server))
        assert error_of(refused)[:2] == (400, "oauth_provider_not_enabled")


async def test_sub_address_is_refused_where_the_connection_blocks_them(
    server: TestServer, browser: Browser
) -> None:
    await configure(server, {"social": [GOOGLE_SETTINGS | {"block_email_subaddresses": True}]})

    refused = await browser.post(SIGN_UPS, strategy=ONE_TAP, token=token(server, email="ada+2@example.com"))

    assert error_of(refused)[0] == 403


async def test_account_is_connected_by_a_token(server: TestServer, browser: Browser) -> None:
    await browser.sign_up("grace+clerk_test@example.com")

    connected = resource(
        await browser.post("/v1/me/external_accounts", strategy=APPLE, token=apple_token(server))
    )

    assert (connected["provider"], connected["provider_user_id"]) == ("oauth_apple", "1234")
    assert (await account_of(browser))["verification"]["status"] == "verified"


async def test_account_of_another_user_is_not_connected_by_a_token(
    server: TestServer, browser: Browser
) -> None:
    await server.browser().post(SIGN_UPS, strategy=GOOGLE, token=token(server))
    await browser.sign_up("grace+clerk_test@example.com")

    refused = await browser.post("/v1/me/external_accounts", strategy=GOOGLE, token=token(server))

    assert error_of(refused)[:2] == (400, "oauth_identification_claimed")
    assert (await client_of(browser))["sessions"][0]["user"]["external_accounts"] == []
