"""A page behind a token gate, in the example application: its visitors have wallets that really sign, and the
token is on a real chain (`anvil`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import Depends
from playwright.sync_api import Browser

from examples.fastapi_app.app import Connection, build
from greffier import AuthObject
from greffier.fastapi import require_auth
from greffier.testing import TestServer, serving
from tests.browser.injected_wallets import InjectedEthereumWallet
from tests.browser.visitor import Site, Visitor
from tests.support.answers import claims_of
from tests.support.factors.wallets import WALLETS
from tests.support.servers_by_database import NewTestServer
from tests.support.services.evm import CHAIN_ID, Evm, call_data
from tests.support.token_gates import LIFETIME
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser
ELSEWHERE = "0x000000000000000000000000000000000000dEaD"


@pytest.fixture(scope="module")
def server(new_test_server: NewTestServer) -> Iterator[TestServer]:
    with new_test_server() as server:
        server.listen()
        server.configure(WALLETS)
        yield server


@pytest.fixture
def visitor(chromium: Browser, server: TestServer) -> Iterator[Visitor]:
    connection = Connection(server.publishable_key, server.secret_key, server.url, server.url)
    app = build(connection, clock=server.clock)

    @app.get("/lounge")
    async def lounge(auth: Annotated[AuthObject, Depends(require_auth(feature="gold"))]) -> str:
        return f"Welcome, {auth.user_id}"

    with serving(app) as url:
        visitor = Visitor(chromium.new_context(), Site(url, server.url))
        yield visitor
        visitor.check()


def features(visitor: Visitor) -> str | None:
    """Those of a fresh token."""
    token: str = visitor.page.evaluate("Clerk.session.getToken({ skipCache: true })")
    return claims_of(token).get("fea")


def lounge_status(visitor: Visitor) -> int:
    """The status of the page behind the gate, which has no script."""
    answer = visitor.page.goto(f"{visitor.site.url}/lounge")
    assert answer
    visitor.see(f"token-gates-{answer.status}")
    return answer.status


def has_feature(visitor: Visitor) -> bool:
    """The word of the browser SDK, which `<Protect>` and `has` of its components go by."""
    visitor.go("/dashboard")
    visitor.expect_dashboard()
    return visitor.page.evaluate("Clerk.session.checkAuthorization({ feature: 'gold' })")


def sell(evm: Evm, contract: str, owner: str) -> None:
    evm.give(owner, 10**18)
    evm.call("anvil_impersonateAccount", owner)
    data = call_data("transfer(address,uint256)", ELSEWHERE, 100)
    evm.receipt(evm.call("eth_sendTransaction", {"from": owner, "to": contract, "data": data}))


def test_page_opens_for_the_holder_of_a_token_and_shuts_after_the_sale(
    visitor: Visitor, server: TestServer, evm: Evm
) -> None:
    contract, page = evm.deploy("Coin"), visitor.page
    rpc = {"network": CHAIN_ID, "urls": [evm.url]}
    gate = {"feature": "gold", "network": CHAIN_ID, "standard": "erc20", "contract": contract}
    server.configure({"web3": {"rpc": [rpc], "gates": [gate | {"minimum": "100"}]}})
    wallet = InjectedEthereumWallet(page, name="MetaMask").wallet
    # The wallet has no account yet; its maker's pictures are on another site; the gate is shut.
    visitor.tolerated = ("status of 422", "img.clerk.com/static/", "status of 403", "favicon.ico")

    visitor.go("/sign-up")
    page.get_by_role("button", name="MetaMask").click()
    visitor.expect_dashboard()
    assert (lounge_status(visitor), has_feature(visitor)) == (403, False)

    evm.invoke(contract, "mint(address,uint256)", wallet.address, 100)
    server.clock.advance(seconds=LIFETIME)
    visitor.go("/dashboard")
    visitor.expect_dashboard()
    wait_until(lambda: features(visitor) == "u:gold", "the gate opens")
    assert (lounge_status(visitor), has_feature(visitor)) == (200, True)

    sell(evm, contract, wallet.address)
    server.clock.advance(seconds=LIFETIME)
    visitor.go("/dashboard")
    visitor.expect_dashboard()
    wait_until(lambda: features(visitor) is None, "the gate shuts")
    assert (lounge_status(visitor), has_feature(visitor)) == (403, False)
