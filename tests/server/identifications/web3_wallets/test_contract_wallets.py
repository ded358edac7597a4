"""Wallets that are contracts on a real Ethereum chain (`anvil`): deployed ones (EIP-1271), and those that
will be (EIP-6492)."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.identifications.web3_wallets.chains.contract_wallets import read_deployment
from greffier.server.identifications.web3_wallets.chains.ethereum import checksummed
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.wallets import (
    METAMASK,
    EthereumWallet,
    attempt_sign_in,
    attempt_sign_up,
    begin_sign_in,
    begin_sign_up,
    sign_in_with,
    sign_up_with,
    text_of,
    with_wallets,
)
from tests.support.server import TestServer
from tests.support.services.evm import CHAIN_ID, Evm, call_data
from tests.support.services.json_rpc import stand_in_rpc

WRONG = (422, "form_incorrect_signature", "signature")
MAGIC = "6492" * 16


class ContractWallet:
    """A wallet whose contract takes what its owner signs."""

    strategy = METAMASK

    def __init__(
        self, address: str, owner: EthereumWallet, deployment: tuple[str, str] | None = None
    ) -> None:
        self.address = checksummed(address)
        self.owner = owner
        self._deployment = deployment

    def sign(self, text: str) -> str:
        signature = self.owner.sign(text)
        return signature if self._deployment is None else wrapped(*self._deployment, signature)


def wrapped(factory: str, data: str, signature: str) -> str:
    """A signature by EIP-6492."""
    parts = [bytes.fromhex(one.removeprefix("0x")) for one in (data, signature)]
    encoded = [f"{len(one):064x}{one.hex()}{'00' * (-len(one) % 32)}" for one in parts]
    head = f"{int(factory, 16):064x}{96:064x}{96 + len(encoded[0]) // 2:064x}"
    return "0x" + head + "".join(encoded) + MAGIC


def settings(url: str, **changes: Any) -> dict[str, Any]:
    rpc = {"chain": "ethereum", "network": CHAIN_ID, "urls": [url]} | changes
    return {"web3": {"networks": {"ethereum": CHAIN_ID}, "rpc": [rpc]}}


@pytest.fixture
async def chain(server: TestServer, evm: Evm) -> TestServer:
    await with_wallets(server)
    await configure(server, settings(evm.url))
    return server


def deployed(evm: Evm) -> ContractWallet:
    owner = EthereumWallet()
    return ContractWallet(evm.deploy("ContractWallet", owner.address), owner)


def to_be_deployed(evm: Evm) -> tuple[ContractWallet, str, str]:
    """Such a wallet, its factory, and the call that makes it."""
    owner = EthereumWallet()
    factory = evm.deploy("ContractWalletFactory")
    data = call_data("create(address,bytes32)", owner.address, 7)
    address = "0x" + evm.call("eth_call", {"to": factory, "data": data}, "latest")[-40:]
    return ContractWallet(address, owner, (factory, data)), factory, data


async def test_contract_wallet_signs_up_and_in(chain: TestServer, evm: Evm) -> None:
    wallet = deployed(evm)

    signed_up = await sign_up_with(chain.browser(), wallet)
    signed_in = await sign_in_with(chain.browser(), wallet)

    assert signed_up["response"]["status"] == "complete"
    assert signed_in.json()["response"]["status"] == "complete"


async def test_contract_wallet_signs_up_before_it_is_deployed_and_in_afterwards(
    chain: TestServer, evm: Evm
) -> None:
    wallet, factory, data = to_be_deployed(evm)

    signed_up = await sign_up_with(chain.browser(), wallet)
    nothing_there = evm.call("eth_getCode", wallet.address, "latest")
    evm.send(factory, data)
    by_the_same_form = await sign_in_with(chain.browser(), wallet)
    by_the_short_form = await sign_in_with(chain.browser(), wallet, wallet.owner.sign)

    assert signed_up["response"]["status"] == "complete"
    assert nothing_there == "0x", "asking has deployed nothing"
    assert by_the_same_form.json()["response"]["status"] == "complete"
    assert by_the_short_form.json()["response"]["status"] == "complete"


async def test_signature_that_the_contract_refuses_does_not_sign_in(chain: TestServer, evm: Evm) -> None:
    wallet, stranger = deployed(evm), EthereumWallet()
    await sign_up_with(chain.browser(), wallet)

    refused = [
        await sign_in_with(chain.browser(), wallet, sign)
        for sign in (
            stranger.sign,
            lambda text: wallet.owner.sign(text + " "),
            lambda text: "0x00",
            lambda text: "0x" + "ab" * 300,
            lambda text: "0x" + MAGIC,
            lambda text: "0x" + "ff" * 96 + MAGIC,
        )
    ]

    assert {error_of(one) for one in refused} == {WRONG}


async def test_wallet_of_another_owner_is_not_taken_before_it_is_deployed(
    chain: TestServer, evm: Evm
) -> None:
    """With her own wallet's deployment, or with a call of her choice, Mallory signs for another address."""
    victim, factory, data = to_be_deployed(evm)
    mallory = EthereumWallet()
    own = call_data("create(address,bytes32)", mallory.address, 7)

    for calls in (own, data, "0x"):
        browser = chain.browser()
        sign_up = await begin_sign_up(browser, victim)
        text = sign_up["verifications"]["web3_wallet"]["message"]
        signature = wrapped(factory, calls, mallory.sign(text))
        assert error_of(await attempt_sign_up(browser, sign_up, signature)) == WRONG


async def test_address_without_a_contract_is_not_taken_by_a_deployment(chain: TestServer, evm: Evm) -> None:
    """The call of an address without code succeeds, and answers nothing."""
    victim, mallory = EthereumWallet(), EthereumWallet()
    await sign_up_with(chain.browser(), victim)
    factory = evm.deploy("ContractWalletFactory")
    data = call_data("create(address,bytes32)", mallory.address, 9)

    for calls in (data, "0x", "0x" + "00" * 4096):
        refused = await sign_in_with(
            chain.browser(), victim, lambda text, calls=calls: wrapped(factory, calls, mallory.sign(text))
        )
        assert error_of(refused) == WRONG


async def test_contract_wallet_is_refused_while_no_server_answers_and_its_text_stays_usable(
    chain: TestServer, evm: Evm
) -> None:
    wallet = deployed(evm)
    await sign_up_with(chain.browser(), wallet)
    browser = chain.browser()
    sign_in = await begin_sign_in(browser, wallet)
    signature = wallet.sign(text_of(sign_in))

    await configure(chain, settings("http://127.0.0.1:1"))
    refused = await attempt_sign_in(browser, sign_in, signature)
    await configure(chain, settings(evm.url))
    done = await attempt_sign_in(browser, sign_in, signature)

    assert error_of(refused) == WRONG
    assert "no server of its chain could be asked" in refused.text
    assert done.json()["response"]["status"] == "complete"


async def test_server_of_another_chain_is_not_believed(chain: TestServer, evm: Evm) -> None:
    wallet = deployed(evm)
    named = settings(evm.url, network="1")["web3"] | {"networks": {"ethereum": "1"}}
    await configure(chain, {"web3": named})
    browser = chain.browser()
    sign_up = await begin_sign_up(browser, wallet)

    signature = wallet.sign(sign_up["verifications"]["web3_wallet"]["message"])
    assert error_of(await attempt_sign_up(browser, sign_up, signature)) == WRONG


@pytest.mark.parametrize(
    "answer", [None, "0x", "0x1626ba7e", "0x" + "1626ba7e" + "00" * 27 + "01", True, ["0x1626ba7e"], {}, 1]
)
async def test_odd_answer_of_a_server_is_no_valid_signature(server: TestServer, answer: Any) -> None:
    await with_wallets(server)
    with stand_in_rpc() as rpc:
        rpc.answer = lambda method, params: hex(int(CHAIN_ID)) if method == "eth_chainId" else answer
        await configure(server, settings(rpc.url))
        browser, wallet = server.browser(), EthereumWallet()
        sign_up = await begin_sign_up(browser, wallet)
        refused = await attempt_sign_up(browser, sign_up, "0x" + "ab" * 65)

    assert error_of(refused) == WRONG


async def test_wallet_with_a_key_needs_no_server(server: TestServer) -> None:
    await with_wallets(server)
    with stand_in_rpc() as rpc:
        await configure(server, settings(rpc.url))
        signed_up = await sign_up_with(server.browser(), EthereumWallet())

    assert signed_up["response"]["status"] == "complete"
    assert rpc.batches == []


async def test_contract_wallet_without_servers_is_told_why(server: TestServer) -> None:
    await with_wallets(server)
    browser, wallet = server.browser(), EthereumWallet()
    sign_up = await begin_sign_up(browser, wallet)

    refused = await attempt_sign_up(browser, sign_up, "0x" + "ab" * 100)

    assert error_of(refused) == WRONG
    assert "This wallet is a contract" in refused.text


@pytest.mark.parametrize(
    "signature",
    [
        MAGIC,
        "00" * 31 + MAGIC,
        "ff" * 96 + MAGIC,
        f"{1:064x}{96:064x}{96:064x}{33:064x}" + "00" * 32 + MAGIC,
        f"{1:064x}{2**255:064x}{96:064x}" + MAGIC,
    ],
)
def test_malformed_deployment_is_none(signature: str) -> None:
    assert read_deployment(bytes.fromhex(signature)) is None
