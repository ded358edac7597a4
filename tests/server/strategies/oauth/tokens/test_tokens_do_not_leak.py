"""No token of a provider is in an answer of the Frontend API, a log or an error."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    begin_sign_in,
    begin_sign_up,
    come_back,
    land,
    resource,
    url_in,
)
from tests.support.configuring import configure
from tests.support.provider_tokens import give_tokens
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider


class Listener:
    """Keeps every answer of browsers, with its headers."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def listen(self, browser: Browser) -> Browser:
        async def hear(response: Any) -> None:
            self.heard.append(f"{response.headers}\n{(await response.aread()).decode(errors='replace')}")

        browser.http.event_hooks["response"].append(hear)
        return browser


async def everything(server: TestServer, provider: OpenIdProvider, listener: Listener) -> dict[str, Any]:
    """Every flow in which tokens come by; returns the user."""
    await configure(server, {"attributes": {"username": {"enabled": True, "required": True}}})
    browser = listener.listen(server.browser())
    begun = await begin_sign_up(browser)
    await come_back(browser, provider, begun)
    await browser.patch(f"/v1/client/sign_ups/{begun['id']}", username="lovelace")
    user = resource(await browser.get("/v1/me"))
    (account,) = user["external_accounts"]
    asked = resource(
        await browser.patch(
            f"/v1/me/external_accounts/{account['id']}/reauthorize",
            redirect_url=BACK,
            additional_scope="calendar",
        )
    )
    await land(browser, provider.authorize(asked["verification"]["external_verification_redirect_url"]))
    other = listener.listen(server.browser())
    await come_back(other, provider, await begin_sign_in(other))
    await other.get("/v1/client")
    await other.get("/v1/environment")
    third = listener.listen(server.browser())
    await third.sign_up("eve+clerk_test@example.com", username="evelyn")
    begun = resource(await third.post("/v1/me/external_accounts", **AWAY))
    await land(third, provider.authorize(begun["verification"]["external_verification_redirect_url"]))
    await third.get("/v1/client")
    await browser.delete(f"/v1/me/external_accounts/{account['id']}/tokens")
    return user


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, but for what the test's own client says of its requests."""
    own = ("httpx", "httpcore")
    return "\n".join(record.getMessage() for record in caplog.records if record.name not in own)


def found(provider: OpenIdProvider, text: str) -> list[str]:
    return [token for token in provider.tokens if token in text]


async def test_no_answer_of_the_frontend_api_has_a_token(
    server: TestServer, provider: OpenIdProvider
) -> None:
    listener = Listener()
    await everything(server, provider, listener)

    assert len(provider.tokens) >= 9
    assert len(listener.heard) > 10
    assert found(provider, "\n".join(listener.heard)) == []


async def test_backend_answers_about_the_user_have_no_token(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await everything(server, provider, Listener())
    backend = server.backend()

    shown = [await backend.get(f"/v1/users/{user['id']}"), await backend.get("/v1/users")]

    assert found(provider, "\n".join(answer.text for answer in shown)) == []


@pytest.mark.parametrize("refuse", [None, "invalid_grant", "server_error"])
async def test_no_log_has_a_token_at_any_level(
    server: TestServer, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture, refuse: str | None
) -> None:
    with caplog.at_level(logging.DEBUG):
        user = await everything(server, provider, Listener())
        (account,) = user["external_accounts"]
        await give_tokens(
            server, account["id"], expire_at=1, access_token="access-old", refresh_token="refresh-old"
        )
        provider.tokens += ["access-old", "refresh-old"]
        provider.refuse = refuse
        provider.allow_refresh("refresh-old")
        read = await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/custom_acme")

    assert found(provider, logged(caplog)) == []
    assert refuse is None or found(provider, read.text) == []
    assert (read.status_code == 200) == (refuse is None)


async def test_answer_of_a_provider_that_repeats_what_was_sent_is_in_no_error_and_no_log(
    server: TestServer, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    provider.refuse = "invalid_request"
    provider.describes = True
    with caplog.at_level(logging.DEBUG):
        await land(browser, provider.authorize(url_in(begun)))

    shown = (await browser.get("/v1/client")).text
    (form,) = provider.exchanges
    for secret in (form["code"], form["code_verifier"], form["client_secret"]):
        assert secret not in shown
        assert secret not in logged(caplog)
