"""Token gates on a real chain: features that follow what wallets hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.factors.wallets import EthereumWallet
from tests.support.server import TestServer
from tests.support.services.evm import CHAIN_ID, Evm, running_evm
from tests.support.services.ports import free_port
from tests.support.token_gates import GRACE, LIFETIME, gate, holder_of, with_gates

ELSEWHERE = "0x000000000000000000000000000000000000dEaD"


def coin(evm: Evm, minimum: int = 100, **rules: Any) -> tuple[str, dict[str, Any]]:
    contract = evm.deploy("Coin")
    return contract, gate(standard="erc20", contract=contract, minimum=str(minimum), **rules)


async def test_gate_opens_after_a_transfer_and_closes_after_the_token_moves_on(server: TestServer, evm: Evm):
    contract, rule = coin(evm)
    await with_gates(server, evm.url, rule)
    ada = await holder_of(server, EthereumWallet())
    assert await ada.features() is None

    evm.invoke(contract, "mint(address,uint256)", ada.wallet.address, 100)
    opened = await ada.read_again()
    features = await ada.features()
    _move_coins(evm, contract, ada.wallet.address, 1)
    closed = await ada.read_again()

    assert (opened[0]["open"], opened[0]["balance"], opened[0]["reason"]) == (True, "100", None)
    assert features == "u:gold"
    assert (closed[0]["open"], closed[0]["balance"]) == (False, "99")
    assert closed[0]["reason"] == "insufficient_balance"
    assert await ada.features() is None


def _move_coins(evm: Evm, contract: str, owner: str, amount: int) -> None:
    evm.give(owner, 10**18)
    evm.call("anvil_impersonateAccount", owner)
    data = "0xa9059cbb" + f"{int(ELSEWHERE, 16):064x}{amount:064x}"  # transfer(address,uint256)
    evm.receipt(evm.call("eth_sendTransaction", {"from": owner, "to": contract, "data": data}))


def _native(evm: Evm, owner: str) -> dict[str, Any]:
    evm.give(owner, 5 * 10**18)
    return gate(standard="native", minimum=str(5 * 10**18))


def _one_of_a_collection(evm: Evm, owner: str) -> dict[str, Any]:
    contract = evm.deploy("Art")
    evm.invoke(contract, "mint(address,uint256)", owner, 7)
    return gate(standard="erc721", contract=contract)


def _this_one(evm: Evm, owner: str) -> dict[str, Any]:
    return _one_of_a_collection(evm, owner) | {"token_id": "7"}


def _items(evm: Evm, owner: str) -> dict[str, Any]:
    contract = evm.deploy("Items")
    evm.invoke(contract, "mint(address,uint256,uint256)", owner, 3, 2)
    return gate(standard="erc1155", contract=contract, token_id="3", minimum="2")


Given = Callable[[Evm, str], dict[str, Any]]


@pytest.mark.parametrize("given", [_native, _one_of_a_collection, _this_one, _items])
async def test_each_standard_opens_its_gate(server: TestServer, evm: Evm, given: Given) -> None:
    ada, bob = EthereumWallet(), EthereumWallet()
    await with_gates(server, evm.url, given(evm, ada.address))
    holder, other = await holder_of(server, ada), await holder_of(server, bob)

    assert [one["open"] for one in await holder.read_again()] == [True]
    assert [one["reason"] for one in await other.read_again()] == ["insufficient_balance"]
    assert (await holder.features(), await other.features()) == ("u:gold", None)


async def test_token_that_does_not_exist_belongs_to_no_user(server: TestServer, evm: Evm):
    rule = gate(standard="erc721", contract=evm.deploy("Art"), token_id="99")
    await with_gates(server, evm.url, rule)
    ada = await holder_of(server, EthereumWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["insufficient_balance"]


async def test_all_verified_wallets_count_together_and_no_other(server: TestServer, evm: Evm):
    contract, rule = coin(evm)
    await with_gates(server, evm.url, rule)
    first, second, unverified = EthereumWallet(), EthereumWallet(), EthereumWallet()
    ada = await holder_of(server, first)
    for wallet, amount in ((first, 60), (second, 30), (unverified, 1000)):
        evm.invoke(contract, "mint(address,uint256)", wallet.address, amount)
    await ada.add(second)
    await ada.add(unverified, verify=False)

    too_few = await ada.read_again()
    evm.invoke(contract, "mint(address,uint256)", second.address, 10)
    enough = await ada.read_again()

    assert (too_few[0]["balance"], too_few[0]["open"]) == ("90", False)
    assert (enough[0]["balance"], enough[0]["open"]) == ("100", True)


async def test_removed_wallet_takes_its_features_along_at_once(server: TestServer, evm: Evm):
    contract, rule = coin(evm)
    await with_gates(server, evm.url, rule)
    rich = EthereumWallet()
    ada = await holder_of(server, EthereumWallet())
    evm.invoke(contract, "mint(address,uint256)", rich.address, 100)
    added = await ada.add(rich)
    await ada.read_again()
    assert await ada.features() == "u:gold"

    (await ada.browser.delete(f"/v1/me/web3_wallets/{added['id']}")).raise_for_status()

    assert await ada.features() is None


async def test_gate_stays_open_for_the_grace_and_no_longer_while_the_chain_is_silent(
    server: TestServer, contract_codes: dict[str, str]
) -> None:
    with running_evm(contract_codes, free_port()) as chain:
        contract, rule = coin(chain)
        await with_gates(server, chain.url, rule)
        ada = await holder_of(server, EthereumWallet())
        chain.invoke(contract, "mint(address,uint256)", ada.wallet.address, 100)
        await ada.read_again()

    server.clock.advance(seconds=LIFETIME + GRACE / 2)
    meanwhile = await ada.features()
    await ada.read_again()
    server.clock.advance(seconds=GRACE / 2)
    (shut,) = await ada.gates()

    assert meanwhile == "u:gold"
    assert await ada.features() is None
    assert (shut["open"], shut["reason"], shut["balance"]) == (False, "not_read", None)


async def test_gate_that_was_never_read_stays_shut_while_the_chain_is_silent(server: TestServer, evm: Evm):
    _, rule = coin(evm, minimum=0)
    await with_gates(server, f"http://127.0.0.1:{free_port()}", rule)
    ada = await holder_of(server, EthereumWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]
    assert await ada.features() is None


async def test_next_server_answers_where_the_first_does_not(server: TestServer, evm: Evm):
    _, rule = coin(evm, minimum=0)
    await with_gates(server, [f"http://127.0.0.1:{free_port()}", evm.url], rule)
    ada = await holder_of(server, EthereumWallet())

    assert [one["open"] for one in await ada.read_again()] == [True]


async def test_server_of_another_chain_opens_nothing(server: TestServer, evm: Evm):
    _, rule = coin(evm, minimum=0)
    await with_gates(server, evm.url, rule | {"network": "1"}, network="1")
    ada = await holder_of(server, EthereumWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]


async def test_contract_that_is_none_opens_nothing(server: TestServer, evm: Evm):
    await with_gates(server, evm.url, gate(standard="erc20", contract=ELSEWHERE, minimum="0"))
    ada = await holder_of(server, EthereumWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]


async def test_user_without_a_wallet_is_told_so(server: TestServer, evm: Evm):
    _, rule = coin(evm)
    await with_gates(server, evm.url, rule)
    browser = server.browser()
    await browser.sign_up()

    (status,) = (await browser.post("/v1/me/token_gates/read")).json()["response"]

    assert (status["reason"], status["balance"], status["network"]) == ("no_wallet", None, CHAIN_ID)


async def test_balances_are_read_in_the_background_when_a_token_is_made(server: TestServer, evm: Evm):
    contract, rule = coin(evm)
    await with_gates(server, evm.url, rule)
    wallet = EthereumWallet()
    evm.invoke(contract, "mint(address,uint256)", wallet.address, 100)
    ada = await holder_of(server, wallet)

    while await ada.features() is None:
        pass

    assert (await ada.gates())[0]["balance"] == "100"
