"""Refresh tokens: exchanged by the client that they were made for, and once where it has no secret."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.support.configuring import configure
from tests.support.oauth.applications import (
    Client,
    refusal,
    works,
)
from tests.support.server import Backend, Browser, TestServer

DAY = 86_400
ISSUER = "https://clerk.tidy-otter-42.localhost"


async def test_confidential_client_keeps_its_refresh_token(
    client: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada)

    first = (await client.refresh(tokens["refresh_token"])).json()
    second = (await client.refresh(tokens["refresh_token"])).json()

    assert tokens["refresh_token"] == first["refresh_token"] == second["refresh_token"]
    made = [answer["access_token"] for answer in (tokens, first, second)]
    assert len(set(made)) == 3
    assert all([await works(backend, token) for token in made])


async def test_public_client_gets_another_refresh_token_each_time(
    public: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await public.tokens(ada)

    first = (await public.refresh(tokens["refresh_token"])).json()
    second = (await public.refresh(first["refresh_token"])).json()

    assert len({tokens["refresh_token"], first["refresh_token"], second["refresh_token"]}) == 3
    assert await works(backend, second["access_token"])


async def test_used_refresh_token_ends_the_whole_family(
    public: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await public.tokens(ada)
    first = (await public.refresh(tokens["refresh_token"])).json()
    public.server.clock.advance(seconds=11)

    assert refusal(await public.refresh(tokens["refresh_token"])) == (400, "invalid_grant")

    assert refusal(await public.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert not await works(backend, tokens["access_token"])
    assert not await works(backend, first["access_token"])


async def test_refresh_token_that_many_show_at_once_gives_all_of_them_tokens(
    public: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await public.tokens(ada)

    answers = await asyncio.gather(*(public.refresh(tokens["refresh_token"]) for _ in range(6)))

    made = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert all([await works(backend, one["access_token"]) for one in made])
    assert len({one["refresh_token"] for one in made}) == 6


async def test_retry_of_a_refresh_leaves_the_tokens_of_the_first_answer_alone(
    public: Client, ada: Browser, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="greffier.oauth_provider")
    tokens = await public.tokens(ada)
    first = (await public.refresh(tokens["refresh_token"])).json()
    public.server.clock.advance(seconds=9)

    second = (await public.refresh(tokens["refresh_token"])).json()

    assert await works(backend, first["access_token"])
    assert await works(backend, second["access_token"])
    assert (await public.refresh(first["refresh_token"])).status_code == 200
    assert "taken for a retry" in caplog.text


async def test_retry_does_not_make_the_time_for_retries_longer(
    public: Client, ada: Browser, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = await public.tokens(ada)
    await public.refresh(tokens["refresh_token"])
    public.server.clock.advance(seconds=9)
    retried = (await public.refresh(tokens["refresh_token"])).json()
    public.server.clock.advance(seconds=2)

    assert refusal(await public.refresh(tokens["refresh_token"])) == (400, "invalid_grant")

    assert not await works(backend, retried["access_token"])
    assert "is revoked" in caplog.text


async def test_two_answers_to_one_refresh_token_are_not_both_used(
    public: Client, ada: Browser, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = await public.tokens(ada)
    thief = (await public.refresh(tokens["refresh_token"])).json()
    owner = (await public.refresh(tokens["refresh_token"])).json()
    public.server.clock.advance(seconds=DAY // 2)
    stolen = (await public.refresh(thief["refresh_token"])).json()

    assert refusal(await public.refresh(owner["refresh_token"])) == (400, "invalid_grant")

    assert refusal(await public.refresh(stolen["refresh_token"])) == (400, "invalid_grant")
    assert not await works(backend, stolen["access_token"])
    assert not await works(backend, owner["access_token"])
    assert "both answers to one refresh token" in caplog.text
    assert "is revoked" in caplog.text


async def test_two_answers_to_one_refresh_token_are_not_both_used_at_once(
    public: Client, ada: Browser
) -> None:
    tokens = await public.tokens(ada)
    made = [(await public.refresh(tokens["refresh_token"])).json() for _ in range(4)]

    answers = await asyncio.gather(*(public.refresh(one["refresh_token"]) for one in made))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


@pytest.mark.parametrize("kept", [0, 1, 2])
async def test_application_goes_on_with_whichever_answer_it_kept(
    public: Client, ada: Browser, backend: Backend, kept: int
) -> None:
    tokens = await public.tokens(ada)
    made = [(await public.refresh(tokens["refresh_token"])).json() for _ in range(3)]
    current = made[kept]

    for _ in range(3):
        public.server.clock.advance(seconds=3600)
        lost, answer = [await public.refresh(current["refresh_token"]) for _ in range(2)]
        assert (lost.status_code, answer.status_code) == (200, 200)
        current = answer.json()

    assert await works(backend, current["access_token"])


async def test_settings_may_allow_no_retry(server: TestServer, public: Client, ada: Browser) -> None:
    await configure(server, {"oauth_provider": {"refresh_retry_window": 0}})
    tokens = await public.tokens(ada)
    await public.refresh(tokens["refresh_token"])
    server.clock.advance(seconds=1)

    assert refusal(await public.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_refresh_token_of_another_application_is_refused(
    server: TestServer, client: Client, public: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada)

    assert refusal(await public.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert refusal(await client.refresh(tokens["access_token"])) == (400, "invalid_grant")
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200


async def test_refresh_may_ask_for_less_and_never_for_more(client: Client, ada: Browser) -> None:
    tokens = await client.tokens(ada, scope="email")

    assert refusal(await client.refresh(tokens["refresh_token"], scope="email profile")) == (
        400,
        "invalid_request",
    )
    whole = await Client(client.server, client.application).tokens(ada, scope="email profile")
    less = (await client.refresh(whole["refresh_token"], scope="email")).json()
    again = (await client.refresh(whole["refresh_token"])).json()
    assert (less["scope"], again["scope"]) == ("email", "email profile")


async def test_refresh_gives_no_scope_that_the_application_lost(
    client: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada)
    await backend.patch(f"/v1/oauth_applications/{client.application['id']}", scopes="profile")

    assert (await client.refresh(tokens["refresh_token"])).json()["scope"] == "profile"


async def test_refresh_tokens_end_where_the_settings_say(
    server: TestServer, public: Client, ada: Browser
) -> None:
    await configure(server, {"oauth_provider": {"refresh_token_lifetime": 2 * DAY}})
    tokens = await public.tokens(ada)

    server.clock.advance(seconds=2 * DAY - 1)
    rotated = (await public.refresh(tokens["refresh_token"])).json()
    server.clock.advance(seconds=1)

    assert refusal(await public.refresh(rotated["refresh_token"])) == (400, "invalid_grant")


async def test_used_refresh_token_ends_what_came_of_it_after_its_own_end_too(
    server: TestServer, public: Client, ada: Browser, backend: Backend
) -> None:
    await configure(server, {"oauth_provider": {"refresh_token_lifetime": 30 * DAY}})
    tokens = await public.tokens(ada)
    server.clock.advance(seconds=30 * DAY - 60)
    last = (await public.refresh(tokens["refresh_token"])).json()
    server.clock.advance(seconds=DAY - 60)
    await server.app.purger.run()
    assert await works(backend, last["access_token"])

    assert refusal(await public.refresh(tokens["refresh_token"])) == (400, "invalid_grant")

    assert not await works(backend, last["access_token"])


async def test_refresh_tokens_live_ten_years_otherwise(
    server: TestServer, client: Client, ada: Browser
) -> None:
    tokens = await client.tokens(ada)

    server.clock.advance(seconds=3650 * DAY - 1)
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200
    server.clock.advance(seconds=1)
    assert refusal(await client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
