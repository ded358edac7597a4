"""Browsers that come back at the same time with the same account at another site make one user."""

from __future__ import annotations

import asyncio

from tests.server.strategies.oauth.flows import (
    BACK,
    DONE,
    accounts_of,
    begin_sign_in,
    begin_sign_up,
    client_of,
    land,
    resource,
    url_in,
)
from tests.support.server import TestServer
from tests.support.services.openid_provider import OpenIdProvider


async def test_one_state_in_two_requests_at_once_signs_up_once(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    answer = provider.authorize(url_in(await begin_sign_up(browser)))

    pages = await asyncio.gather(*(land(browser, answer) for _ in range(4)))

    assert sorted(page for page, _ in pages) == [DONE, *[BACK] * 3]
    assert len(provider.exchanges) == 1
    assert len((await server.backend().get("/v1/users")).json()) == 1


async def test_sign_ups_with_one_account_at_once_make_one_user(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browsers = [server.browser() for _ in range(4)]
    begun = [await begin_sign_up(one) for one in browsers]
    answers = [provider.authorize(url_in(one)) for one in begun]

    pages = await asyncio.gather(*map(land, browsers, answers))

    (user,) = (await server.backend().get("/v1/users")).json()
    assert sorted(page for page, _ in pages) == [DONE, *[BACK] * 3]
    for browser, (page, _) in zip(browsers, pages, strict=True):
        if page == BACK:
            done = resource(await browser.post("/v1/client/sign_ins", transfer=True))
            assert done["status"] == "complete"
        (session,) = (await client_of(browser))["sessions"]
        assert session["user"]["id"] == user["id"]


async def test_first_sign_ins_with_one_account_at_once_link_it_once(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().add_user("ada@example.com")
    browsers = [server.browser() for _ in range(4)]
    answers = [provider.authorize(url_in(await begin_sign_in(one))) for one in browsers]

    pages = await asyncio.gather(*map(land, browsers, answers))

    assert [page for page, _ in pages] == [DONE] * 4
    assert await accounts_of(server, user["id"]) == ["1234"]
