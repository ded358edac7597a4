"""Signing up and in with an OpenID provider, with the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_site
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address
from tests.support.services.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running_provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def site(running_provider: OpenIdProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = f"""
[[social]]
provider = "custom_acme"
name = "Acme"
enabled = true
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
discovery_url = "{running_provider.url}/.well-known/openid-configuration"
"""
    with example_site(tmp_path_factory.mktemp("social"), settings) as site:
        yield site


@pytest.fixture
def provider(running_provider: OpenIdProvider) -> OpenIdProvider:
    """The provider, at which a new person signs in."""
    running_provider.reset()
    address = new_address()
    running_provider.user |= {"sub": address, "email": address}
    return running_provider


def press(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Acme").click()


def user_id(visitor: Visitor) -> str:
    return visitor.page.evaluate("Clerk.user.id")


def test_new_user_signs_up_and_in_by_the_button(visitor: Visitor, provider: OpenIdProvider) -> None:
    visitor.go("/sign-up")
    visitor.page.get_by_role("button", name="Acme").wait_for()
    visitor.see("social-sign-up")
    press(visitor)
    visitor.expect_dashboard()
    user = user_id(visitor)
    assert visitor.page.evaluate("Clerk.user.externalAccounts[0].providerUserId") == provider.user["sub"]
    visitor.sign_out()

    visitor.go("/sign-in")
    press(visitor)

    visitor.expect_dashboard()
    assert user_id(visitor) == user


def test_sign_in_of_a_new_person_becomes_a_sign_up(visitor: Visitor, provider: OpenIdProvider) -> None:
    visitor.go("/sign-in")
    press(visitor)

    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.user.firstName") == "Ada"


def test_sign_up_of_a_known_account_becomes_a_sign_in(
    new_visitor: NewVisitor, provider: OpenIdProvider
) -> None:
    first, again = new_visitor(), new_visitor()
    first.go("/sign-up")
    press(first)
    first.expect_dashboard()

    again.go("/sign-up")
    press(again)

    again.expect_dashboard()
    assert user_id(again) == user_id(first)


def test_person_without_address_goes_on_with_the_form(visitor: Visitor, provider: OpenIdProvider) -> None:
    address = new_address()
    del provider.user["email"]
    visitor.go("/sign-up")
    press(visitor)

    visitor.page.get_by_label("Email address").fill(address)
    visitor.see("social-continue")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.enter_code(address)

    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.user.externalAccounts.length") == 1


def test_account_is_connected_and_removed_in_the_profile(visitor: Visitor, provider: OpenIdProvider) -> None:
    visitor.sign_up(new_address())
    page = visitor.page
    visitor.go("/profile")
    page.get_by_role("button", name="Connect account").click()
    page.get_by_role("menuitem", name="Acme").click()

    expect(page.get_by_text(provider.user["email"])).to_be_visible()
    visitor.see("social-connected")
    assert page.evaluate("Clerk.user.externalAccounts[0].verification.status") == "verified"

    page.get_by_role("button", name="Open menu").last.click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_text(provider.user["email"])).to_be_hidden()
    assert page.evaluate("Clerk.user.reload().then(user => user.externalAccounts.length)") == 0


def test_account_whose_access_has_ended_is_connected_again_in_the_profile(
    visitor: Visitor, provider: OpenIdProvider
) -> None:
    provider.lifetime = 5  # seconds; a token that ends so soon is refreshed whenever it is asked for
    visitor.go("/sign-up")
    press(visitor)
    visitor.expect_dashboard()
    tokens = f"{visitor.site.greffier}/v1/users/{user_id(visitor)}/oauth_access_tokens/custom_acme"
    key = {"authorization": f"Bearer {visitor.site.secret_key}"}
    assert visitor.context.request.get(tokens, headers=key).status == 422
    page = visitor.page
    visitor.go("/profile")
    page.get_by_text("This account has been disconnected").wait_for()
    visitor.see("social-disconnected")

    with page.expect_response("**/v1/oauth_callback*"):
        page.get_by_role("button", name="Reconnect").click()

    expect(page.get_by_text(provider.user["email"]).last).to_be_visible()
    expect(page.get_by_text("This account has been disconnected")).to_be_hidden()
    assert page.evaluate("Clerk.user.externalAccounts[0].verification.error") is None
