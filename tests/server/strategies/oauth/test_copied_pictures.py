"""The picture that a person has at a provider becomes theirs when they sign up, after the request."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from greffier.server import outgoing
from greffier.server.outgoing import Answer, Unreachable
from tests.server.strategies.oauth.flows import (
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    resource,
    sign_up,
    user_in,
)
from tests.support.configuring import configure
from tests.support.server import TestServer
from tests.support.services.openid_provider import OpenIdProvider

URL = "https://pictures.example/ada.png"

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (600, 400), "red").save(written, "PNG")
    return written.getvalue()


class Site:
    """Answers for `https://pictures.example`; other requests go where they go."""

    def __init__(self) -> None:
        self.answer: Answer | Exception = Answer(200, picture())
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.waits: asyncio.Event | None = None
        self._request = outgoing.request

    async def request(self, method: Any, url: str, *given: Any, **options: Any) -> Answer:
        if "pictures.example" not in url:
            return await self._request(method, url, *given, **options)
        self.asked.append((url, options))
        if self.waits is not None:
            await self.waits.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site()
    monkeypatch.setattr(outgoing, "request", site.request)
    return site


async def copied(server: TestServer) -> None:
    """Return once no picture is waited for."""
    while server.app.pictures.busy:
        await asyncio.sleep(0.02)


async def test_picture_becomes_the_users(server: TestServer, provider: OpenIdProvider, site: Site) -> None:
    browser = server.browser()
    await sign_up(browser, provider)
    await copied(server)

    user = await user_in(browser)
    shown = await browser.http.get(user["image_url"])
    drawn = Image.open(BytesIO(shown.content))
    assert user["has_image"] is True
    assert user["external_accounts"][0]["image_url"] == URL
    assert (shown.headers["content-type"], drawn.size) == ("image/webp", (512, 341))
    assert [(url, options["public_only"]) for url, options in site.asked] == [(URL, True)]


async def test_sign_up_does_not_wait_for_it(server: TestServer, provider: OpenIdProvider, site: Site) -> None:
    site.waits = asyncio.Event()

    user = await sign_up(server.browser(), provider)

    assert user["has_image"] is False
    site.waits.set()
    await copied(server)
    assert (await server.backend().get(f"/v1/users/{user['id']}")).json()["has_image"] is True


async def test_sign_in_that_becomes_a_sign_up_copies_it_too(
    server: TestServer, provider: OpenIdProvider, site: Site
) -> None:
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_in(browser))
    resource(await browser.post("/v1/client/sign_ups", transfer=True))
    await copied(server)

    assert (await user_in(browser))["has_image"] is True


async def test_sign_up_that_is_not_complete_copies_nothing(
    server: TestServer, provider: OpenIdProvider, site: Site
) -> None:
    await configure(server, {"attributes": {"username": {"enabled": True, "required": True}}})
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_up(browser))

    before = list(site.asked)
    row = (await client_of(browser))["sign_up"]
    resource(await browser.patch(f"/v1/client/sign_ups/{row['id']}", username="countess"))
    await copied(server)

    assert (before, len(site.asked)) == ([], 1)


async def test_sign_in_copies_none(server: TestServer, provider: OpenIdProvider, site: Site) -> None:
    provider.user = {name: value for name, value in provider.user.items() if name != "picture"}
    await sign_up(server.browser(), provider)
    provider.user = provider.user | {"picture": URL}
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_in(browser))

    assert (await user_in(browser))["external_accounts"][0]["image_url"] == URL
    assert site.asked == []


async def test_picture_that_the_user_has_chosen_meanwhile_stays(
    server: TestServer, provider: OpenIdProvider, site: Site
) -> None:
    site.waits = asyncio.Event()
    browser = server.browser()
    await sign_up(browser, provider)
    files = {"file": ("own.png", picture(), "image/png")}
    chosen = await browser.http.post("/v1/me/profile_image", files=files)
    assert chosen.status_code == 200, chosen.text
    own = (await user_in(browser))["image_url"]

    site.waits.set()
    await copied(server)

    assert (await user_in(browser))["image_url"] == own


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, b""),
        Answer(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        Answer(200, b""),
        Unreachable("ConnectError"),
        RuntimeError("unforeseen"),
    ],
    ids=["absent", "svg", "nothing", "unreachable", "unforeseen"],
)
async def test_picture_that_cannot_be_copied_harms_nothing(
    server: TestServer, provider: OpenIdProvider, site: Site, answer: Answer | Exception
) -> None:
    site.answer = answer
    browser = server.browser()
    await sign_up(browser, provider)
    await copied(server)

    user = await user_in(browser)
    assert (user["has_image"], user["image_url"].endswith(f"{user['id']}.svg")) == (False, True)


@pytest.mark.parametrize(
    "url", ["http://pictures.example/ada.png", "file:///etc/passwd", "data:image/png;base64,AAAA"]
)
async def test_nothing_but_https_is_asked_for(
    server: TestServer, provider: OpenIdProvider, site: Site, url: str
) -> None:
    provider.user = provider.user | {"picture": url}

    await sign_up(server.browser(), provider)

    assert site.asked == []


async def test_url_of_the_picture_is_not_in_the_log(
    server: TestServer, provider: OpenIdProvider, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "greffier")
    site.answer = Unreachable("ConnectError")

    await sign_up(server.browser(), provider)
    await copied(server)

    assert "is not copied: ConnectError" in caplog.text
    assert "pictures.example" not in caplog.text


async def test_server_stops_while_a_picture_is_waited_for(
    server: TestServer, provider: OpenIdProvider, site: Site
) -> None:
    site.waits = asyncio.Event()
    await sign_up(server.browser(), provider)

    await asyncio.wait_for(server.app.pictures.stop(), 5)

    assert not server.app.pictures.busy
