"""A wallet and the browser SDK of 2022-23 (major version 4), unmodified, which signs `nonce`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from scripts.run_example import environment_of, example_app, greffier_server
from tests.browser.injected_wallets import InjectedEthereumWallet
from tests.browser.visitor import Site, Visitor
from tests.support.services.ports import free_port
from tests.support.services.processes import apply_settings

pytestmark = pytest.mark.browser

SETTINGS = """
[attributes.email_address]
required = false
[attributes.web3_wallet]
enabled = true
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example with that SDK, which has its components built in."""
    data = tmp_path_factory.mktemp("older")
    with ExitStack() as stack:
        _, facts = stack.enter_context(greffier_server(data, 0))
        apply_settings(data, facts["frontend_api_url"], SETTINGS)
        sdk = f"{facts['frontend_api_url']}/npm/@clerk/clerk-js@4/dist/clerk.browser.js"
        environment = environment_of(facts) | {
            "GREFFIER_CLERK_JS_URL": sdk,
            "GREFFIER_CLERK_UI_URL": "data:,",
        }
        _, url = stack.enter_context(example_app(free_port(), environment))
        yield Site(url, facts["frontend_api_url"])


def test_person_signs_up_and_in_with_the_wallet_of_the_browser(visitor: Visitor) -> None:
    injected = InjectedEthereumWallet(visitor.page, name=None)
    # Its maker's pictures, from the maker's server; and the wallet that has no account yet.
    visitor.tolerated = ("img.clerk.com/static/", "status of 422")
    page = visitor.page
    sign_out = page.get_by_role("button", name="Sign out")

    visitor.go("/sign-up")
    expect(page.get_by_role("button", name="MetaMask")).to_be_visible()
    visitor.see("wallets-clerk-js-4")
    page.get_by_role("button", name="MetaMask").click()
    expect(sign_out).to_be_visible(timeout=15_000)
    visitor.go("/dashboard")
    visitor.expect_dashboard()
    user = visitor.ask_api()["user_id"]
    sign_out.click()  # this version stays where it is
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    visitor.go("/sign-in")
    page.get_by_role("button", name="MetaMask").click()
    expect(sign_out).to_be_visible(timeout=15_000)

    visitor.go("/dashboard")
    visitor.expect_dashboard()
    assert visitor.ask_api()["user_id"] == user
    assert page.evaluate("Clerk.version").startswith("4.")
    assert page.evaluate("Clerk.user.primaryWeb3Wallet.web3Wallet") == injected.wallet.address
    assert len(injected.signed) == 2
