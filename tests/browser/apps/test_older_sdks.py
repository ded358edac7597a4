"""The browser SDKs of 2022-23 (major version 4) and of 2024-25 (5), unmodified, against today's server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from scripts.run_example import environment_of, example_app, greffier_server
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.services.ports import free_port

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["4", "5"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example with an older SDK, which has its components built in."""
    with ExitStack() as stack:
        _, facts = stack.enter_context(greffier_server(tmp_path_factory.mktemp("older"), 0))
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
