"""Another application signs people in with this instance, on hosted pages of the unmodified components."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, Site, Visitor, new_address
from tests.support.oauth.applications import PKCE, VERIFIER

pytestmark = pytest.mark.browser


class _Shop(BaseHTTPRequestHandler):
    """The other application: it answers its callback, and forwards it once more as many do."""

    def do_GET(self) -> None:
        if self.path.startswith("/callback"):
            self.send_response(303)
            self.send_header("location", "/done?" + urlsplit(self.path).query)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>Shop</title><h1>Shop</h1>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def shop_url() -> Iterator[str]:
    with ThreadingHTTPServer(("localhost", 0), _Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def application(site: Site, shop_url: str) -> dict[str, Any]:
    response = httpx.post(
        f"{site.greffier}/v1/oauth_applications",
        json={
            "name": "Shop <b>& Co</b>",
            "redirect_uris": [f"{shop_url}/callback"],
            "scopes": "openid profile email",
            "public": True,
        },
        headers={"authorization": f"Bearer {site.secret_key}"},
    )
    return response.raise_for_status().json()


def authorize(visitor: Visitor, application: dict[str, Any], **parameters: str) -> None:
    query = {
        "response_type": "code",
        "client_id": application["client_id"],
        "redirect_uri": application["callback_url"],
        "scope": "openid profile email",
        "state": "from the shop",
        **PKCE,
        **parameters,
    }
    visitor.page.goto(f"{visitor.site.greffier}/oauth/authorize?{urlencode(query)}")


def answer_at(visitor: Visitor, shop_url: str) -> dict[str, str]:
    visitor.page.wait_for_url(f"{shop_url}/done?**")
    expect(visitor.page.get_by_role("heading", name="Shop")).to_be_visible()
    return {name: values[0] for name, values in parse_qs(urlsplit(visitor.page.url).query).items()}


def test_a_person_signs_in_consents_and_is_back_with_a_code(
    visitor: Visitor, site: Site, application: dict[str, Any], shop_url: str
) -> None:
    address = new_address()
    visitor.sign_up(address)
    visitor.sign_out()
    visitor.context.clear_cookies()  # as on a first visit

    authorize(visitor, application)
    visitor.page.wait_for_url("**/sign-in?**")
    visitor.enter_password(address)
    visitor.page.wait_for_url("**/oauth-consent?**")
    expect(visitor.page.get_by_role("heading", name="Shop <b>& Co</b>")).to_be_visible()
    expect(visitor.page.get_by_text("See your email address")).to_be_visible()
    visitor.see("oauth-consent")
    visitor.page.get_by_role("button", name="Allow").click()
    answer = answer_at(visitor, shop_url)

    assert answer["state"] == "from the shop"
    exchanged = httpx.post(
        f"{site.greffier}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": application["callback_url"],
            "client_id": application["client_id"],
            "code_verifier": VERIFIER,
        },
    )
    bearer = {"authorization": f"Bearer {exchanged.raise_for_status().json()['access_token']}"}
    assert httpx.get(f"{site.greffier}/oauth/userinfo", headers=bearer).json()["email"] == address


def test_a_person_who_denies_is_back_without_one(
    visitor: Visitor, application: dict[str, Any], shop_url: str
) -> None:
    visitor.sign_up(new_address())
    authorize(visitor, application)

    visitor.page.get_by_role("button", name="Deny").click()

    answer = answer_at(visitor, shop_url)
    assert (answer["error"], answer["state"]) == ("access_denied", "from the shop")
    assert "code" not in answer


def test_a_wrong_link_shows_a_page_that_leads_nowhere(visitor: Visitor, application: dict[str, Any]) -> None:
    visitor.tolerated = ("400 (Bad Request)",)

    authorize(visitor, application | {"callback_url": "https://evil.example/callback"})

    expect(visitor.page.get_by_role("heading", name="Invalid redirect_uri")).to_be_visible()
    assert "evil.example" not in urlsplit(visitor.page.url).netloc


def test_application_that_wants_a_new_proof_gets_it_and_the_person_stays_signed_in(
    visitor: Visitor, application: dict[str, Any], shop_url: str
) -> None:
    address = new_address()
    visitor.sign_up(address)

    authorize(visitor, application, prompt="login")
    visitor.page.wait_for_url("**/oauth-verification?**")
    expect(visitor.page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.see("oauth-verification")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.page.wait_for_url("**/oauth-consent?**")
    visitor.page.get_by_role("button", name="Allow").click()

    assert "code" in answer_at(visitor, shop_url)
    visitor.go("/dashboard")
    visitor.expect_dashboard()


def test_person_may_answer_a_wish_for_a_new_proof_with_another_account(
    visitor: Visitor, application: dict[str, Any]
) -> None:
    visitor.sign_up(new_address())
    authorize(visitor, application, prompt="login")
    expect(visitor.page.get_by_label("Password", exact=True)).to_be_visible()

    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("button", name="Use another account").click()

    visitor.page.wait_for_url("**/sign-in?**")
