"""Signing up and in with the npm package `oidc-provider`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.server.strategies.oauth.flows import (
    BACK,
    DONE,
    begin_sign_in,
    begin_sign_up,
    client_of,
    land,
    resource,
    url_in,
)
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.oidc_provider import ALGORITHMS, OidcProvider, Person, oidc_provider, social

# What is tested lies between two servers; the database is the same to both.
pytestmark = [pytest.mark.sdk, pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)]

STRATEGY = "oauth_custom_intranet"
CALLBACK = "http://localhost:8787/v1/oauth_callback"


@pytest.fixture(scope="module")
def running() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture
async def provider(running: OidcProvider, server: TestServer) -> OidcProvider:
    issuer = running.configure(CALLBACK)
    await configure(server, {"social": [social(issuer)]})
    return running


async def sign_up(browser: Browser, person: Person) -> str:
    """The page at the end."""
    begun = await begin_sign_up(browser, strategy=STRATEGY)
    page, _ = await land(browser, person.answer(url_in(begun)))
    return page


async def userinfo(issuer: str, access_token: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"{issuer}/me", headers={"authorization": f"Bearer {access_token}"})


async def error_of_sign_in(browser: Browser, person: Person) -> str:
    """The code of the error that the page finds after a sign-in."""
    begun = await begin_sign_in(browser, strategy=STRATEGY)
    page, _ = await land(browser, person.answer(url_in(begun)))
    assert page == BACK
    assert (await client_of(browser))["sessions"] == []
    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))
    return shown["first_factor_verification"]["error"]["code"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_person_signs_up_and_in_whatever_key_signs_the_id_token(
    server: TestServer, provider: OidcProvider, algorithm: str
) -> None:
    provider.configure(CALLBACK, algorithm=algorithm)
    ada, browser = Person("ada@example.com"), server.browser()

    assert await sign_up(browser, ada) == DONE
    (session,) = (await client_of(browser))["sessions"]
    again = server.browser()
    begun = await begin_sign_in(again, strategy=STRATEGY)
    page, _ = await land(again, ada.answer(url_in(begun)))

    assert page == DONE
    assert (await client_of(again))["sessions"][0]["user"]["id"] == session["user"]["id"]
    (account,) = session["user"]["external_accounts"]
    assert (account["provider_user_id"], account["first_name"]) == ("ada@example.com", "Ada")
    assert account["approved_scopes"] == "openid profile email"
    assert session["user"]["email_addresses"][0]["verification"]["status"] == "verified"


async def test_keys_are_asked_for_again_after_they_were_rotated(
    server: TestServer, provider: OidcProvider
) -> None:
    assert await sign_up(server.browser(), Person("ada@example.com")) == DONE
    provider.configure(CALLBACK, keys=[f"RS256-{uuid4()}", *ALGORITHMS])
    server.clock.advance(seconds=61)

    assert await sign_up(server.browser(), Person("grace@example.com")) == DONE


async def test_id_token_signed_with_the_secret_of_the_client_is_refused(
    server: TestServer, provider: OidcProvider
) -> None:
    provider.configure(CALLBACK, algorithm="HS256")

    assert await error_of_sign_in(server.browser(), Person("ada@example.com")) == "oauth_fetch_user_error"


async def test_encrypted_id_token_is_refused(server: TestServer, provider: OidcProvider) -> None:
    provider.configure(CALLBACK, encrypted=True)

    assert await error_of_sign_in(server.browser(), Person("ada@example.com")) == "oauth_fetch_user_error"


async def test_consent_that_is_denied_at_the_provider_is_told(
    server: TestServer, provider: OidcProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser, strategy=STRATEGY)
    answer = Person("ada@example.com").answer(url_in(begun), consents=False)
    assert parse_qs(urlsplit(answer).query)["error"] == ["access_denied"]

    page, _ = await land(browser, answer)

    assert page == BACK
    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))
    assert shown["first_factor_verification"]["error"]["code"] == "oauth_access_denied"


async def test_prompt_shows_the_login_again_and_the_hint_is_filled_in(
    server: TestServer, provider: OidcProvider
) -> None:
    ada = Person("ada@example.com")
    assert await sign_up(server.browser(), ada) == DONE

    asked = {"oidc_prompt": "login", "oidc_login_hint": "hint@example.com"}
    ada.answer(url_in(await begin_sign_in(server.browser(), strategy=STRATEGY, **asked)))
    assert 'value="hint@example.com"' in ada.pages[0]

    ada.answer(url_in(await begin_sign_in(server.browser(), strategy=STRATEGY)))
    assert ada.pages == []


async def test_prompt_that_the_provider_cannot_answer_silently_is_told(
    server: TestServer, provider: OidcProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser, strategy=STRATEGY, oidc_prompt="none")
    answer = Person("ada@example.com").answer(url_in(begun))
    assert parse_qs(urlsplit(answer).query)["error"] == ["login_required"]

    page, _ = await land(browser, answer)

    assert page == BACK
    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))
    assert shown["first_factor_verification"]["error"]["code"] == "oauth_access_denied"


async def test_provider_without_code_challenge_refuses_to_ask_the_person(
    server: TestServer, provider: OidcProvider
) -> None:
    await configure(server, {"social": [social(provider.issuer, pkce=False)]})
    begun = await begin_sign_in(server.browser(), strategy=STRATEGY)

    answer = Person("ada@example.com").answer(url_in(begun))

    assert parse_qs(urlsplit(answer).query)["error"] == ["invalid_request"]


async def test_answer_of_one_provider_is_refused_for_another(
    server: TestServer, provider: OidcProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser, strategy=STRATEGY)
    answer = Person("ada@example.com").answer(url_in(begun))
    assert parse_qs(urlsplit(answer).query)["iss"] == [provider.issuer]

    await land(browser, answer.replace("iss=http", "iss=https"))

    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))
    assert shown["first_factor_verification"]["error"]["code"] == "oauth_callback_invalid"


async def test_more_scopes_are_consented_to_and_approved(server: TestServer, provider: OidcProvider) -> None:
    ada, browser = Person("ada@example.com"), server.browser()
    await sign_up(browser, ada)
    (account,) = (await client_of(browser))["sessions"][0]["user"]["external_accounts"]
    path = f"/v1/me/external_accounts/{account['id']}/reauthorize"

    asked = resource(await browser.patch(path, redirect_url=BACK, additional_scope="calendar"))
    await land(browser, ada.answer(asked["verification"]["external_verification_redirect_url"]))

    assert "<li>calendar</li>" in ada.pages[-1]
    (account,) = (await client_of(browser))["sessions"][0]["user"]["external_accounts"]
    assert account["approved_scopes"] == "openid profile email calendar"
    assert account["verification"]["status"] == "verified"


async def test_access_token_is_read_and_refreshed_with_tokens_that_rotate(
    server: TestServer, running: OidcProvider
) -> None:
    issuer = running.configure(CALLBACK)
    await configure(server, {"social": [social(issuer, scopes=["offline_access"])]})
    browser = server.browser()
    begun = await begin_sign_up(browser, strategy=STRATEGY, oidc_prompt="consent")
    await land(browser, Person("ada@example.com").answer(url_in(begun)))
    user = (await client_of(browser))["sessions"][0]["user"]

    async def token() -> str:
        answer = await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/{STRATEGY}")
        (found,) = answer.raise_for_status().json()
        assert found["scopes"] == ["openid", "profile", "email", "offline_access"]
        return found["token"]

    tokens = [await token()]
    for _ in range(2):  # the second time with the refresh token of the first
        server.clock.advance(seconds=2 * 60 * 60)
        tokens.append(await token())

    assert len(set(tokens)) == 3
    described = [(await userinfo(issuer, one)).status_code for one in tokens]
    assert described == [200, 200, 200]
