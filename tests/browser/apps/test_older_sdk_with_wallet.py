"""A wallet and the browser SDK of 2022-23 (major version 4), unmodified, which signs `nonce`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from scripts.run_example import environment_of, example_app, greffier_server
from tests.browser.injected_wallets import InjectedEthereumWallet
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.server import PASSWORD
from tests.support.services.ports import free_port
from tests.support.services.processes import apply_settings
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser

SETTINGS = """
[attributes.email_address]
required = false
[attributes.web3_wallet]
enabled = true
[attributes.authenticator_app]
enabled = true
[attributes.backup_code]
enabled = true
"""
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PICTURES = "img.clerk.com/static/"
"""Of wallets, from their maker's server."""


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
        yield Site(url, facts["frontend_api_url"], facts["secret_key"])


def create_user(site: Site, **fields: Any) -> str:
    key = {"authorization": f"Bearer {site.secret_key}"}
    answer = httpx.post(f"{site.greffier}/v1/users", headers=key, json=fields)
    return answer.raise_for_status().json()["id"]


def wallets_of(site: Site, user_id: str) -> list[dict[str, Any]]:
    key = {"authorization": f"Bearer {site.secret_key}"}
    answer = httpx.get(f"{site.greffier}/v1/users/{user_id}", headers=key)
    return answer.raise_for_status().json()["web3_wallets"]


def test_person_signs_up_and_in_with_the_wallet_of_the_browser(visitor: Visitor) -> None:
    injected = InjectedEthereumWallet(visitor.page, name=None)
    visitor.tolerated = (PICTURES, "status of 422")  # the wallet has no account yet
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


def test_person_is_asked_for_the_second_factor_after_the_wallet(visitor: Visitor, site: Site) -> None:
    """Components of this version stay on their first page after a wallet, whatever the sign-in needs; their
    page for the second factor goes on with it."""
    injected, page = InjectedEthereumWallet(visitor.page, name=None), visitor.page
    user_id = create_user(
        site,
        web3_wallet=[injected.wallet.address],
        skip_password_requirement=True,
        totp_secret=SECRET,
        backup_codes=["spare-1"],
    )
    visitor.tolerated = (PICTURES,)
    visitor.go("/sign-in")
    with page.expect_response("**/attempt_first_factor?*") as attempted:
        page.get_by_role("button", name="MetaMask").click()
    assert attempted.value.json()["response"]["status"] == "needs_second_factor"
    assert page.evaluate("Clerk.session") is None

    visitor.go("/sign-in/factor-two")
    page.get_by_role("link", name="Use another method").click()
    page.get_by_role("button", name="Use a backup code").click()
    page.get_by_label("Backup code").fill("spare-1")
    visitor.see("wallets-clerk-js-4-second-factor")
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    visitor.go("/dashboard")
    visitor.expect_dashboard()
    assert visitor.ask_api()["user_id"] == user_id
    assert len(injected.signed) == 1


def test_person_adds_and_removes_a_wallet_in_the_profile(visitor: Visitor, site: Site) -> None:
    injected, address, page = InjectedEthereumWallet(visitor.page, name=None), new_address(), visitor.page
    user_id = create_user(site, email_address=[address], password=PASSWORD)
    visitor.tolerated = (PICTURES,)
    visitor.go("/sign-in")
    enter_password(page, address)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    visitor.go("/profile")
    page.get_by_role("button", name="Web3 wallets").click()
    page.get_by_role("button", name="MetaMask").click()
    expect(page.get_by_text("The wallet has been added to your account.")).to_be_visible()
    (wallet,) = wallets_of(site, user_id)
    assert (wallet["web3_wallet"], wallet["verification"]["status"]) == (injected.wallet.address, "verified")
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("button", name=f"MetaMask ({injected.wallet.address})").click()
    visitor.see("wallets-clerk-js-4-profile")
    page.get_by_role("button", name="Remove wallet").click()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_text("has been removed from your account.")).to_be_visible()

    assert wallets_of(site, user_id) == []
    assert page.evaluate("Clerk.version").startswith("4.")
    assert len(injected.signed) == 1
