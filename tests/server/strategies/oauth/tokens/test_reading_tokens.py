"""An application's server reads the access tokens of a user's accounts; expired ones are refreshed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    AWAY,
    begin_sign_in,
    client_of,
    come_back,
    land,
    resource,
    sign_up,
)
from tests.server.strategies.oauth.tokens.stored import kept, rows
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.provider_tokens import give_tokens
from tests.support.server import DEVELOPMENT, Browser, TestServer, running
from tests.support.services.openid_provider import OpenIdProvider
from tests.support.waiting import wait_until

HOUR = 3600


async def read(server: TestServer, user: dict[str, Any], name: str = "custom_acme", **query: Any) -> Any:
    answer = await ask(server, user, name, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ask(
    server: TestServer, user: dict[str, Any], name: str = "custom_acme", **query: Any
) -> httpx.Response:
    return await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/{name}", **query)


def valid_now(server: TestServer) -> dict[str, Any]:
    """Claims of ID tokens after the clock was moved."""
    return {"exp": server.clock.now_ms() // 1000 + 600}


def refreshes(provider: OpenIdProvider) -> int:
    return len([form for form in provider.exchanges if form["grant_type"] == "refresh_token"])


async def test_token_is_read_with_what_it_is_good_for(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    (token,) = await read(server, user)

    (account,) = user["external_accounts"]
    assert 0 < token.pop("expires_at") - server.clock.now_ms() <= HOUR * 1000
    assert token == {
        "object": "oauth_access_token",
        "external_account_id": account["id"],
        "provider_user_id": "1234",
        "token": provider.tokens[0],
        "id_token": provider.tokens[1],
        "provider": "oauth_custom_acme",
        "scopes": ["openid", "profile", "email"],
        "public_metadata": {},
        "label": None,
    }
    assert refreshes(provider) == 0


async def test_both_spellings_of_the_provider_and_both_shapes_of_the_list_are_answered(
    server: TestServer, user: dict[str, Any]
) -> None:
    bare = await read(server, user, "oauth_custom_acme")

    assert await read(server, user, paginated="true") == {"data": bare, "total_count": 1}
    assert await read(server, user, paginated="false") == bare
    assert await read(server, user, paginated="true", offset=1) == {"data": [], "total_count": 1}


async def test_expired_token_is_refreshed_and_kept(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)

    (first,) = await read(server, user)
    (second,) = await read(server, user)

    assert first == second
    assert first["token"] == provider.tokens[3]
    assert first["expires_at"] > server.clock.now_ms()
    assert refreshes(provider) == 1
    assert (await kept(server)).refresh_token == provider.tokens[5]


async def test_rotated_refresh_token_is_used_the_next_time(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    for _ in range(3):
        server.clock.advance(seconds=HOUR)
        await read(server, user)

    used = [form["refresh_token"] for form in provider.exchanges if "refresh_token" in form]
    assert used == [token for token in provider.tokens if token.startswith("refresh-")][:3]


async def test_refresh_token_that_is_not_rotated_stays(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    provider.rotates = False
    for _ in range(2):
        server.clock.advance(seconds=HOUR)
        await read(server, user)

    assert refreshes(provider) == 2
    assert (await kept(server)).refresh_token == provider.tokens[2]


async def test_many_callers_refresh_once(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.slow = 0.2

    answers = await asyncio.gather(*(read(server, user) for _ in range(10)))

    assert refreshes(provider) == 1
    assert {token["token"] for (token,) in answers} == {provider.tokens[3]}


async def test_several_processes_refresh_once(
    development_database: str, server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    async with running(development_database, DEVELOPMENT) as other:
        for one in (server, other):
            one.clock.advance(seconds=HOUR)
        provider.slow = 0.3

        answers = await asyncio.gather(*(read(one, user) for one in (server, other) * 3))

    assert refreshes(provider) == 1
    assert {token["token"] for (token,) in answers} == {provider.tokens[3]}


async def test_those_who_wait_are_told_when_the_refresh_fails(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.slow, provider.refuse = 1.0, "temporarily_unavailable"

    answers = await asyncio.gather(*(ask(server, user) for _ in range(5)))

    assert {error_of(answer)[:2] for answer in answers} == {(400, "oauth_token_retrieval_error")}
    assert refreshes(provider) == 1


async def test_refresh_that_failed_is_tried_again_by_the_next_caller(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.refuse = "temporarily_unavailable"
    assert error_of(await ask(server, user))[:2] == (400, "oauth_token_retrieval_error")

    provider.refuse = None

    assert (await read(server, user))[0]["token"] == provider.tokens[3]


async def test_refresh_of_a_process_that_is_gone_is_taken_over(
    server: TestServer, provider: OpenIdProvider, browser: Browser
) -> None:
    await browser.sign_up("grace+clerk_test@example.com")
    account = await connected(server, browser, provider)
    now = server.clock.now_ms()
    await give_tokens(
        server,
        account["id"],
        expire_at=now - 1,
        refresh_token="refresh-of-old",
        refreshing_until=now + 30_000,
    )
    provider.allow_refresh("refresh-of-old")
    server.clock.advance(seconds=31)

    (token,) = await read(server, {"id": account["user_id"]})

    assert token["token"] == provider.tokens[-3]


async def test_refresh_token_that_the_provider_knows_no_more_is_dropped(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.refuse = "invalid_grant"

    answers = [error_of(await ask(server, user))[:2] for _ in range(3)]

    missing = (422, "oauth_missing_refresh_token")
    assert answers == [(400, "oauth_token_retrieval_error"), missing, missing]
    assert refreshes(provider) == 1


async def test_signing_in_mends_what_cannot_be_refreshed(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.refuse = "invalid_grant"
    await ask(server, user)
    provider.refuse, provider.claims = None, valid_now(server)
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_in(browser))

    assert (await read(server, user))[0]["token"] == provider.tokens[3]


async def test_expired_token_without_a_refresh_token_is_not_handed_out(
    server: TestServer, provider: OpenIdProvider, browser: Browser
) -> None:
    provider.gives_refresh_tokens = False
    await browser.sign_up("grace+clerk_test@example.com")
    account = await connected(server, browser, provider)
    await give_tokens(server, account["id"], expire_at=server.clock.now_ms())

    refused = await ask(server, {"id": account["user_id"]})

    assert error_of(refused)[:2] == (422, "oauth_missing_refresh_token")


async def test_token_without_an_end_is_handed_out(
    server: TestServer, provider: OpenIdProvider, browser: Browser
) -> None:
    await browser.sign_up("grace+clerk_test@example.com")
    account = await connected(server, browser, provider)
    await give_tokens(server, account["id"])
    server.clock.advance(seconds=1000 * HOUR)

    (token,) = await read(server, {"id": account["user_id"]})

    assert (token["token"], token["expires_at"]) == ("access", None)
    assert "id_token" not in token


async def test_account_without_tokens_has_none_to_hand_out(
    server: TestServer, provider: OpenIdProvider, browser: Browser
) -> None:
    await browser.sign_up("grace+clerk_test@example.com")
    account = await connected(server, browser, provider)

    refused = await ask(server, {"id": account["user_id"]})

    assert error_of(refused)[:2] == (422, "oauth_missing_access_token")


async def test_user_who_has_not_connected_the_provider_has_no_tokens(
    server: TestServer, provider: OpenIdProvider, browser: Browser
) -> None:
    client = await browser.sign_up("grace+clerk_test@example.com")
    user = client["sessions"][0]["user"]

    assert await read(server, user) == []
    assert await read(server, user, paginated="true") == {"data": [], "total_count": 0}


async def test_provider_that_is_switched_off_or_unknown_is_refused(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    await configure(server, {"social": [social(provider, enabled=False)]})

    for name in ("custom_acme", "oauth_custom_acme", "google", "oauth_", "unknown"):
        refused = await ask(server, user, name)
        assert error_of(refused)[:2] == (404, "oauth_token_provider_not_enabled"), name


async def test_tokens_of_a_user_of_another_instance_are_not_read(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    neighbour = await server.neighbour()
    await configure(server, {"social": [social(provider)]})

    refused = await neighbour.get(f"/v1/users/{user['id']}/oauth_access_tokens/custom_acme")

    assert error_of(refused)[:2] == (404, "resource_not_found")


async def test_id_token_of_another_user_does_not_replace_the_own_one_at_a_refresh(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.claims = valid_now(server) | {"sub": "eve"}

    (token,) = await read(server, user)

    assert (token["token"], token["id_token"]) == (provider.tokens[3], provider.tokens[1])


async def test_id_token_of_a_refresh_replaces_the_former_one(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.claims = valid_now(server)

    (token,) = await read(server, user)

    assert token["id_token"] == provider.tokens[4]


async def test_scopes_that_the_provider_takes_away_at_a_refresh_are_not_claimed(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.narrowed_to = "openid"

    (token,) = await read(server, user)

    assert token["scopes"] == ["openid"]


async def test_tokens_that_were_removed_while_they_were_refreshed_are_not_handed_out(
    server: TestServer, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=HOUR)
    provider.slow = 0.5
    reading = asyncio.create_task(ask(server, user))
    await asyncio.to_thread(wait_until, lambda: refreshes(provider) == 1, "the refresh begins")

    (account,) = user["external_accounts"]
    await server.backend().delete(f"/v1/users/{user['id']}/external_accounts/{account['id']}")

    assert error_of(await reading)[:2] == (422, "oauth_missing_access_token")
    await asyncio.to_thread(wait_until, lambda: provider.revocations, "the tokens are revoked")


@pytest.mark.parametrize("lifetime", [None, 0, -5, "soon", True])
async def test_lifetime_that_means_nothing_counts_as_none(
    server: TestServer, provider: OpenIdProvider, browser: Browser, lifetime: Any
) -> None:
    provider.lifetime = lifetime
    user = await sign_up(browser, provider)

    assert (await read(server, user))[0]["expires_at"] is None
    assert [row.expire_at for row in await rows(server)] == [None]


async def connected(server: TestServer, browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    """The account of a user, without its tokens, and the user's id."""
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))
    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))
    (session,) = (await client_of(browser))["sessions"]
    (account,) = session["user"]["external_accounts"]
    path = f"/v1/me/external_accounts/{account['id']}/tokens"
    assert (await browser.delete(path)).status_code == 200
    return account | {"user_id": session["user"]["id"]}
