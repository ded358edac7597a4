"""An app under test in a real browser, signed in without its sign-in page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import async_playwright
from playwright.sync_api import Browser

from greffier.testing import TestServer, serving
from tests.support.services.chromium import launch_options
from tests.testing.apps import fastapi_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def listening() -> Iterator[TestServer]:
    with TestServer() as server:
        server.listen()
        yield server


def test_a_session_is_added_to_a_browser_and_ends_when_it_is_revoked(
    chromium: Browser, listening: TestServer
) -> None:
    user = listening.create_user(email_address="ada@example.com")
    with serving(fastapi_app(**listening.settings())) as url:
        session = listening.sign_in(user, app_url=url)
        context = chromium.new_context()
        session.add_to(context)
        page = context.new_page()
        page.goto(f"{url}/me")
        assert user.id in page.content()
        assert session.id in page.content()

        session.revoke()
        listening.clock.advance(minutes=2)
        page.goto(f"{url}/me")
        assert page.url.startswith(f"{listening.url}/sign-in?")


def test_a_stranger_is_led_to_sign_in(chromium: Browser, listening: TestServer) -> None:
    with serving(fastapi_app(**listening.settings())) as url:
        page = chromium.new_page()
        page.goto(f"{url}/me")
        assert page.url.startswith(f"{listening.url}/sign-in?")


async def test_the_asynchronous_browser_is_signed_in_by_awaiting(listening: TestServer) -> None:
    user = listening.create_user(email_address="grace@example.com")
    with serving(fastapi_app(**listening.settings())) as url:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options())
            context = await browser.new_context()
            await listening.sign_in(user, app_url=url).add_to(context)
            page = await context.new_page()
            await page.goto(f"{url}/me")
            assert user.id in await page.content()
            await browser.close()


async def refuses_to_start(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


def test_an_app_that_does_not_start_is_told() -> None:
    with pytest.raises(RuntimeError, match="did not start"), serving(refuses_to_start):
        pass
