"""Requests that ask for a recent proof, and the unmodified browser components that let the user give it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, expect

from greffier.fastapi import add_auth, require_auth
from greffier.testing import TestServer, serving
from tests.browser.visitor import Site, Visitor
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser
ADA, PASSWORD = "ada@example.com", "correct horse battery staple"
NEW_PASSWORD = "another horse battery staple"

PAGE = """<!doctype html><title>Bank</title>
<script defer crossorigin="anonymous" src="{greffier}/npm/@clerk/clerk-js@6/dist/clerk.browser.js"
  data-clerk-publishable-key="{key}" data-clerk-proxy-url="{greffier}"></script>
<script defer crossorigin="anonymous" src="{greffier}/npm/@clerk/ui@1/dist/ui.browser.js"></script>
<button id="pay">Pay</button><p id="answer"></p>
<script>
const pay = async () => {{
  const token = await Clerk.session.getToken({{ skipCache: true }});
  const headers = {{ authorization: `Bearer ${{token}}` }};
  const answer = await fetch('/payments', {{ method: 'POST', headers }});
  const body = await answer.json();
  const asked = body.clerk_error?.metadata?.reverification;
  document.querySelector('#answer').textContent = `${{answer.status}} ${{asked?.level ?? ''}}`;
  if (asked) Clerk.__internal_openReverification({{ level: asked.level, afterVerification: pay }});
}};
document.querySelector('#pay').onclick = pay;
addEventListener('load', async () => {{
  await Clerk.load({{ ui: {{ ClerkUI: window.__internal_ClerkUICtor }} }});
  document.body.dataset.loaded = 'true';
}});
</script>"""


@pytest.fixture
def server() -> Iterator[TestServer]:
    with TestServer() as server:
        server.listen()
        yield server


@pytest.fixture
def bank(server: TestServer) -> Iterator[str]:
    """An app whose payments need a proof of the last ten minutes."""
    app = FastAPI()
    add_auth(app, public_routes=["/"], **server.settings())

    @app.get("/")
    async def home() -> HTMLResponse:
        return HTMLResponse(PAGE.format(greffier=server.url, key=server.publishable_key))

    @app.post("/payments", dependencies=[Depends(require_auth(reverification="strict"))])
    async def payments() -> dict[str, Any]:
        return {}

    with serving(app) as url:
        server.configure({"allowed_origins": [url]})
        yield url


def test_person_proves_who_they_are_before_they_pay(chromium: Browser, server: TestServer, bank: str) -> None:
    ada = server.create_user(email_address=ADA, password=PASSWORD)
    visitor = Visitor(chromium.new_context(), Site(bank, server.url))
    visitor.tolerated = ("status of 403",)  # the browser's own line for the payment that is refused
    page = visitor.page
    page.goto(bank)
    expect(page.locator("body")).to_have_attribute("data-loaded", "true")
    signed_in = page.evaluate(
        """async ([identifier, password]) => {
          const signIn = await Clerk.client.signIn.create({ strategy: 'password', identifier, password });
          await Clerk.setActive({ session: signIn.createdSessionId });
          return Clerk.user.id;
        }""",
        [ADA, PASSWORD],
    )
    assert signed_in == ada.id
    page.locator("#pay").click()
    expect(page.locator("#answer")).to_have_text("200")

    server.clock.advance(minutes=20)
    page.locator("#pay").click()
    expect(page.locator("#answer")).to_have_text("403 second_factor")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.see("reverification")
    page.keyboard.press("Enter")

    expect(page.locator("#answer")).to_have_text("200")


def test_user_proves_who_they_are_before_they_change_their_password(
    chromium: Browser, server: TestServer
) -> None:
    server.create_user(email_address=ADA, password=PASSWORD)
    visitor = Visitor(chromium.new_context(), Site(server.url, server.url))
    visitor.tolerated = ("status of 403",)  # the browser's own line for the change that is refused
    page = visitor.page
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(page, ADA)
    page.get_by_role("button", name="Security").click()
    server.clock.advance(minutes=20)

    page.get_by_role("button", name="Update password").click()
    expect(page.get_by_label("Current password")).to_have_count(0)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirm password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.see("reverification-password")
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Update password")).to_be_visible()
    other = Visitor(chromium.new_context(), Site(server.url, server.url))
    other.go("/sign-in?redirect_url=/user")
    enter_password(other.page, ADA, NEW_PASSWORD)
    expect(other.page.get_by_role("button", name="Security")).to_be_visible()
    visitor.check()
    other.check()
