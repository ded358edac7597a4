"""Providers that do not answer as they should: the page reads why, and nothing is half written."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    DONE,
    STRATEGY,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    land,
    resource,
    url_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import Broken, OpenIdProvider

# The provider's answers are the same to every database; what is written of them runs with each below.
SQLITE = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
HTML = (("content-type", "text/html"),)

ANSWERS = {
    "error 500": Broken(b"oops", 500, HTML),
    "error 500 with JSON": Broken(b'{"error": "server_error"}', 500),
    "page": Broken(b"<html><title>Sign in to the network</title></html>", 200, HTML),
    "redirect": Broken(b"", 302, (("location", "http://127.0.0.1:1/"),)),
    "nothing": Broken(b""),
    "list": Broken(b"[]"),
    "text": Broken(b'"text"'),
    "no UTF-8": Broken(b'{"a": "\xff"}'),
    "nesting": Broken(b"[" * 200_000),
    "huge": Broken(b'{"a": "' + b"a" * (2 << 20) + b'"}'),
    "gzip bomb": Broken(
        gzip.compress(b" " * (64 << 20), 1),
        headers=(("content-type", "application/json"), ("content-encoding", "gzip")),
    ),
    "broken gzip": Broken(b"no gzip", headers=(("content-encoding", "gzip"),)),
    "slow": Broken(seconds=20),
}
ENDPOINTS = {
    "/token": "oauth_token_exchange_error",
    "/jwks": "oauth_fetch_user_error",
    "/userinfo": "oauth_fetch_user_error",
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, running_provider: OpenIdProvider) -> Iterator[None]:
    """No document of the provider is known, and an answer has little time."""
    monkeypatch.setattr("greffier.server.strategies.oauth.discovery._kept", {})
    monkeypatch.setattr("greffier.server.strategies.oauth.fetching._SECONDS", 3.0)
    yield
    running_provider.released.set()


async def code_of_error(browser: Browser, begun: dict[str, Any]) -> str:
    """The code of the error that the page reads from the client, in which no session has begun."""
    client = await client_of(browser)
    assert client["sessions"] == []
    assert client["sign_in"]["id"] == begun["id"]
    shown = client["sign_in"]["first_factor_verification"]
    assert shown["status"] == "failed"
    assert shown["error"]["long_message"]
    return shown["error"]["code"]


@SQLITE
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("endpoint", "code"), ENDPOINTS.items())
async def test_broken_answer_of_an_endpoint_is_told_to_the_page(
    server: TestServer, provider: OpenIdProvider, endpoint: str, code: str, answer: str
) -> None:
    provider.broken = {endpoint: ANSWERS[answer]}
    browser = server.browser()
    begun = await begin_sign_in(browser)

    assert await come_back(browser, provider, begun) == BACK
    assert await code_of_error(browser, begun) == code


@SQLITE
@pytest.mark.parametrize("answer", ANSWERS)
async def test_no_browser_is_sent_away_by_a_broken_discovery_document(
    server: TestServer, provider: OpenIdProvider, answer: str
) -> None:
    provider.broken = {"/.well-known/openid-configuration": ANSWERS[answer]}
    browser = server.browser()

    for path in ("/v1/client/sign_ins", "/v1/client/sign_ups"):
        refused = await browser.post(path, **AWAY)
        assert error_of(refused)[:2] == (400, "misconfigured_oauth_provider")
    assert (await client_of(browser) or {}).get("sign_up") is None


@SQLITE
@pytest.mark.parametrize(
    "changes",
    [
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "//evil.example/authorize"},
        {"authorization_endpoint": 5},
        {"token_endpoint": None},
        {"token_endpoint": ["http://127.0.0.1:1/token"]},
        {"userinfo_endpoint": "file:///etc/passwd"},
        {"issuer": None},
    ],
    ids=str,
)
async def test_discovery_document_without_usable_urls_is_refused(
    server: TestServer, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    document = provider.document() | changes
    monkeypatch.setattr(provider, "document", lambda: document)

    refused = await server.browser().post("/v1/client/sign_ins", **AWAY)

    assert error_of(refused)[:2] == (400, "misconfigured_oauth_provider")


@SQLITE
@pytest.mark.parametrize("elsewhere", ["tls", "unknown", "closed"])
async def test_token_endpoint_that_cannot_be_reached_is_told(
    server: TestServer, provider: OpenIdProvider, elsewhere: str
) -> None:
    urls = {
        "tls": provider.url.replace("http:", "https:"),
        "unknown": "http://unknown.invalid",
        "closed": "http://127.0.0.1:1",
    }
    await configure(server, {"social": [social(provider, token_url=f"{urls[elsewhere]}/token")]})
    browser = server.browser()
    begun = await begin_sign_in(browser)

    await come_back(browser, provider, begun)

    assert await code_of_error(browser, begun) == "oauth_token_exchange_error"


@SQLITE
async def test_production_exchanges_no_code_at_a_private_address(
    production: TestServer, running_provider: OpenIdProvider
) -> None:
    running_provider.reset()
    urls = {
        f"{name}_url": f"{running_provider.url}/{name}" for name in ("authorization", "token", "userinfo")
    }
    await configure(production, {"social": [social(running_provider, discovery_url=None, **urls)]})
    app = "https://app.example.com"
    browser = production.browser(origin=app, base_url="https://clerk.example.com")
    away = {"redirect_url": f"{app}/sso-callback", "action_complete_redirect_url": None}
    begun = await begin_sign_in(browser, **away)

    await come_back(browser, running_provider, begun)

    assert running_provider.exchanges == []
    assert await code_of_error(browser, begun) == "oauth_token_exchange_error"


@SQLITE
@pytest.mark.parametrize("error", ["access_denied", "server_error", "invalid_scope", "a\nb", "x" * 5000])
async def test_errors_of_the_provider_are_told_as_denied_access(
    server: TestServer, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    state = parse_qs(urlsplit(url_in(begun)).query)["state"][0]
    answer = {"state": state, "error": error, "error_description": "secret-of-person"}

    page, _ = await land(browser, f"/v1/oauth_callback?{urlencode(answer)}")

    assert page == BACK
    assert await code_of_error(browser, begun) == "oauth_access_denied"
    logged = " ".join(one.getMessage() for one in caplog.records if one.name.startswith("greffier"))
    assert "secret-of-person" not in logged
    assert "a\nb" not in logged
    assert "x" * 100 not in logged


@SQLITE
async def test_callback_that_is_not_registered_is_told_by_the_answer(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    state = parse_qs(urlsplit(url_in(begun)).query)["state"][0]

    await land(browser, f"/v1/oauth_callback?{urlencode({'state': state, 'error': 'redirect_uri_mismatch'})}")

    assert await code_of_error(browser, begun) == "redirect_uri_mismatch"


@SQLITE
@pytest.mark.parametrize("status", [400, 200])
async def test_callback_that_is_not_registered_is_told_by_the_token_endpoint(
    server: TestServer, provider: OpenIdProvider, status: int
) -> None:
    provider.broken["/token"] = Broken(b'{"error": "redirect_uri_mismatch"}', status)
    browser = server.browser()
    begun = await begin_sign_in(browser)

    await come_back(browser, provider, begun)

    assert await code_of_error(browser, begun) == "redirect_uri_mismatch"


@SQLITE
@pytest.mark.parametrize("query", ["", "&code="], ids=["none", "empty"])
async def test_answer_without_a_code_is_refused(
    server: TestServer, provider: OpenIdProvider, query: str
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    state = parse_qs(urlsplit(url_in(begun)).query)["state"][0]

    page, _ = await land(
        browser, f"/v1/oauth_callback?{urlencode({'state': state, 'iss': provider.url})}{query}"
    )

    assert page == BACK
    assert provider.exchanges == []
    assert (await code_of_error(browser, begun)) == "oauth_callback_invalid"


@pytest.mark.parametrize(
    "sub", [None, "", "a\x00b", "a" * 5000, True, [], {}], ids=lambda sub: repr(sub)[:12]
)
async def test_account_without_a_usable_id_is_no_account(
    server: TestServer, provider: OpenIdProvider, sub: Any
) -> None:
    provider.user |= {"sub": sub}
    browser = server.browser()
    begun = await begin_sign_in(browser)

    await come_back(browser, provider, begun)

    assert await code_of_error(browser, begun) == "oauth_fetch_user_error"


@pytest.mark.parametrize("value", ["a\x00b", "a" * 5000, 5, [], {}, True], ids=lambda value: repr(value)[:12])
async def test_unusable_description_of_a_person_does_not_keep_them_out(
    server: TestServer, provider: OpenIdProvider, value: Any
) -> None:
    names = ("given_name", "family_name", "preferred_username", "picture", "name")
    provider.user |= dict.fromkeys(names, value)
    browser = server.browser()

    assert await come_back(browser, provider, await begin_sign_up(browser)) == DONE

    (session,) = (await client_of(browser))["sessions"]
    (account,) = session["user"]["external_accounts"]
    assert {account["last_name"], account["username"], account["image_url"]} <= {"", None, "5"}


async def test_picture_that_is_a_script_is_not_shown(server: TestServer, provider: OpenIdProvider) -> None:
    provider.user |= {"picture": "javascript:alert(1)"}
    browser = server.browser()

    assert await come_back(browser, provider, await begin_sign_up(browser)) == DONE

    (session,) = (await client_of(browser))["sessions"]
    assert session["user"]["external_accounts"][0]["image_url"] is None


@pytest.mark.parametrize(
    "address", ["nonsense", "@", "a@b@c", "a\x00@b.example", "a" * 300 + "@b.example", 5, ["a@b.example"]]
)
async def test_unusable_address_is_asked_for_like_an_absent_one(
    server: TestServer, provider: OpenIdProvider, address: Any
) -> None:
    provider.user |= {"email": address}
    browser = server.browser()

    assert await come_back(browser, provider, await begin_sign_up(browser)) == BACK

    sign_up = (await client_of(browser))["sign_up"]
    assert sign_up["verifications"]["external_account"]["status"] == "verified"
    assert sign_up["missing_fields"] == ["email_address"]


@pytest.mark.parametrize(
    "answer",
    [
        {"scope": ["openid", 5, None]},
        {"scope": "a\x00b openid"},
        {"scope": 7},
        {"expires_in": 1e300},
        {"expires_in": "never"},
        {"expires_in": -1},
        {"refresh_token": {}},
        {"token_type": 5},
    ],
    ids=str,
)
async def test_odd_members_of_the_token_answer_do_not_keep_a_person_out(
    server: TestServer, provider: OpenIdProvider, answer: dict[str, Any]
) -> None:
    provider.token_answer = answer
    browser = server.browser()

    assert await come_back(browser, provider, await begin_sign_up(browser)) == DONE


@SQLITE
async def test_strategies_that_an_instance_does_not_have_say_why(
    server: TestServer, provider: OpenIdProvider
) -> None:
    entries = [
        {"provider": "custom_off"},
        {"provider": "gone", "enabled": True},
        social(provider, authenticatable=False),
    ]
    await configure(server, {"social": entries})
    expected = {
        "oauth_github": "oauth_provider_not_enabled",
        "oauth_custom_off": "oauth_provider_not_enabled",
        "oauth_gone": "oauth_unsupported_provider",
        "oauth_nonsense": "oauth_unsupported_provider",
        "oauth_custom_nonsense": "oauth_unsupported_provider",
        STRATEGY: "oauth_non_authenticatable_provider",
    }

    for path in ("/v1/client/sign_ins", "/v1/client/sign_ups"):
        browser = server.browser()
        answers = {
            strategy: error_of(await browser.post(path, **(AWAY | {"strategy": strategy})))
            for strategy in expected
        }
        assert {strategy: answer[:2] for strategy, answer in answers.items()} == {
            strategy: (400, code) for strategy, code in expected.items()
        }


@SQLITE
@pytest.mark.parametrize("begin", [begin_sign_in, begin_sign_up])
async def test_provider_that_signs_in_no_more_does_not_at_its_callback(
    server: TestServer, provider: OpenIdProvider, begin: Any
) -> None:
    browser = server.browser()
    begun = await begin(browser)
    await configure(server, {"social": [social(provider, authenticatable=False)]})

    assert await come_back(browser, provider, begun) == BACK

    client = await client_of(browser)
    assert client["sessions"] == []
    path = "sign_ins" if begin is begin_sign_in else "sign_ups"
    shown = resource(await browser.get(f"/v1/client/{path}/{begun['id']}"))
    verification = shown.get("first_factor_verification") or shown["verifications"]["external_account"]
    assert verification["error"]["code"] == "oauth_non_authenticatable_provider"
