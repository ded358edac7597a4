"""A family of chains that another package brings, and one whose packages are missing."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from greffier.server.identifications.web3_wallets import chains as room
from greffier.server.identifications.web3_wallets.chains import ethereum
from greffier.server.identifications.web3_wallets.chains.chain import Chain, Proof
from greffier.server.web.context import Context
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.wallets import (
    METAMASK,
    EthereumWallet,
    SolanaWallet,
    sign_in_with,
    sign_up_with,
    with_wallets,
)
from tests.support.server import TestServer

TOY = "web3_toy_wallet_signature"


class Toy(Chain):
    """Addresses are words behind `toy:`; the text backwards is its signature."""

    name = "toy"
    title = "Toy"
    wallets = ("toy_wallet",)
    default_network = "playground"

    def recognises(self, text: str) -> bool:
        return text.lower().startswith("toy:")

    def read(self, text: str) -> str:
        return text.lower()

    def canonical(self, text: str) -> str:
        return text.lower()

    def message(self, proof: Proof) -> str:
        return f"{proof.address} on {proof.network} by {proof.nonce}"

    async def verifies(self, ctx: Context, network: str, address: str, message: str, signature: str) -> bool:
        return signature == message[::-1]


class ToyWallet(EthereumWallet):
    strategy = TOY

    def __init__(self) -> None:
        self.address = "toy:ball"

    def sign(self, text: str) -> str:
        return text[::-1]


TOY_CHAIN = Toy()


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The chain is there as if its package were installed."""
    value = f"{__name__}:TOY_CHAIN"

    def entry_points(*, group: str) -> list[Any]:
        assert group == "greffier.chains"
        return [EntryPoint("toy", value, group)]

    monkeypatch.setattr(room, "entry_points", entry_points)
    room.chains.cache_clear()
    yield
    room.chains.cache_clear()


@pytest.mark.usefixtures("plugged_in")
async def test_wallet_of_another_packages_chain_signs_up_and_in(server: TestServer) -> None:
    await with_wallets(server)
    lists = {"first_factors": [METAMASK, TOY], "verifications": [METAMASK, TOY]}
    await configure(server, {"attributes": {"web3_wallet": lists}})

    signed_up = await sign_up_with(server.browser(), ToyWallet())
    signed_in = await sign_in_with(server.browser(), ToyWallet())

    assert signed_up["response"]["status"] == "complete"
    assert signed_in.json()["response"]["status"] == "complete"


async def test_chain_whose_packages_are_missing_is_not_there(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_wallets(server)
    address = EthereumWallet().address
    monkeypatch.setattr(ethereum.Ethereum, "packages", ("greffier_of_another_time",))
    room.chains.cache_clear()

    try:
        refused = await server.browser().post("/v1/client/sign_ups", web3_wallet=address)
        signed_up = await sign_up_with(server.browser(), SolanaWallet())
    finally:
        room.chains.cache_clear()

    assert error_of(refused) == (422, "form_param_format_invalid", "web3_wallet")
    assert signed_up["response"]["status"] == "complete"
