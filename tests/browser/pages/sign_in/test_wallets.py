"""People with wallets and the unmodified browser components. The wallets really sign."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, expect

from greffier.testing import TestServer
from tests.browser.injected_wallets import InjectedEthereumWallet, InjectedSolanaWallet
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.factors.wallets import METAMASK, SOLANA, WALLETS, Wallet
from tests.support.server import PASSWORD
from tests.support.servers_by_database import NewTestServer
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser
MARK = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def server(new_test_server: NewTestServer) -> Iterator[TestServer]:
    both = [METAMASK, SOLANA]
    with new_test_server() as server:
        server.listen()
        server.configure(WALLETS)
        server.configure({"attributes": {"web3_wallet": {"first_factors": both, "verifications": both}}})
        yield server


@pytest.fixture
def visitor(chromium: Browser, server: TestServer) -> Iterator[Visitor]:
    """The marks of wallets, which are on another site, are there."""
    context = chromium.new_context()
    context.route(
        "https://img.clerk.com/**", lambda route: route.fulfill(content_type="image/svg+xml", body=MARK)
    )
    visitor = Visitor(context, Site(server.url, server.url))
    yield visitor
    visitor.check()


def user_with(server: TestServer, wallet: Wallet) -> dict[str, Any]:
    (user,) = server.backend_api("GET", f"/v1/users?web3_wallet={wallet.address}")
    return user


def create_user(server: TestServer, wallet: Wallet, **fields: Any) -> None:
    wallets = {"web3_wallet": [wallet.address], "skip_password_requirement": True}
    server.backend_api("POST", "/v1/users", wallets | fields)


def expect_profile(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()


def sign_out(visitor: Visitor) -> None:
    visitor.page.evaluate("void Clerk.signOut()")  # not awaited: it leaves the page
    expect(visitor.page.get_by_role("button", name="Security")).to_have_count(0)


def use_metamask(visitor: Visitor, path: str = "/sign-in") -> None:
    visitor.go(f"{path}?redirect_url=/user")
    visitor.page.get_by_role("button", name="MetaMask").click()


def test_person_signs_up_and_in_with_metamask(visitor: Visitor, server: TestServer) -> None:
    injected = InjectedEthereumWallet(visitor.page, name="MetaMask")
    visitor.tolerated = ("status of 422",)  # the browser's own line: the wallet has no account yet
    visitor.go("/sign-up?redirect_url=/user")
    expect(visitor.page.get_by_role("button", name="MetaMask")).to_be_visible()
    visitor.see("wallets-sign-up")
    use_metamask(visitor, "/sign-up")
    expect_profile(visitor)
    visitor.see("wallets-profile")
    user = user_with(server, injected.wallet)
    sign_out(visitor)

    use_metamask(visitor)

    expect_profile(visitor)
    assert [one["web3_wallet"] for one in user["web3_wallets"]] == [injected.wallet.address]
    assert visitor.page.evaluate("Clerk.user.id") == user["id"]
    host = server.url.partition("://")[2]
    assert [text.split("\n")[0] for text in injected.signed] == [
        f"{host} wants you to sign in with your Ethereum account:"
    ] * 2


def test_person_who_needs_an_address_gives_it_after_the_wallet_and_no_password(
    visitor: Visitor, server: TestServer
) -> None:
    server.configure({"attributes": {"email_address": {"required": True}}})
    injected, address = InjectedEthereumWallet(visitor.page, name="MetaMask"), new_address()
    visitor.tolerated = ("status of 422",)
    use_metamask(visitor, "/sign-up")
    visitor.page.get_by_label("Email address").fill(address)
    expect(visitor.page.get_by_label("Password", exact=True)).to_have_count(0)
    visitor.see("wallets-continue")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.enter_code(address)

    expect_profile(visitor)
    server.configure({"attributes": {"email_address": {"required": False}}})
    user = user_with(server, injected.wallet)
    assert (len(user["web3_wallets"]), len(user["email_addresses"])) == (1, 1)


def test_wallet_that_is_not_announced_is_used_as_well(visitor: Visitor, server: TestServer) -> None:
    injected = InjectedEthereumWallet(visitor.page, name=None)
    create_user(server, injected.wallet)

    use_metamask(visitor)

    expect_profile(visitor)


def test_person_without_a_wallet_is_told_to_install_one(visitor: Visitor) -> None:
    visitor.tolerated = ("status of 422",)
    use_metamask(visitor)

    expect(visitor.page.get_by_text("Please install one to continue").first).to_be_visible()
    visitor.see("wallets-none")


def test_person_is_asked_for_the_second_factor_after_the_wallet(visitor: Visitor, server: TestServer) -> None:
    server.configure({"attributes": {"authenticator_app": {"enabled": True}}})
    injected = InjectedEthereumWallet(visitor.page, name="MetaMask")
    create_user(server, injected.wallet, totp_secret=SECRET)
    use_metamask(visitor)
    code = visitor.page.get_by_label("Enter verification code")
    expect(code).to_be_visible()
    visitor.see("wallets-second-factor")
    app = TOTP(base64.b32decode(SECRET), 6, SHA1(), 30)
    code.press_sequentially(app.generate(int(server.clock())).decode())

    expect_profile(visitor)


def test_person_adds_and_removes_a_wallet_in_the_profile(visitor: Visitor, server: TestServer) -> None:
    injected, address = InjectedEthereumWallet(visitor.page, name="MetaMask"), new_address()
    server.create_user(email_address=address, password=PASSWORD)
    page = visitor.page
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(page, address)
    page.get_by_role("button", name="Connect wallet").click()
    visitor.see("wallets-menu")
    page.get_by_role("menuitem", name="MetaMask").click()
    shown = page.get_by_text(injected.wallet.address[:6])
    expect(shown).to_be_visible()
    expect(page.get_by_text("Primary")).to_have_count(2)
    visitor.see("wallets-added")
    user = user_with(server, injected.wallet)
    assert [one["verification"]["status"] for one in user["web3_wallets"]] == ["verified"]

    page.locator(".cl-profileSection__web3Wallets").get_by_role("button", name="Open menu").click()
    page.get_by_role("menuitem", name="Remove wallet").click()
    visitor.see("wallets-remove")
    page.get_by_role("button", name="Remove", exact=True).click()

    expect(shown).to_have_count(0)
    assert server.backend_api("GET", f"/v1/users/{user['id']}")["web3_wallets"] == []


def test_person_signs_up_and_in_with_a_wallet_of_solana(visitor: Visitor, server: TestServer) -> None:
    injected = InjectedSolanaWallet(visitor.page, name="Phantom")
    visitor.tolerated = ("status of 422",)
    page = visitor.page

    def use_phantom(path: str) -> None:
        visitor.go(f"{path}?redirect_url=/user")
        page.get_by_role("button", name="Solana").click()
        phantom = page.get_by_role("button", name="Phantom")
        expect(phantom).to_be_visible()
        visitor.see("wallets-solana")
        phantom.click()
        expect_profile(visitor)

    use_phantom("/sign-up")
    user = user_with(server, injected.wallet)
    sign_out(visitor)
    use_phantom("/sign-in")

    assert [one["web3_wallet"] for one in user["web3_wallets"]] == [injected.wallet.address]
    assert visitor.page.evaluate("Clerk.user.id") == user["id"]
