"""Providers are asked to revoke the tokens of accounts that are removed, once the request is over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from greffier.server.strategies.oauth.tokens import revoker
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
)
from tests.server.strategies.oauth.tokens.stored import content, rows
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.provider_tokens import give_tokens
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider
from tests.support.waiting import wait_until

HOUR, DAY = 3600, 86_400
"""Seconds."""


async def revoked(provider: OpenIdProvider, *tokens: str) -> None:
    """Return once the provider was asked to revoke exactly these."""
    await asyncio.to_thread(
        wait_until, lambda: provider.revoked == list(tokens), "the tokens are revoked", seconds=10
    )


async def settled(server: TestServer) -> None:
    """Return once no tokens wait for their revocation."""
    while any(not row.account_id for row in await rows(server)):
        await asyncio.sleep(0.02)


def path_of(user: dict[str, Any]) -> str:
    (account,) = user["external_accounts"]
    return f"/v1/me/external_accounts/{account['id']}"


async def test_refresh_token_and_access_token_are_revoked_when_the_account_is_removed(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    access, _, refresh = provider.tokens

    await server.backend().delete(
        f"/v1/users/{user['id']}/external_accounts/{user['external_accounts'][0]['id']}"
    )

    await revoked(provider, refresh, access)
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert provider.revocations == [
        {"token": refresh, "token_type_hint": "refresh_token", **client},
        {"token": access, "token_type_hint": "access_token", **client},
    ]
    await settled(server)
    assert await rows(server) == []


async def test_tokens_are_revoked_when_the_user_removes_the_account(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    await browser.sign_up("grace+clerk_test@example.com")
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))
    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    resource(await browser.delete(f"/v1/me/external_accounts/{begun['id']}"))

    await revoked(provider, provider.tokens[2], provider.tokens[0])


@pytest.mark.parametrize("by_backend", [True, False])
async def test_tokens_are_revoked_when_the_user_is_deleted(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any], by_backend: bool
) -> None:
    deleted = await (
        server.backend().delete(f"/v1/users/{user['id']}") if by_backend else browser.delete("/v1/me")
    )

    assert deleted.status_code == 200, deleted.text
    await revoked(provider, provider.tokens[2], provider.tokens[0])
    await settled(server)
    assert await rows(server) == []


async def test_user_takes_an_account_its_tokens_and_still_signs_in_with_it(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    shown = resource(await browser.delete(f"{path_of(user)}/tokens"))

    assert shown["id"] == user["id"]
    (account,) = shown["external_accounts"]
    assert (account["provider_user_id"], account["approved_scopes"]) == ("1234", "")
    await revoked(provider, provider.tokens[2], provider.tokens[0])
    refused = await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/custom_acme")
    assert error_of(refused)[:2] == (422, "oauth_missing_access_token")

    again = server.browser()
    await come_back(again, provider, await begin_sign_in(again))

    (session,) = (await client_of(again))["sessions"]
    assert session["user"]["id"] == user["id"]
    assert session["user"]["external_accounts"][0]["approved_scopes"] == "openid profile email"


async def test_tokens_are_taken_twice_as_well_as_once(
    browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    for _ in range(2):
        assert (await browser.delete(f"{path_of(user)}/tokens")).status_code == 200

    await revoked(provider, provider.tokens[2], provider.tokens[0])


async def test_tokens_of_another_user_are_not_taken(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    other = server.browser()
    await other.sign_up("eve+clerk_test@example.com")

    refused = await other.delete(f"{path_of(user)}/tokens")
    signed_out = await server.browser().delete(f"{path_of(user)}/tokens")

    assert error_of(refused)[:2] == (404, "resource_not_found")
    assert signed_out.status_code == 401
    assert [row.account_id for row in await rows(server)] == [user["external_accounts"][0]["id"]]
    assert provider.revocations == []


async def test_request_does_not_wait_for_a_provider_that_does_not_answer(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    await configure(server, {"social": [social(provider, discovery_url=f"{UNREACHABLE}{WELL_KNOWN}")]})

    deleted = await browser.delete("/v1/me")

    assert deleted.status_code == 200
    await postponed(server)
    (row,) = await rows(server)
    assert row.account_id is None


async def test_revocation_that_fails_for_now_is_tried_again(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    provider.revocation_status = 503
    await browser.delete(f"{path_of(user)}/tokens")
    await postponed(server)
    provider.revocation_status, provider.revocations = 200, []

    await server.app.revoker.revoke_due()
    assert provider.revocations == []
    server.clock.advance(seconds=120)
    await server.app.revoker.revoke_due()

    assert provider.revoked == [provider.tokens[2], provider.tokens[0]]
    assert await rows(server) == []


async def test_revocation_that_always_fails_is_given_up_within_hours_and_logged_without_the_tokens(
    server: TestServer,
    browser: Browser,
    provider: OpenIdProvider,
    user: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.revocation_status = 503
    await browser.delete(f"{path_of(user)}/tokens")
    await postponed(server)
    for _ in range(5):
        server.clock.advance(seconds=9 * 3600)
        await server.app.revoker.revoke_due()

    assert await rows(server) == []
    assert "for good" in caplog.text
    assert [token for token in provider.tokens if token in caplog.text] == []


async def test_revocation_that_the_provider_refuses_is_logged_and_not_repeated(
    server: TestServer,
    browser: Browser,
    provider: OpenIdProvider,
    user: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.revocation_status = 400
    await browser.delete(f"{path_of(user)}/tokens")

    await settled(server)

    assert await rows(server) == []
    assert len(provider.revocations) == 2
    assert "are not revoked: the revocation endpoint answered [400, 400]" in caplog.text


async def test_failure_that_was_not_foreseen_is_tried_again_and_not_for_ever(
    server: TestServer,
    browser: Browser,
    provider: OpenIdProvider,
    user: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError(provider.tokens[0])

    monkeypatch.setattr(revoker, "revoke", broken)
    await browser.delete(f"{path_of(user)}/tokens")
    await postponed(server)
    for _ in range(5):
        server.clock.advance(seconds=9 * 3600)
        await server.app.revoker.revoke_due()

    assert await rows(server) == []
    assert "RuntimeError" in caplog.text
    assert provider.tokens[0] not in caplog.text


async def test_tokens_of_an_account_that_is_connected_again_are_not_revoked(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    provider.revocation_status = 503
    await browser.delete(f"{path_of(user)}/tokens")
    await postponed(server)
    again = server.browser()
    await come_back(again, provider, await begin_sign_in(again))
    provider.revocations = []
    server.clock.advance(seconds=120)

    await server.app.revoker.revoke_due()

    assert provider.revocations == []
    assert [row.revoke_at for row in await rows(server)] == [None]


async def test_tokens_of_a_provider_that_left_the_settings_go_without_it(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    await configure(server, {"social": []})

    await browser.delete(f"{path_of(user)}/tokens")

    await settled(server)
    assert await rows(server) == []
    assert provider.revocations == []


async def test_provider_that_is_switched_off_revokes_all_the_same(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    await configure(server, {"social": [social(provider, enabled=False)]})

    await browser.delete(f"{path_of(user)}/tokens")

    await revoked(provider, provider.tokens[2], provider.tokens[0])


async def test_deletion_that_is_undone_revokes_nothing(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    """The only way in cannot be removed."""
    provider.user = provider.user | {"email_verified": False, "email": None}
    await configure(server, {"attributes": {"email_address": {"required": False}}})
    user = await sign_up(browser, provider)

    refused = await browser.delete(path_of(user))

    assert refused.status_code == 400
    await server.app.revoker.revoke_due()
    assert provider.revocations == []
    assert provider.tokens[0] not in await content(server)


UNREACHABLE = "http://127.0.0.1:9"
WELL_KNOWN = "/.well-known/openid-configuration"


async def postponed(server: TestServer) -> None:
    """Return once the first attempt has failed."""
    while not any(
        row.attempts == 1 and (row.revoke_at or 0) < server.clock.now_ms() + 100_000
        for row in await rows(server)
    ):
        await asyncio.sleep(0.02)


@pytest.fixture
async def unfinished(server: TestServer, provider: OpenIdProvider) -> Browser:
    """A sign-up at which a user name is missing."""
    await configure(
        server,
        {"social": [social(provider)], "attributes": {"username": {"enabled": True, "required": True}}},
    )
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_up(browser))
    return browser


async def test_tokens_of_an_abandoned_sign_up_are_revoked(
    server: TestServer, provider: OpenIdProvider, unfinished: Browser
) -> None:
    server.clock.advance(seconds=DAY)
    await server.app.revoker.revoke_due()
    before = provider.revoked
    server.clock.advance(seconds=HOUR)

    await server.app.revoker.revoke_due()

    access, _, refresh = provider.tokens
    assert (before, provider.revoked) == ([], [refresh, access])
    assert await rows(server) == []


async def test_tokens_of_an_abandoned_sign_in_are_revoked(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    assert await come_back(browser, provider, await begin_sign_in(browser)) == BACK
    server.clock.advance(seconds=DAY + HOUR)

    await server.app.revoker.revoke_due()

    access, _, refresh = provider.tokens
    assert provider.revoked == [refresh, access]


async def test_tokens_of_a_sign_up_that_is_completed_are_not_revoked(
    server: TestServer, provider: OpenIdProvider, unfinished: Browser
) -> None:
    sign_up = (await client_of(unfinished))["sign_up"]
    done = resource(await unfinished.patch(f"/v1/client/sign_ups/{sign_up['id']}", username="countess"))
    server.clock.advance(seconds=3 * DAY)

    await server.app.revoker.revoke_due()

    assert done["status"] == "complete"
    assert provider.revoked == []
    assert len(await rows(server)) == 1


async def test_abandoned_sign_up_does_not_revoke_what_a_user_has_got_meanwhile(
    server: TestServer, provider: OpenIdProvider, unfinished: Browser
) -> None:
    await configure(server, {"attributes": {"username": {"required": False}}})
    await sign_up(server.browser(), provider)
    server.clock.advance(seconds=DAY + HOUR)

    await server.app.revoker.revoke_due()

    assert provider.revoked == []
    assert [row.revoke_at for row in await rows(server)] == [None]


async def test_removed_account_does_not_revoke_what_waits_for_a_sign_up(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    await server.backend().delete(f"/v1/users/{user['id']}")
    await settled(server)
    revoked = len(provider.revoked)
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_in(browser))
    account = await give_tokens(server, None, revoke_at=server.clock.now_ms())

    await server.app.revoker.revoke_due()

    assert len(provider.revoked) == revoked
    assert account.id not in [row.id for row in await rows(server)]
