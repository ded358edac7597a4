"""Native apps that send a browser of the device to a provider, and go on with the nonce that it brings."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import STRATEGY, land, resource, url_in
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import TEST_CODE, TestServer
from tests.support.services.openid_provider import OpenIdProvider

APP_URL = "exp://192.0.2.9:8081/--/sso-callback"
SIGN_INS, SIGN_UPS = "/v1/client/sign_ins", "/v1/client/sign_ups"

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


class App:
    """A native app: it keeps its client's token itself."""

    def __init__(self, server: TestServer, base_url: str = "http://localhost:8787") -> None:
        self.token = ""
        self._http = server.browser(origin=None, base_url=base_url)

    async def call(self, method: str, path: str, data: Any = None, **query: str) -> httpx.Response:
        headers = {"authorization": self.token}
        response = await self._http.call(
            method, path, data, query={"_is_native": "1", **query}, headers=headers
        )
        self.token = response.headers.get("authorization", self.token)
        return response

    async def begin(self, path: str, url: str = APP_URL) -> httpx.Response:
        fields = {"strategy": STRATEGY, "redirect_url": url, "action_complete_redirect_url": url}
        return await self.call("POST", path, fields)

    async def sessions(self) -> list[Any]:
        return (await self.call("GET", "/v1/client")).json()["response"]["sessions"]


async def consent(server: TestServer, provider: OpenIdProvider, begun: dict[str, Any]) -> dict[str, str]:
    """The query with which the device's browser opens the app, once its person has consented."""
    page, query = await land(server.browser(), provider.authorize(url_in(begun)))
    assert page == APP_URL
    return query


async def sign_up(server: TestServer, provider: OpenIdProvider) -> App:
    app = App(server)
    begun = resource(await app.begin(SIGN_UPS))
    query = await consent(server, provider, begun)
    done = await app.call("GET", f"{SIGN_UPS}/{begun['id']}", **query)
    assert resource(done)["status"] == "complete"
    return app


async def test_app_signs_up_and_in_with_the_nonce(server: TestServer, provider: OpenIdProvider) -> None:
    first = await sign_up(server, provider)
    app = App(server)
    begun = resource(await app.begin(SIGN_INS))
    before = app.token

    query = await consent(server, provider, begun)
    done = resource(await app.call("GET", f"{SIGN_INS}/{begun['id']}", **query))

    assert query.keys() == {"rotating_token_nonce"}
    assert done["status"] == "complete"
    assert app.token != before
    (session,) = await app.sessions()
    assert session["user"]["id"] == (await first.sessions())[0]["user"]["id"]


async def test_new_person_in_an_app_goes_on_to_a_sign_up(
    server: TestServer, provider: OpenIdProvider
) -> None:
    app = App(server)
    begun = resource(await app.begin(SIGN_INS))
    query = await consent(server, provider, begun)

    shown = resource(await app.call("GET", f"{SIGN_INS}/{begun['id']}", **query))
    done = resource(await app.call("POST", SIGN_UPS, {"transfer": True}))

    assert shown["first_factor_verification"]["status"] == "transferable"
    assert done["status"] == "complete"


async def test_app_that_began_is_not_signed_in_by_the_consent_of_another_device(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server, provider)
    attacker = App(server)
    begun = resource(await attacker.begin(SIGN_INS))
    await consent(server, provider, begun)

    shown = resource(await attacker.call("GET", f"{SIGN_INS}/{begun['id']}"))
    guessed = resource(await attacker.call("GET", f"{SIGN_INS}/{begun['id']}", rotating_token_nonce="guess"))

    assert (shown["status"], guessed["status"]) == ("needs_identifier", "needs_identifier")
    assert shown["first_factor_verification"]["status"] == "unverified"
    assert await attacker.sessions() == []


async def test_sign_up_takes_no_account_before_the_nonce(
    server: TestServer, provider: OpenIdProvider
) -> None:
    attacker = App(server)
    begun = resource(await attacker.begin(SIGN_UPS))
    await consent(server, provider, begun)
    path = f"{SIGN_UPS}/{begun['id']}"

    own = {"email_address": "eve+clerk_test@example.com", "password": "correct horse battery staple"}
    await attacker.call("PATCH", path, own)
    await attacker.call("POST", f"{path}/prepare_verification", {"strategy": "email_code"})
    code = {"strategy": "email_code", "code": TEST_CODE}
    done = resource(await attacker.call("POST", f"{path}/attempt_verification", code))

    assert done["status"] == "complete"
    (session,) = await attacker.sessions()
    assert session["user"]["external_accounts"] == []


async def test_nonce_of_another_app_does_nothing(server: TestServer, provider: OpenIdProvider) -> None:
    await sign_up(server, provider)
    attacker, victim = App(server), App(server)
    begun = resource(await attacker.begin(SIGN_INS))
    own = resource(await victim.begin(SIGN_INS))
    query = await consent(server, provider, begun)

    shown = resource(await victim.call("GET", f"{SIGN_INS}/{own['id']}", **query))

    assert shown["status"] == "needs_identifier"
    assert await victim.sessions() == []


async def test_nonce_is_used_once_and_is_no_state(server: TestServer, provider: OpenIdProvider) -> None:
    await sign_up(server, provider)
    app = App(server)
    begun = resource(await app.begin(SIGN_INS))
    query = await consent(server, provider, begun)
    path = f"{SIGN_INS}/{begun['id']}"
    await app.call("GET", path, **query)
    after = app.token

    again = resource(await app.call("GET", path, **query))
    as_state = await server.browser().http.get(
        f"/v1/oauth_callback?{urlencode({'state': query['rotating_token_nonce'], 'code': 'x'})}"
    )

    assert (again["status"], app.token) == ("complete", after)
    assert len(await app.sessions()) == 1
    assert as_state.status_code == 400


async def test_nonce_that_comes_too_late_signs_no_user_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server, provider)
    app = App(server)
    begun = resource(await app.begin(SIGN_INS))
    query = await consent(server, provider, begun)
    server.clock.advance(seconds=601)

    await app.call("GET", f"{SIGN_INS}/{begun['id']}", **query)

    assert await app.sessions() == []


async def test_denied_consent_is_told_in_the_url_of_the_app(
    server: TestServer, provider: OpenIdProvider
) -> None:
    app = App(server)
    begun = resource(await app.begin(SIGN_INS))
    state = parse_qs(urlsplit(url_in(begun)).query)["state"][0]

    page, query = await land(
        server.browser(), f"/v1/oauth_callback?{urlencode({'state': state, 'error': 'access_denied'})}"
    )

    assert page == APP_URL
    assert query == {"__clerk_status": "failed", "__clerk_error_code": "oauth_access_denied"}
    shown = resource(await app.call("GET", f"{SIGN_INS}/{begun['id']}"))
    assert shown["first_factor_verification"]["error"]["code"] == "oauth_access_denied"


async def test_banned_user_is_told_by_the_sign_in(server: TestServer, provider: OpenIdProvider) -> None:
    first = await sign_up(server, provider)
    user_id = (await first.sessions())[0]["user"]["id"]
    await server.backend().post(f"/v1/users/{user_id}/ban")
    app = App(server)
    begun = resource(await app.begin(SIGN_INS))
    query = await consent(server, provider, begun)

    shown = resource(await app.call("GET", f"{SIGN_INS}/{begun['id']}", **query))

    assert shown["first_factor_verification"]["error"]["code"] == "user_banned"
    assert await app.sessions() == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://evil.example/", "app"]
)
async def test_app_is_returned_to_no_scheme_of_browsers(
    server: TestServer, provider: OpenIdProvider, url: str
) -> None:
    refused = await App(server).begin(SIGN_INS, url)

    assert error_of(refused)[0] == 422


async def test_pages_are_not_returned_to_apps(server: TestServer, provider: OpenIdProvider) -> None:
    refused = await server.browser().post(SIGN_INS, strategy=STRATEGY, redirect_url=APP_URL)

    assert error_of(refused)[0] == 422


async def test_production_returns_to_listed_urls_alone(
    production: TestServer, running_provider: OpenIdProvider
) -> None:
    running_provider.reset()
    listed, other = "com.example.app:/callback", "com.example.other:/callback"
    settings = {
        "social": [social(running_provider, private_addresses=True)],
        "native": {"redirect_urls": [listed]},
    }
    await configure(production, settings)
    url = "https://clerk.example.com"

    refused = await App(production, url).begin(SIGN_INS, other)
    accepted = await App(production, url).begin(SIGN_INS, f"{listed}?from=sign-in")

    assert error_of(refused)[0] == 422
    assert accepted.status_code == 200
