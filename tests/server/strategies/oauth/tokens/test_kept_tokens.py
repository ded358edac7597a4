"""The tokens of providers are kept with the account, encrypted."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from greffier.server.crypto.encryption import Encryption
from greffier.server.jobs.retention_rules import DAY
from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    land,
    resource,
    sign_up,
    url_in,
)
from tests.server.strategies.oauth.tokens.stored import content, kept, rows
from tests.support.configuring import configure
from tests.support.server import DEVELOPMENT, Browser, TestServer, running
from tests.support.services.openid_provider import OpenIdProvider


async def reauthorize(browser: Browser, provider: OpenIdProvider, *scopes: str) -> dict[str, Any]:
    """The account, which has been asked for more scopes."""
    (session,) = (await client_of(browser))["sessions"]
    (account,) = session["user"]["external_accounts"]
    path = f"/v1/me/external_accounts/{account['id']}/reauthorize"
    asked = resource(
        await browser.call("PATCH", path, {"redirect_url": BACK, "additional_scope[]": list(scopes)})
    )
    await land(browser, provider.authorize(asked["verification"]["external_verification_redirect_url"]))
    (session,) = (await client_of(browser))["sessions"]
    return session["user"]["external_accounts"][0]


async def test_tokens_are_kept_after_a_sign_up(server: TestServer, provider: OpenIdProvider) -> None:
    await sign_up(server.browser(), provider)

    tokens = await kept(server)

    assert [tokens.access_token, tokens.id_token, tokens.refresh_token] == provider.tokens
    assert tokens.scopes == ("openid", "profile", "email")
    assert tokens.expire_at is not None
    assert 3500_000 < tokens.expire_at - server.clock.now_ms() <= 3600_000


async def test_no_token_is_in_the_database_in_clear(server: TestServer, provider: OpenIdProvider) -> None:
    browser = server.browser()
    await sign_up(browser, provider)
    await reauthorize(browser, provider, "calendar")

    stored = await content(server)

    assert len(provider.tokens) == 6
    assert [token for token in provider.tokens if token in stored] == []


async def test_sign_in_replaces_the_tokens(server: TestServer, provider: OpenIdProvider) -> None:
    await sign_up(server.browser(), provider)
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_in(browser))

    tokens = await kept(server)
    assert [tokens.access_token, tokens.id_token, tokens.refresh_token] == provider.tokens[3:]
    assert len(await rows(server)) == 1


async def test_refresh_token_that_a_provider_gives_once_stays(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    provider.gives_refresh_tokens = False
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_in(browser))

    tokens = await kept(server)
    assert (tokens.access_token, tokens.refresh_token) == (provider.tokens[3], provider.tokens[2])


async def test_tokens_for_more_scopes_replace_those_for_fewer(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await sign_up(browser, provider)

    await reauthorize(browser, provider, "calendar")

    tokens = await kept(server)
    assert tokens.access_token == provider.tokens[3]
    assert tokens.scopes == ("openid", "profile", "email", "calendar")


async def test_tokens_of_a_sign_in_do_not_replace_those_for_more_scopes(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await sign_up(browser, provider)
    account = await reauthorize(browser, provider, "calendar")
    other = server.browser()

    await come_back(other, provider, await begin_sign_in(other))

    tokens = await kept(server)
    assert tokens.access_token == provider.tokens[3]
    assert " ".join(tokens.scopes) == account["approved_scopes"]


async def test_scopes_are_those_that_were_asked_for_where_the_provider_tells_none(
    server: TestServer, provider: OpenIdProvider
) -> None:
    provider.tells_scopes = False
    browser = server.browser()
    await sign_up(browser, provider)

    account = await reauthorize(browser, provider, "calendar", "contacts")

    assert account["approved_scopes"] == "openid profile email calendar contacts"
    assert (await kept(server)).scopes[-2:] == ("calendar", "contacts")


async def test_tokens_are_given_to_a_user_whose_sign_up_was_completed_later(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"attributes": {"username": {"enabled": True, "required": True}}})
    browser = server.browser()
    begun = await begin_sign_up(browser)
    await come_back(browser, provider, begun)
    assert [row.account_id for row in await rows(server)] == [None]

    await browser.patch(f"/v1/client/sign_ups/{begun['id']}", username="lovelace")

    assert (await kept(server)).access_token == provider.tokens[0]


async def test_tokens_are_kept_when_a_sign_in_becomes_a_sign_up(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_in(browser))

    await browser.post("/v1/client/sign_ups", transfer="true")

    assert (await kept(server)).access_token == provider.tokens[0]


async def test_tokens_are_kept_for_an_account_that_is_connected_in_the_profile(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await browser.sign_up("grace+clerk_test@example.com")
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))

    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    assert (await kept(server)).access_token == provider.tokens[0]


async def test_tokens_do_not_go_to_the_user_who_has_the_account_when_another_connects_it(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    other = server.browser()
    await other.sign_up("eve+clerk_test@example.com")
    begun = resource(await other.post("/v1/me/external_accounts", **AWAY))

    await land(other, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    assert (await kept(server)).access_token == provider.tokens[0]
    assert len(await rows(server)) == 1


async def test_tokens_of_an_abandoned_sign_up_go(server: TestServer, provider: OpenIdProvider) -> None:
    await configure(server, {"attributes": {"username": {"enabled": True, "required": True}}})
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_up(browser))
    await sign_up_of_another(server, provider)
    server.clock.advance(seconds=7 * DAY / 1000 + 1)

    await server.app.purger.run()

    assert [row.provider_user_id for row in await rows(server)] == ["5678"]


async def sign_up_of_another(server: TestServer, provider: OpenIdProvider) -> None:
    await configure(server, {"attributes": {"username": {"required": False}}})
    provider.user = provider.user | {"sub": "5678", "email": "grace@example.com"}
    await sign_up(server.browser(), provider)


async def test_tokens_are_not_kept_in_clear_by_a_server_without_a_key(
    tmp_path: Path, running_provider: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    running_provider.reset()
    async with running(f"sqlite:///{tmp_path / 'plain.db'}", DEVELOPMENT, encryption_keys=()) as server:
        await configure(server, {"social": [social(running_provider)]})
        with caplog.at_level(logging.WARNING):
            user = await sign_up(server.browser(), running_provider)

        assert user["external_accounts"][0]["provider_user_id"] == "1234"
        assert await rows(server) == []
    assert "no encryption key" in caplog.text


async def test_callback_in_another_browser_keeps_no_tokens(
    server: TestServer, provider: OpenIdProvider
) -> None:
    begun = await begin_sign_in(server.browser())

    _, query = await land(server.browser(), provider.authorize(url_in(begun)))

    assert query["__clerk_status"] == "client_mismatch"
    assert await rows(server) == []


async def test_tokens_that_were_lost_with_their_key_are_replaced_by_a_sign_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    provider.gives_refresh_tokens = False
    provider.narrowed_to = "openid"
    server.app.database.encryption = Encryption([b"n" * 32])
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_in(browser))

    tokens = await kept(server)
    assert (tokens.access_token, tokens.refresh_token) == (provider.tokens[3], None)
