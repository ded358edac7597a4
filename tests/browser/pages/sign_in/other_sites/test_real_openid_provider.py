"""Signing up and in with the npm package `oidc-provider`, its pages and the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sites import example_site
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address
from tests.support.services.oidc_provider import OidcProvider, oidc_provider, settings_of
from tests.support.services.processes import apply_settings

pytestmark = [pytest.mark.browser, pytest.mark.sdk]


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def site(provider: OidcProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data: Path = tmp_path_factory.mktemp("real-provider")
    with example_site(data) as site:
        issuer = provider.configure(f"{site.greffier}/v1/oauth_callback")
        apply_settings(data, site.greffier, settings_of(issuer))
        yield site


@pytest.fixture
def new_visitor(new_visitor: NewVisitor) -> NewVisitor:
    """The provider's pages have no icon, and a font from elsewhere."""

    def arrive(**options: Any) -> Visitor:
        visitor = new_visitor(**options)
        visitor.tolerated = ("fonts.googleapis.com", "/favicon.ico")
        return visitor

    return arrive


def press(page: Page) -> None:
    page.get_by_role("button", name="Intranet").click()


def log_in(page: Page, login: str) -> None:
    """On the provider's page."""
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()


def consent(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()


def sign_up(visitor: Visitor, login: str) -> None:
    visitor.go("/sign-up")
    press(visitor.page)
    log_in(visitor.page, login)
    consent(visitor.page)
    visitor.expect_dashboard()


def user_id(visitor: Visitor) -> str:
    return visitor.page.evaluate("Clerk.user.id")


def test_person_signs_up_with_consent_and_in_without(visitor: Visitor) -> None:
    login = new_address()
    visitor.go("/sign-up")
    press(visitor.page)
    log_in(visitor.page, login)
    visitor.page.get_by_role("button", name="Continue").wait_for()
    visitor.see("real-provider-consent")
    consent(visitor.page)
    visitor.expect_dashboard()
    user = user_id(visitor)
    assert visitor.page.evaluate("Clerk.user.externalAccounts[0].providerUserId") == login
    assert visitor.page.evaluate("Clerk.user.primaryEmailAddress.emailAddress") == login
    visitor.sign_out()

    visitor.go("/sign-in")
    press(visitor.page)

    visitor.expect_dashboard()
    assert user_id(visitor) == user


def test_both_forms_lead_a_person_to_their_account(new_visitor: NewVisitor) -> None:
    login, at_sign_in, at_sign_up = new_address(), new_visitor(), new_visitor()
    at_sign_in.go("/sign-in")
    press(at_sign_in.page)
    log_in(at_sign_in.page, login)
    consent(at_sign_in.page)
    at_sign_in.expect_dashboard()

    sign_up(at_sign_up, login)

    assert user_id(at_sign_up) == user_id(at_sign_in)


def test_person_who_denies_is_told_and_may_try_again(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    press(visitor.page)
    visitor.page.get_by_role("link", name="Cancel").click()

    expect(visitor.page.get_by_text("You did not grant access to your account")).to_be_visible()
    visitor.see("real-provider-denied")
    press(visitor.page)
    log_in(visitor.page, new_address())
    consent(visitor.page)
    visitor.expect_dashboard()


def test_account_is_connected_asked_for_more_and_removed(visitor: Visitor) -> None:
    login, page = new_address(), visitor.page
    visitor.sign_up(new_address())
    visitor.go("/profile")
    page.get_by_role("button", name="Connect account").click()
    page.get_by_role("menuitem", name="Intranet").click()
    log_in(page, login)
    consent(page)
    expect(page.get_by_text(login)).to_be_visible()
    assert page.evaluate("Clerk.user.externalAccounts[0].approvedScopes") == "openid profile email"

    url = page.evaluate(
        "Clerk.user.externalAccounts[0]"
        ".reauthorize({additionalScopes: ['calendar'], redirectUrl: location.href})"
        ".then(account => account.verification.externalVerificationRedirectURL.href)"
    )
    page.goto(url)
    expect(page.get_by_text("calendar", exact=True)).to_be_visible()
    visitor.see("real-provider-more-scopes")
    consent(page)
    expect(page.get_by_text(login)).to_be_visible()
    visitor.see("real-provider-connected")
    scopes = page.evaluate("Clerk.user.externalAccounts[0].approvedScopes")
    assert scopes == "openid profile email calendar"

    page.get_by_role("button", name="Open menu").last.click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text(login)).to_be_hidden()
    assert page.evaluate("Clerk.user.reload().then(user => user.externalAccounts.length)") == 0


def test_application_asks_for_a_new_login(visitor: Visitor) -> None:
    login, page = new_address(), visitor.page
    sign_up(visitor, login)
    visitor.sign_out()
    visitor.go("/sign-in")
    page.get_by_role("button", name="Intranet").wait_for()

    page.evaluate(
        "void Clerk.client.signIn.authenticateWithRedirect({strategy: 'oauth_custom_intranet',"
        " redirectUrl: '/sign-in/sso-callback', redirectUrlComplete: '/dashboard', oidcPrompt: 'login'})"
    )

    log_in(page, login)
    visitor.expect_dashboard()


def test_two_tabs_sign_in_one_after_the_other(visitor: Visitor) -> None:
    login, first, second = new_address(), visitor.page, visitor.open_page()
    visitor.go("/sign-in")
    first.get_by_role("button", name="Intranet").wait_for()  # both tabs are one development browser
    second.goto(f"{visitor.site.url}/sign-in")
    press(first)
    first.get_by_placeholder("Enter any login").wait_for()
    press(second)
    log_in(second, login)
    consent(second)
    expect(second).to_have_url(f"{visitor.site.url}/dashboard")

    log_in(first, login)

    expect(first).to_have_url(f"{visitor.site.url}/dashboard")
    visitor.page = first
    visitor.expect_dashboard()


def test_person_goes_back_from_the_provider_and_forth_again(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/sign-up")
    press(page)
    page.get_by_placeholder("Enter any login").wait_for()

    page.go_back()
    press(page)
    log_in(page, new_address())
    consent(page)

    visitor.expect_dashboard()


def test_reload_of_the_page_that_goes_on_changes_nothing(visitor: Visitor) -> None:
    """The page of the callback is left half-way, and opened again."""
    page = visitor.page
    visitor.go("/sign-in")
    press(page)
    page.route("**/v1/client/sign_ups?*", lambda route: route.abort())
    visitor.tolerated += ("ERR_FAILED", "Failed to fetch", "network")
    log_in(page, new_address())
    with page.expect_request("**/v1/client/sign_ups?*"):
        consent(page)
    page.unroute_all()

    page.reload()

    visitor.expect_dashboard()
