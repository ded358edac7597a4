"""The unmodified `@clerk/backend` (Node.js) in an application on a satellite domain."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import APP_ORIGIN, ENCRYPTION_KEY, LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY, PASSWORD
from tests.support.services.node import NodeSdk
from tests.support.services.processes import GREFFIER, Serving, greffier_serve

pytestmark = pytest.mark.sdk

PAGE = "https://app.example.dev/orders?page=2"
SYNCED = f"{PAGE}&__clerk_synced=true"
INSTANCE = f"""
publishable_key = "{LIVE_PUBLISHABLE_KEY}"
secret_keys = ["{LIVE_SECRET_KEY}"]
domain = "example.com"
[[satellites]]
domain = "example.dev"
"""


class Dns(httpx.BaseTransport):
    """Every host is the one server, as its name servers and its proxy would have it."""

    def __init__(self, server: httpx.URL) -> None:
        self._server = server
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(
            scheme=self._server.scheme, host=self._server.host, port=self._server.port
        )
        sent = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        return self._inner.handle_request(sent)


@dataclass(frozen=True)
class Visitor:
    """A browser that visits pages of the satellite's application."""

    sdk: NodeSdk
    server: str
    http: httpx.Client

    def sign_in(self) -> str:
        signed_in = self.http.post(
            "https://clerk.example.com/v1/client/sign_ins",
            data={"strategy": "password", "identifier": "ada@example.com", "password": PASSWORD},
            headers={"origin": "https://example.com"},
        )
        return signed_in.raise_for_status().json()["response"]["created_session_id"]

    def visit(self, url: str, **options: Any) -> dict[str, Any]:
        """Returns the decision of the application's server, and keeps its cookies."""
        cookies = httpx.Cookies(self.http.cookies)
        request = httpx.Request("GET", url)
        cookies.set_cookie_header(request)
        state = self.sdk.result(
            "authenticate",
            client={
                "publishableKey": LIVE_PUBLISHABLE_KEY,
                "secretKey": LIVE_SECRET_KEY,
                "apiUrl": self.server,
                "telemetry": {"disabled": True},
            },
            request={
                "url": url,
                "headers": {
                    "sec-fetch-dest": "document",
                    "accept": "text/html",
                    "cookie": request.headers.get("cookie", ""),
                },
            },
            options={
                "isSatellite": True,
                "domain": "example.dev",
                "signInUrl": "https://example.com/sign-in",
            }
            | options,
        )
        lines = [("set-cookie", value) for name, value in state["headers"] if name == "set-cookie"]
        self.http.cookies.extract_cookies(httpx.Response(200, headers=lines, request=request))
        return state

    def follow(self, state: dict[str, Any]) -> str:
        """Go through the handshake; the page that it ends at."""
        url: str = dict(state["headers"])["location"]
        for _ in range(6):
            if not url.startswith("https://clerk."):
                return url
            response = self.http.get(url)
            assert response.status_code == 307, response.text
            url = response.headers["location"]
        raise AssertionError(f"still on the way at {url}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("satellite")
    (folder / "instance.toml").write_text(INSTANCE)
    database = f"sqlite:///{folder / 'greffier.db'}"
    subprocess.run(
        [*GREFFIER, "instances", "create", "--config", str(folder / "instance.toml")],
        env=os.environ | {"GREFFIER_DATABASE_URL": database, "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY},
        check=True,
        capture_output=True,
    )
    with greffier_serve(database) as (_, url):
        user = {"email_address": ["ada@example.com"], "password": PASSWORD}
        with httpx.Client(headers={"authorization": f"Bearer {LIVE_SECRET_KEY}"}) as backend:
            backend.post(f"{url}/v1/users", json=user).raise_for_status()
        yield url


@pytest.fixture
def visitor(node_sdk: NodeSdk, server: str) -> Iterator[Visitor]:
    with httpx.Client(transport=Dns(httpx.URL(server))) as http:
        yield Visitor(node_sdk, server, http)


def test_visitor_who_comes_back_from_the_sign_in_is_signed_in(visitor: Visitor) -> None:
    session_id = visitor.sign_in()

    first = visitor.visit(f"{PAGE}&__clerk_synced=false")
    assert (first["status"], first["reason"]) == ("handshake", "satellite-needs-syncing")
    assert visitor.follow(first) == SYNCED
    second = visitor.visit(SYNCED)
    third = visitor.visit(PAGE)

    assert (second["status"], second["session_id"]) == ("signed-in", session_id)
    assert (third["status"], third["session_id"]) == ("signed-in", session_id)


def test_signed_out_visitor_is_asked_once(visitor: Visitor) -> None:
    first = visitor.visit(PAGE, satelliteAutoSync=True)
    assert first["reason"] == "satellite-needs-syncing"
    assert visitor.follow(first) == SYNCED

    second = visitor.visit(SYNCED, satelliteAutoSync=True)
    third = visitor.visit(SYNCED, satelliteAutoSync=True)

    assert second["status"] == third["status"] == "signed-out"


def test_visitor_who_never_asked_is_signed_out_without_a_redirect(visitor: Visitor) -> None:
    visitor.sign_in()

    state = visitor.visit(PAGE)

    assert (state["status"], state["reason"]) == ("signed-out", "session-token-and-uat-missing")


def test_sign_out_on_the_primary_domain_reaches_the_satellite(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.visit(visitor.follow(visitor.visit(f"{PAGE}&__clerk_synced=false")))
    visitor.http.post(
        "https://clerk.example.com/v1/client/sessions?_method=DELETE",
        headers={"origin": "https://example.com"},
    ).raise_for_status()
    for cookie in list(visitor.http.cookies.jar):  # the token's minute is over
        if cookie.name.startswith(("__session", "__refresh")):
            visitor.http.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)

    first = visitor.visit(PAGE)
    assert first["reason"] == "client-uat-but-no-session-token"
    second = visitor.visit(visitor.follow(first))

    assert second["status"] == "signed-out"


def test_domains_are_managed(node_sdk: NodeSdk, server: str) -> None:
    client = {"secretKey": LIVE_SECRET_KEY, "apiUrl": server, "telemetry": {"disabled": True}}

    def call(method: str, *args: Any) -> Any:
        return node_sdk.result("call", client=client, method=method, args=args)

    added = call("domains.add", {"name": "example.org", "is_satellite": True})
    changed = call("domains.update", {"domainId": added["id"], "proxy_url": "https://example.org/__clerk"})
    listed = call("domains.list")
    deleted = call("domains.delete", added["id"])

    assert (added["isSatellite"], added["frontendApiUrl"]) == (True, "https://clerk.example.org")
    assert changed["proxyUrl"] == "https://example.org/__clerk"
    assert listed["totalCount"] == 3
    assert {domain["name"] for domain in listed["data"]} == {"example.com", "example.dev", "example.org"}
    assert (deleted["id"], deleted["deleted"]) == (added["id"], True)


def test_satellite_in_development_learns_by_the_primary_domains_page(
    node_sdk: NodeSdk, dev_server: Serving
) -> None:
    browser = dev_server.sign_up("node-satellite+clerk_test@example.com")
    client = {
        "publishableKey": dev_server.publishable_key,
        "secretKey": dev_server.secret_key,
        "apiUrl": dev_server.url,
        "proxyUrl": dev_server.url,
        "telemetry": {"disabled": True},
    }
    satellite = {"isSatellite": True, "domain": "shop.localhost:3001", "signInUrl": f"{APP_ORIGIN}/sign-in"}

    def visit(url: str, cookie: str = "", options: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"sec-fetch-dest": "document", "accept": "text/html", "cookie": cookie}
        request = {"url": url, "headers": headers}
        return node_sdk.result("authenticate", client=client, request=request, options=options)

    def location(state: dict[str, Any]) -> str:
        return dict(state["headers"])["location"]

    on_satellite = visit("http://shop.localhost:3001/cart?__clerk_synced=false", options=satellite)
    assert on_satellite["reason"] == "satellite-needs-syncing"
    assert location(on_satellite).startswith(f"{APP_ORIGIN}/sign-in?__clerk_redirect_url=")
    handshake = visit(f"{APP_ORIGIN}/")
    at_primary = browser.get(location(handshake)).headers["location"]
    dev_browser = next(
        value.partition("=")[2].partition(";")[0]
        for name, value in visit(at_primary)["headers"]
        if name == "set-cookie" and value.startswith("__clerk_db_jwt=")
    )

    answered = visit(location(on_satellite), f"__clerk_db_jwt={dev_browser}")
    assert answered["reason"] == "primary-responds-to-syncing"
    arrived = visit(location(answered), options=satellite)
    assert arrived["reason"] == "dev-browser-sync"
    # Another site's page: the server knows the browser by the address alone.
    back = httpx.get(location(arrived)).headers["location"]
    cookies = "; ".join(
        value.partition(";")[0]
        for name, value in visit(back, options=satellite)["headers"]
        if name == "set-cookie"
    )
    state = visit("http://shop.localhost:3001/cart", cookies, satellite)

    assert (state["status"], state["session_id"]) == ("signed-in", browser.session_id)
