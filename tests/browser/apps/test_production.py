"""Production as docs/guides/operations.md says, in a real browser: PostgreSQL, nginx or Caddy with TLS at
`clerk.`, `accounts.` and the application's host, and an application with keys and the Backend API's URL."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from greffier.cli.certificates import Certificate, ensure_certificate
from greffier.cli.doctor.host_checks import check_hosts
from tests.browser.virtual_authenticator import CHROME, with_authenticator
from tests.support.instances import instance
from tests.support.server import ENCRYPTION_KEY, PASSWORD
from tests.support.services import reverse_proxies
from tests.support.services.chromium import launch_options, profile_without_cookies
from tests.support.services.databases import PostgresServer
from tests.support.services.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)
from tests.support.services.ports import free_port
from tests.support.services.processes import GREFFIER, answers, listens, running_process
from tests.support.services.reverse_proxies import find_caddy
from tests.support.services.smtp import running_mail_server
from tests.support.sign_in_form import enter_password
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[3]
HOSTS = ("clerk.example.com", "accounts.example.com", "example.com")
ADA = "ada@example.com"
SETTINGS = """
[attributes.passkey]
enabled = true
[passkeys]
allow_autofill = false
[[social]]
provider = "custom_acme"
name = "Acme"
enabled = true
private_addresses = true
client_id = "{client_id}"
client_secret = "{client_secret}"
discovery_url = "{url}/.well-known/openid-configuration"
"""

_APPLICATION = '''
import os
import time
from pathlib import Path
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from greffier.fastapi import CurrentAuth, add_auth

app = FastAPI()
add_auth(app, public_routes=["/", "/popup"], clock=lambda: time.time() + float(Path("clock").read_text()))

PAGE = """<!doctype html><title>Orchard</title><link rel="icon" href="data:,">
<h1>{title}</h1><p id="user">{user}</p><button onclick="Clerk.signOut()">Sign out</button>
<script async crossorigin="anonymous" data-clerk-publishable-key="{key}"
  src="https://clerk.example.com/npm/@clerk/clerk-js@6/dist/clerk.browser.js" onload="Clerk.load()">
</script>"""
KEY = os.environ["GREFFIER_PUBLISHABLE_KEY"]


def page(title: str, auth: CurrentAuth) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=title, user=auth.user_id, key=KEY))


@app.get("/")
async def home(auth: CurrentAuth) -> HTMLResponse:
    return page("Home", auth)


POPUP = """<!doctype html><title>Orchard</title><link rel="icon" href="data:,"><div id="form"></div>
<script crossorigin="anonymous" src="https://clerk.example.com/npm/@clerk/ui@1/dist/ui.browser.js"></script>
<script crossorigin="anonymous" data-clerk-publishable-key="{key}"
  src="https://clerk.example.com/npm/@clerk/clerk-js@6/dist/clerk.browser.js"></script>
<script>
Clerk.load({{ui: {{ClerkUI: window.__internal_ClerkUICtor}}}}).then(() => Clerk.mountSignIn(
  document.getElementById("form"),
  {{oauthFlow: "popup", forceRedirectUrl: "/account", signUpForceRedirectUrl: "/account"}}))
</script>"""


@app.get("/popup")
async def popup() -> HTMLResponse:
    return HTMLResponse(POPUP.format(key=KEY))


@app.get("/account")
async def account(auth: CurrentAuth) -> HTMLResponse:
    return page("Account", auth)
'''


@dataclass
class Production:
    """Addresses of the reverse proxy and the server, the proxy's certificate, a user who may sign in, the
    file that says by how many seconds the application's clock is off, and an OpenID provider."""

    tls_port: int
    server_url: str
    certificate: Certificate
    user_id: str
    clock: Path
    provider: OpenIdProvider


def sample(language: str, changes: dict[str, str]) -> str:
    """The page's block for one reverse proxy, with this machine's ports and files."""
    text = (ROOT / "docs" / "guides" / "operations.md").read_text("utf-8")
    (servers,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    for former, new in changes.items():
        assert former in servers
        servers = servers.replace(former, new)
    return servers


def upstreams(ports: dict[str, int]) -> dict[str, str]:
    return {
        "127.0.0.1:8787": f"127.0.0.1:{ports['greffier']}",
        "127.0.0.1:8000": f"127.0.0.1:{ports['application']}",
    }


def nginx(folder: Path, certificate: Certificate, ports: dict[str, int]) -> list[str]:
    changes = upstreams(ports) | {
        "listen 443 ssl": f"listen 127.0.0.1:{ports['tls']} ssl",
        "/etc/ssl/example.com.pem": str(certificate.chain),
        "/etc/ssl/example.com.key": str(certificate.key),
    }
    return reverse_proxies.nginx(folder, sample("nginx", changes))


def caddy(folder: Path, certificate: Certificate, ports: dict[str, int]) -> list[str]:
    """With the certificate of the test instead of one that it fetches."""
    here = f"bind 127.0.0.1\n    tls {certificate.chain} {certificate.key}\n    reverse_proxy"
    options = f"{{\n    admin off\n    auto_https disable_redirects\n    https_port {ports['tls']}\n}}\n"
    sites = sample("caddyfile", upstreams(ports) | {"reverse_proxy": here})
    (folder / "Caddyfile").write_text(options + sites)
    return [str(find_caddy()), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def has_passkeys(url: str) -> bool:
    environment = httpx.get(f"{url}/v1/environment", headers={"host": HOSTS[0]}).json()
    return environment["user_settings"]["attributes"]["passkey"]["enabled"]


@pytest.fixture(scope="module", params=[nginx, caddy])
def production(
    request: pytest.FixtureRequest, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    ports = {name: free_port() for name in ("tls", "greffier", "application")}
    certificate = ensure_certificate(folder, list(HOSTS))
    proxy = request.param(folder, certificate, ports)
    (folder / "app.py").write_text(_APPLICATION)
    (folder / "clock").write_text("0")
    with (
        postgres.database() as database,
        running_mail_server() as mail_server,
        openid_provider() as provider,
    ):
        settings = {
            "GREFFIER_DOMAIN": "example.com",
            "GREFFIER_DATABASE_URL": database,
            "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY,
            "GREFFIER_SMTP_URL": mail_server.url,
            "GREFFIER_MAIL_FROM": "Orchard <no-reply@example.com>",
            "GREFFIER_TRUSTED_PROXIES": "127.0.0.1",
            "GREFFIER_RATE_LIMIT_SCALE": "100",  # one person signs in several times within seconds
        }
        subprocess.run([*GREFFIER, "migrate"], env=os.environ | settings, check=True)
        serve = [*GREFFIER, "serve", "--host", "127.0.0.1", "--port", str(ports["greffier"])]
        with running_process(serve, environ=settings, cwd=folder):
            url = f"http://localhost:{ports['greffier']}"
            wait_until(lambda: answers(f"{url}/v1/health"), "greffier serve answers")
            wanted = SETTINGS.format(url=provider.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
            apply = [*GREFFIER, "config", "apply", "--file", "-"]
            subprocess.run(apply, env=os.environ | settings, input=wanted, text=True, check=True)
            wait_until(lambda: has_passkeys(url), "the server has read its settings")
            keys = dict(
                line.split("=", 1) for line in (folder / "greffier-keys.env").read_text().splitlines()
            )
            environ = keys | {"GREFFIER_API_URL": url}
            uvicorn = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(ports["application"])]
            with (
                running_process(uvicorn, environ=environ, cwd=folder),
                running_process(proxy, environ={"XDG_DATA_HOME": str(folder)}, cwd=folder),
            ):
                own = f"http://localhost:{ports['application']}"
                wait_until(lambda: answers(own), "the application answers")
                wait_until(lambda: listens(ports["tls"]), "the reverse proxy listens")
                user = httpx.post(
                    f"{url}/v1/users",
                    json={"email_address": [ADA], "password": PASSWORD},
                    headers={"authorization": f"Bearer {keys['GREFFIER_SECRET_KEY']}"},
                )
                clock = folder / "clock"
                yield Production(ports["tls"], url, certificate, user.json()["id"], clock, provider)


def browser_options(production: Production) -> dict[str, Any]:
    """For a browser that finds the hosts at this machine."""
    options = launch_options()
    rules = ",".join(f"MAP {host} 127.0.0.1:{production.tls_port}" for host in HOSTS)
    options["args"] = [*options["args"], f"--host-resolver-rules={rules}"]
    return options


@contextmanager
def new_page(production: Production) -> Generator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_options(production))
        yield browser.new_context(ignore_https_errors=True, user_agent=CHROME).new_page()
        browser.close()


@pytest.fixture
def page(production: Production) -> Iterator[Page]:
    """A browser, in whose console no failure may be at the end."""
    problems: list[str] = []
    with new_page(production) as page:
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        yield page
    assert problems == []


@contextmanager
def page_without_cookies(production: Production, profile: Path, *origins: str) -> Generator[Page]:
    """Of a browser that blocks the cookies of these origins, or all."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile_without_cookies(profile, *origins),
            ignore_https_errors=True,
            **browser_options(production),
        )
        yield context.new_page()
        context.close()


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_has_the_certificate(production: Production, host: str) -> None:
    context = ssl.create_default_context(cafile=str(production.certificate.ca))
    with (
        socket.create_connection(("127.0.0.1", production.tls_port), timeout=5) as connection,
        context.wrap_socket(connection, server_hostname=host) as secure,
    ):
        assert secure.getpeercert()


def test_doctor_finds_the_hosts_in_order(production: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, look_up = socket.create_connection, socket.getaddrinfo
    environment = httpx.get(f"{production.server_url}/v1/environment", headers={"host": HOSTS[0]})
    shop = msgspec.structs.replace(
        instance("production"), id=environment.json()["id"], hosts=frozenset(HOSTS[:2])
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(production.certificate.ca))
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *a, **o: look_up("127.0.0.1", *a, **o))
    monkeypatch.setattr(
        socket, "create_connection", lambda _, *a, **o: connect(("127.0.0.1", production.tls_port), *a, **o)
    )

    found = [(check.level, check.subject) for check in check_hosts(shop)]

    assert found == [("ok", HOSTS[0])] * 2 + [("ok", HOSTS[1])] * 2


def test_visitor_of_a_protected_page_signs_in_comes_back_and_signs_out(
    production: Production, page: Page
) -> None:
    page.goto("https://example.com/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.startswith("https://clerk.example.com/sign-in")
    enter_password(page, ADA)

    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    assert page.url == "https://example.com/account"
    expect(page.locator("#user")).to_have_text(production.user_id)
    page.reload()
    expect(page.locator("#user")).to_have_text(production.user_id)

    page.wait_for_function("window.Clerk?.loaded")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    expect(page.locator("#user")).to_have_text("None")
    page.goto("https://example.com/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_sign_in_without_a_way_back_ends_in_the_application(production: Production, page: Page) -> None:
    page.goto("https://clerk.example.com/")
    expect(page).to_have_url("https://clerk.example.com/sign-in")
    enter_password(page, ADA)
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    expect(page.locator("#user")).to_have_text(production.user_id)

    page.goto("https://accounts.example.com/sign-in")

    expect(page).to_have_url("https://example.com/")
    page.goto("https://accounts.example.com/user")
    expect(page.get_by_text(ADA).first).to_be_visible()
    assert page.url.startswith("https://clerk.example.com/user")


def test_browser_that_keeps_no_cookie_is_told_so_instead_of_a_form(
    production: Production, tmp_path: Path
) -> None:
    with page_without_cookies(production, tmp_path) as page:
        page.goto("https://example.com/account")

        expect(page.get_by_role("status")).to_contain_text("refuses cookies")
        expect(page.get_by_role("status")).to_contain_text("clerk.example.com")
        expect(page.get_by_label("Email address")).to_have_count(0)


def test_browser_whose_application_keeps_no_cookie_ends_at_a_page_that_says_so(
    production: Production, tmp_path: Path
) -> None:
    with page_without_cookies(production, tmp_path, "https://example.com:443") as page:
        page.goto("https://example.com/account")
        enter_password(page, ADA)

        expect(page.get_by_role("status")).to_contain_text("the application that sent you here cannot see it")
        assert page.url.startswith("https://clerk.example.com/sign-in")


@pytest.mark.parametrize("off", [-3600, 3600])
def test_application_whose_clock_is_an_hour_off_says_that_signing_in_did_not_work(
    production: Production, off: int
) -> None:
    production.clock.write_text(str(off))
    try:
        with new_page(production) as page:
            page.goto("https://example.com/account")
            enter_password(page, ADA)

            expect(page.get_by_role("heading", name="Signing in did not work")).to_be_visible()
            expect(page.get_by_text("Reference:")).to_be_visible()
    finally:
        production.clock.write_text("0")


def test_passkey_of_one_host_signs_in_on_another_of_the_domain(production: Production, page: Page) -> None:
    with_authenticator(page)
    page.goto("https://clerk.example.com/sign-in?redirect_url=https://clerk.example.com/user/security")
    enter_password(page, ADA)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Created: Today")).to_be_visible()
    page.evaluate("void Clerk.signOut()")  # not awaited: it leaves the page
    expect(page).to_have_url("https://example.com/")

    page.goto("https://accounts.example.com/sign-in?redirect_url=https://example.com/account")
    page.get_by_role("link", name="Use passkey instead").click()

    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def press_in_popup(page: Page) -> Page:
    """Press the button of the provider; the popup that it opens."""
    page.goto("https://example.com/popup")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Acme").click()
    return opened.value


def test_popup_signs_up_and_in_and_the_page_that_opened_it_goes_on(
    production: Production, page: Page
) -> None:
    address = f"popup{production.tls_port}@example.com"
    production.provider.user |= {"sub": address, "email": address}
    for _ in ("signs up, because no user has the account", "signs in"):
        popup = press_in_popup(page)

        expect(page.get_by_role("heading", name="Account")).to_be_visible()
        assert page.url == "https://example.com/account"
        if not popup.is_closed():
            popup.wait_for_event("close")
        page.wait_for_function("window.Clerk?.loaded")
        assert page.evaluate("Clerk.user.primaryEmailAddress.emailAddress") == address
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
