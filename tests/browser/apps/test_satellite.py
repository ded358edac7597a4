"""The unmodified browser SDK on two domains of one application, with the cookie rules of a real browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from greffier.cli.certificates import ensure_certificate
from greffier.server.app import Server
from greffier.server.instances.administration import read_instance_document
from greffier.server.provisioning import create_from_document
from greffier.server.settings import Settings, read_encryption_keys
from greffier.server.signing.jwts import read_unverified_claims
from greffier.server.store.clock import ManualClock
from tests.support.server import (
    ENCRYPTION_KEY,
    LIVE_PUBLISHABLE_KEY,
    LIVE_SECRET_KEY,
    PASSWORD,
    Backend,
    TestServer,
)
from tests.support.services.chromium import launch_options
from tests.support.services.ports import free_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

PRIMARY = "https://example.com"
SATELLITE = "https://app.example.dev"
INSTANCE: dict[str, Any] = {
    "publishable_key": LIVE_PUBLISHABLE_KEY,
    "secret_keys": [LIVE_SECRET_KEY],
    "domain": "example.com",
    "satellites": [{"domain": "example.dev"}],
}
OPTIONS = {
    "example.com": "{}",
    "app.example.dev": f"{{isSatellite: true, satelliteAutoSync: true, signInUrl: '{PRIMARY}/sign-in'}}",
}
PAGE = """<!doctype html><title>{host}</title>
<script crossorigin="anonymous" data-clerk-publishable-key="{key}" {domain}
  src="https://{fapi}/npm/@clerk/clerk-js@6/dist/clerk.browser.js"></script>
<script type="module">
await Clerk.load({{...{options}, telemetry: false}});
document.title = Clerk.user ? "in " + Clerk.session.id : "out";
</script>"""


def page_of(host: str) -> bytes:
    """A page of the application."""
    on_satellite = host == "app.example.dev"
    return PAGE.format(
        host=host,
        key=LIVE_PUBLISHABLE_KEY,
        domain='data-clerk-domain="example.dev"' if on_satellite else "",
        fapi="clerk.example.dev" if on_satellite else "clerk.example.com",
        options=OPTIONS[host],
    ).encode()


class Hosts:
    """The application's pages and Greffier, told apart by host."""

    def __init__(self, greffier: Server) -> None:
        self._greffier = greffier

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        host = dict(scope.get("headers", ())).get(b"host", b"").decode()
        if scope["type"] != "http" or host not in OPTIONS:
            await self._greffier(scope, receive, send)
            return
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": page_of(host)})


async def prepare(greffier: Server) -> None:
    await greffier.start()
    async with greffier.database.transaction() as db:
        await create_from_document(db, read_instance_document(INSTANCE), greffier.services.clock.now_ms())
    await greffier.poll()
    backend = Backend(TestServer(greffier, ManualClock()), secret_key=LIVE_SECRET_KEY)
    await backend.create_user("ada@example.com")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The URL at which a server answers for every host, by https."""
    folder: Path = tmp_path_factory.mktemp("domains")
    certificate = ensure_certificate(folder, [*OPTIONS, "clerk.example.com", "clerk.example.dev"])
    greffier = Server(
        Settings(
            database_url=f"sqlite:///{folder / 'greffier.db'}",
            encryption_keys=read_encryption_keys(ENCRYPTION_KEY),
        )
    )
    config = uvicorn.Config(
        Hosts(greffier),
        port=free_port(),
        ssl_certfile=certificate.chain,
        ssl_keyfile=certificate.key,
        log_level="warning",
    )
    server = uvicorn.Server(config)

    async def serve() -> None:
        await prepare(greffier)
        await server.serve()
        await greffier.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    wait_until(lambda: server.started, "the server answers")
    yield config.port
    server.should_exit = True
    thread.join(timeout=30)


@pytest.fixture
def browser(port: int) -> Iterator[Browser]:
    options = launch_options()
    options["args"] = [*options["args"], f"--host-resolver-rules=MAP * 127.0.0.1:{port}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    return browser.new_context(ignore_https_errors=True)


def open_page(page: Page, url: str) -> str:
    """Returns the page's text once its SDK has loaded: `in <session>` or `out`."""
    page.goto(url)
    page.wait_for_function("/^(in |out$)/.test(document.title)")
    return page.title()


def sign_in(page: Page) -> str:
    assert open_page(page, PRIMARY) == "out"
    session_id: str = page.evaluate(
        """async ([identifier, password]) => {
            const signIn = await Clerk.client.signIn.create({ strategy: "password", identifier, password });
            await Clerk.setActive({ session: signIn.createdSessionId });
            return signIn.createdSessionId;
        }""",
        ["ada@example.com", PASSWORD],
    )
    return session_id


def test_visitor_of_the_satellite_is_who_they_are_on_the_primary_domain(context: BrowserContext) -> None:
    page = context.new_page()
    session_id = sign_in(page)

    assert open_page(page, f"{SATELLITE}/orders?page=2") == f"in {session_id}"

    assert page.url == f"{SATELLITE}/orders?page=2"
    token = page.evaluate("Clerk.session.getToken({ skipCache: true })")
    claims = read_unverified_claims(token)
    assert (claims["iss"], claims["azp"]) == ("https://clerk.example.com", SATELLITE)
    assert open_page(page, PRIMARY) == f"in {session_id}"


def test_signed_out_visitor_of_the_satellite_comes_back_signed_out(context: BrowserContext) -> None:
    page = context.new_page()
    syncs: list[str] = []
    page.on("request", lambda request: syncs.append(request.url) if "/client/sync" in request.url else None)

    assert open_page(page, f"{SATELLITE}/orders") == "out"

    assert page.url == f"{SATELLITE}/orders"
    assert [url.split("/v1/")[0] for url in syncs] == [
        "https://clerk.example.dev",
        "https://clerk.example.com",
    ]


@pytest.mark.parametrize(("here", "there"), [(SATELLITE, PRIMARY), (PRIMARY, SATELLITE)])
def test_sign_out_on_one_domain_reaches_the_other(context: BrowserContext, here: str, there: str) -> None:
    page = context.new_page()
    sign_in(page)
    open_page(page, SATELLITE)
    open_page(page, here)

    page.evaluate("Clerk.signOut(() => {})")

    assert open_page(page, here) == "out"
    assert open_page(page, there) == "out"


def test_next_sign_in_on_the_primary_domain_reaches_the_satellite(context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page)
    open_page(page, SATELLITE)
    page.evaluate("Clerk.signOut(() => {})")
    session_id = sign_in(page)

    # How links of the satellite's SDK lead back from the sign-in.
    assert open_page(page, f"{SATELLITE}/?__clerk_synced=false") == f"in {session_id}"
