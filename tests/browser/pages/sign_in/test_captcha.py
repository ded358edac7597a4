"""Signing up where a CAPTCHA is asked for, with the unmodified components.

The provider's script is not to be had without the Internet: its host is routed to a stand-in, which draws a
button where the real one draws its checkbox. What checks the token is a real HTTP server.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Route, expect

from tests.browser.sites import example_site
from tests.browser.visitor import PASSWORD, Site, Visitor, new_address
from tests.support.services.captcha_provider import (
    INVISIBLE_SECRET_KEY,
    INVISIBLE_SITE_KEY,
    SECRET_KEY,
    SITE_KEY,
    CaptchaProvider,
    captcha_provider,
)

pytestmark = pytest.mark.browser

SCRIPT = """
window.turnstile = {
  render(where, options) {
    const solve = async () => options.callback(await window.solveCaptcha(options.sitekey));
    if (where.startsWith("#")) {
      options["before-interactive-callback"]();
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "I am human";
      button.onclick = solve;
      document.querySelector(where).append(button);
    } else {
      solve();
    }
    return "widget";
  },
  reset() {},
  remove() { document.querySelector("#clerk-captcha button")?.remove(); },
};
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[CaptchaProvider]:
    with captcha_provider() as provider:
        yield provider


@pytest.fixture(scope="module", params=["smart", "invisible"])
def site(
    request: pytest.FixtureRequest, provider: CaptchaProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    settings = f"""
[captcha]
enabled = true
widget_type = "{request.param}"
site_key = "{SITE_KEY}"
secret_key = "{SECRET_KEY}"
invisible_site_key = "{INVISIBLE_SITE_KEY}"
invisible_secret_key = "{INVISIBLE_SECRET_KEY}"
verify_url = "{provider.url}"
"""
    with example_site(tmp_path_factory.mktemp("captcha"), settings) as site:
        yield site


@pytest.fixture
def widget(visitor: Visitor, site: Site, provider: CaptchaProvider, request: pytest.FixtureRequest) -> str:
    """The widget of this site; its script is the stand-in."""
    numbers = count(1)
    secrets = {SITE_KEY: SECRET_KEY, INVISIBLE_SITE_KEY: INVISIBLE_SECRET_KEY}

    def solve(site_key: str) -> str:
        return provider.solve(f"token-{next(numbers)}", secrets[site_key])

    def answer(route: Route) -> None:
        route.fulfill(body=SCRIPT, content_type="text/javascript")

    visitor.context.expose_function("solveCaptcha", solve)
    visitor.context.route("https://challenges.cloudflare.com/**", answer)
    provider.received.clear()
    return request.node.callspec.params["site"]


def test_new_user_solves_the_captcha_and_signs_up(
    visitor: Visitor, widget: str, provider: CaptchaProvider
) -> None:
    address = new_address()
    visitor.begin_sign_up(address)
    if widget == "smart":
        button = visitor.page.get_by_role("button", name="I am human")
        button.wait_for()
        visitor.see("captcha")
        button.click()
    visitor.enter_code(address)
    visitor.expect_dashboard()

    (asked,) = provider.received
    assert asked["secret"] == (SECRET_KEY if widget == "smart" else INVISIBLE_SECRET_KEY)


def test_hosted_page_lets_the_provider_run(visitor: Visitor, widget: str, provider: CaptchaProvider) -> None:
    page = visitor.page
    page.goto(f"{visitor.site.greffier}/sign-up")
    policy = visitor.responses[0].headers["content-security-policy"]
    page.get_by_label("Email address").fill(new_address())
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    password.press("Enter")
    if widget == "smart":
        page.get_by_role("button", name="I am human").click()
    page.get_by_label("Enter verification code").wait_for()

    assert "frame-src https://challenges.cloudflare.com" in policy
    assert len(provider.received) == 1


def test_blocked_script_is_told_in_the_form(visitor: Visitor, provider: CaptchaProvider, widget: str) -> None:
    visitor.tolerated = ("challenges.cloudflare.com", "status of 400")
    visitor.context.unroute("https://challenges.cloudflare.com/**")
    visitor.context.route("https://challenges.cloudflare.com/**", lambda route: route.abort())

    visitor.begin_sign_up(new_address())

    expect(visitor.page.get_by_text("CAPTCHA", exact=False).first).to_be_visible(timeout=30_000)
    visitor.see(f"captcha-blocked-{widget}")
    assert provider.received == []
