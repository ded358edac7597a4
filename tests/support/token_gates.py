"""Instances with token gates, and people with wallets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.answers import claims_of
from tests.support.configuring import configure
from tests.support.factors.wallets import WALLETS, Wallet, add_wallet, sign_up_with, verify_wallet
from tests.support.server import Browser, JsonObject, TestServer
from tests.support.services.evm import CHAIN_ID

PAUSE = 11
"""Seconds after which the chains are asked about the same user again."""
LIFETIME, GRACE = 300, 300


def gate(feature: str = "gold", **rules: Any) -> JsonObject:
    return {"feature": feature, "network": CHAIN_ID, **rules}


async def with_gates(server: TestServer, url: str | list[str], *gates: JsonObject, **rules: Any) -> None:
    """Switches wallets on, with these gates on the chain of a server or of several."""
    urls = [url] if isinstance(url, str) else url
    servers = {"chain": "ethereum", "network": CHAIN_ID, "urls": urls, "private_addresses": True} | rules
    await configure(server, WALLETS | {"web3": {"rpc": [servers], "gates": list(gates)}})


@dataclass
class Holder:
    """A signed-in user with a wallet."""

    server: TestServer
    browser: Browser
    wallet: Wallet
    user_id: str
    session_id: str

    async def claims(self, organization_id: str = "") -> JsonObject:
        """Those of a fresh token."""
        path = f"/v1/client/sessions/{self.session_id}/tokens"
        minted = await self.browser.post(path, organization_id=organization_id)
        return claims_of(minted.raise_for_status().json()["jwt"])

    async def features(self) -> str | None:
        return (await self.claims()).get("fea")

    async def gates(self) -> list[JsonObject]:
        return (await self.browser.get("/v1/me/token_gates")).raise_for_status().json()["response"]

    async def read_again(self) -> list[JsonObject]:
        """Has the chains asked, some time later; the gates."""
        await self.read()  # a reading that has begun in the background would be shared
        self.server.clock.advance(seconds=PAUSE)
        return await self.read()

    async def read(self) -> list[JsonObject]:
        answer = await self.browser.post("/v1/me/token_gates/read")
        return answer.raise_for_status().json()["response"]

    async def add(self, wallet: Wallet, *, verify: bool = True) -> JsonObject:
        prepared = await add_wallet(self.browser, wallet)
        if verify:
            signature = wallet.sign(prepared["verification"]["message"])
            (await verify_wallet(self.browser, prepared, signature)).raise_for_status()
        return prepared


async def holder_of(server: TestServer, wallet: Wallet, **options: Any) -> Holder:
    """Signs a user up with a wallet."""
    browser = server.browser(**options)
    session = (await sign_up_with(browser, wallet))["client"]["sessions"][0]
    return Holder(server, browser, wallet, session["user"]["id"], session["id"])
