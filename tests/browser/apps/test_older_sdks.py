"""The browser SDKs of 2022-23 (major version 4) and of 2024-25 (5), unmodified, against today's server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from scripts.run_example import environment_of, example_app, greffier_server
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.services.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)
from tests.support.services.ports import free_port
from tests.support.services.processes import apply_settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


@pytest.fixture(scope="module", params=["4", "5"])
def site(
    request: pytest.FixtureRequest, provider: OpenIdProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The example with an older SDK, which has its components built in."""
    with ExitStack() as stack:
        data = tmp_path_factory.mktemp("older")
        _, facts = stack.enter_context(greffier_server(data, 0))
        settings = f"""
[[social]]
provider = "custom_acme"
name = "Acme"
enabled = true
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
discovery_url = "{provider.url}/.well-known/openid-configuration"
"""
        apply_settings(data, facts["frontend_api_url"], settings)
        sdk = f"{facts['frontend_api_url']}/npm/@clerk/clerk-js@{request.param}/dist/clerk.browser.js"
        environment = environment_of(facts) | {
            "GREFFIER_CLERK_JS_URL": sdk,
            "GREFFIER_CLERK_UI_URL": "data:,",
        }
        _, url = stack.enter_context(example_app(free_port(), environment))
        yield Site(url, facts["frontend_api_url"])


def test_a_person_signs_up_and_out_and_in_by_password(visitor: Visitor, site: Site):
    # Version 4 shows its maker's picture, from the maker's server, while it loads ours.
    visitor.tolerated = ("img.clerk.com/static/avatar_placeholder",)
    address = new_address()
    visitor.begin_sign_up(address)
    visitor.enter_code(address)
    sign_out = visitor.page.get_by_role("button", name="Sign out")
    expect(sign_out).to_be_visible(timeout=15_000)
    visitor.go("/dashboard")
    visitor.page.reload()
    visitor.expect_dashboard()
    user = visitor.ask_api()["user_id"]

    if visitor.page.evaluate("Clerk.version").startswith("4."):
        sign_out.click()  # this version stays where it is
        expect(visitor.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    else:
        visitor.sign_out()
    visitor.go("/sign-in")
    visitor.enter_password(address)
    expect(sign_out).to_be_visible(timeout=15_000)
    visitor.go("/dashboard")

    assert visitor.ask_api()["user_id"] == user


def test_a_person_signs_up_and_in_with_an_account_elsewhere(visitor: Visitor, provider: OpenIdProvider):
    """By a method of the SDK and its page for the way back."""
    visitor.tolerated = ("img.clerk.com/static/avatar_placeholder",)
    address = new_address()
    provider.user |= {"sub": address, "email": address}
    sign_out = visitor.page.get_by_role("button", name="Sign out")
    users: list[str] = []

    for form in ("/sign-up", "/sign-in"):
        visitor.go(form)
        visitor.page.get_by_label("Email address").wait_for()
        visitor.see(f"older-{form[1:]}-{visitor.page.evaluate('Clerk.version')[0]}")
        visitor.page.evaluate(
            "form => {Clerk.client.signIn.authenticateWithRedirect({strategy: 'oauth_custom_acme',"
            " redirectUrl: `${form}/sso-callback`, redirectUrlComplete: '/dashboard'})}",
            form,
        )
        expect(sign_out).to_be_visible(timeout=15_000)
        visitor.go("/dashboard")
        visitor.expect_dashboard()
        users.append(visitor.ask_api()["user_id"])
        sign_out.click()
        expect(visitor.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()

    assert users[0] == users[1]
