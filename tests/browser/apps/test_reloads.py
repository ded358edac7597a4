"""A reload in the middle of a sign-in, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_site
from tests.browser.visitor import PASSWORD, NewVisitor, Site, Visitor, new_address

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance that asks for a second step on devices that a user has never used."""
    with example_site(
        tmp_path_factory.mktemp("second-step"), "attack_protection.client_trust = true"
    ) as site:
        yield site


@pytest.fixture
def address(new_visitor: NewVisitor) -> str:
    """Of a person who has an account, made on another device."""
    address = new_address()
    new_visitor().sign_up(address)
    return address


@pytest.fixture(params=["on a page of the application", "on the hosted page"])
def sign_in_page(request: pytest.FixtureRequest, site: Site) -> str:
    if request.param == "on the hosted page":
        return f"{site.greffier}/sign-in"
    return f"{site.url}/sign-in"


def test_every_step_of_a_sign_in_has_a_path_that_can_be_reloaded(
    visitor: Visitor, address: str, sign_in_page: str
) -> None:
    page = visitor.page
    page.goto(sign_in_page)
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Continue", exact=True).click()
    password = page.get_by_label("Password", exact=True)
    expect(password).to_be_visible()

    expect(page).to_have_url(f"{sign_in_page}/factor-one")
    page.reload()
    expect(page).to_have_url(f"{sign_in_page}/factor-one")
    password.fill(PASSWORD)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page).to_have_url(f"{sign_in_page}/client-trust")
    visitor.see("second-step")


def test_a_reload_in_the_second_step_loses_no_progress(
    visitor: Visitor, address: str, sign_in_page: str
) -> None:
    page = visitor.page
    page.goto(sign_in_page)
    visitor.enter_password(address)
    expect(page.get_by_label("Enter verification code")).to_be_visible()
    sign_in = page.evaluate("Clerk.client.signIn.id")

    with page.expect_response("**/prepare_second_factor?*"):  # the component sends another code
        page.reload()

    expect(page).to_have_url(f"{sign_in_page}/client-trust")
    with page.expect_response("**/attempt_second_factor?*") as attempted:
        visitor.enter_code(address)
    answer = attempted.value.json()
    assert (answer["response"]["id"], answer["response"]["status"]) == (sign_in, "complete")
    page.wait_for_url(lambda url: not url.startswith(sign_in_page))
