"""People with wallets of Coinbase, Base and OKX and the unmodified browser components, which load the makers'
own packages for two of them. The wallets really sign; none opens a page of its maker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from greffier.testing import TestServer
from tests.browser.injected_wallets import InjectedEthereumWallet
from tests.browser.visitor import Site, Visitor
from tests.support.factors.wallets import WALLETS
from tests.support.servers_by_database import NewTestServer

pytestmark = pytest.mark.browser
MARK = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>"
STRATEGIES = [f"web3_{name}_signature" for name in ("coinbase_wallet", "base", "okx_wallet")]

Injected = Callable[[Page], InjectedEthereumWallet]


@pytest.fixture(scope="module")
def server(new_test_server: NewTestServer) -> Iterator[TestServer]:
    with new_test_server() as server:
        server.listen()
        server.configure(WALLETS)
        rules = {"first_factors": STRATEGIES, "verifications": STRATEGIES}
        server.configure({"attributes": {"web3_wallet": rules}})
        yield server


@pytest.fixture
def visitor(chromium: Browser, server: TestServer) -> Iterator[Visitor]:
    context = chromium.new_context()
    context.route(
        "https://img.clerk.com/**", lambda route: route.fulfill(content_type="image/svg+xml", body=MARK)
    )
    visitor = Visitor(context, Site(server.url, server.url))
    visitor.tolerated = ("status of 422",)  # the wallet has no account yet
    yield visitor
    visitor.check()


def _extension(page: Page) -> InjectedEthereumWallet:
    return InjectedEthereumWallet(page, name=None, at="coinbaseWalletExtension")


def _app_of_base(page: Page) -> InjectedEthereumWallet:
    return InjectedEthereumWallet(page, name=None, in_app=True)


def _announced(page: Page) -> InjectedEthereumWallet:
    return InjectedEthereumWallet(page, name="OKX Wallet")


@pytest.mark.parametrize(
    ("name", "inject"),
    [("coinbase_wallet", _extension), ("base", _app_of_base), ("okx_wallet", _announced)],
)
def test_person_signs_up_and_in(visitor: Visitor, server: TestServer, name: str, inject: Injected) -> None:
    injected, page = inject(visitor.page), visitor.page

    def use_wallet(path: str) -> None:
        visitor.go(f"{path}?redirect_url=/user")
        page.locator(f".cl-button__{name}").click()
        expect(page.get_by_role("button", name="Security")).to_be_visible()

    use_wallet("/sign-up")
    (user,) = server.backend_api("GET", f"/v1/users?web3_wallet={injected.wallet.address}")
    visitor.see(f"wallets-{name}")
    page.evaluate("void Clerk.signOut()")  # not awaited: it leaves the page
    expect(page.get_by_role("button", name="Security")).to_have_count(0)
    use_wallet("/sign-in")

    assert page.evaluate("Clerk.user.id") == user["id"]
    assert [one["verification"]["strategy"] for one in user["web3_wallets"]] == [f"web3_{name}_signature"]
    assert len(injected.signed) == 2
