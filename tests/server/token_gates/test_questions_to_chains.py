"""The questions to the servers of a chain, and the answers that count. A stand-in answers for the chain."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.configuring import configure
from tests.support.factors.wallets import WALLETS, EthereumWallet, SolanaWallet
from tests.support.server import TestServer
from tests.support.services.evm import CHAIN_ID
from tests.support.services.json_rpc import StandInRpc, stand_in_rpc
from tests.support.token_gates import LIFETIME, gate, holder_of, with_gates

MINT = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
MAINNET = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
TOKENS = [f"0x{number:040x}" for number in range(1, 4)]


@pytest.fixture
def rpc() -> Iterator[StandInRpc]:
    with stand_in_rpc() as rpc:
        rpc.answer = ethereum
        yield rpc


def ethereum(method: str, params: list[Any]) -> Any:
    return hex(int(CHAIN_ID)) if method == "eth_chainId" else f"0x{5:064x}"


async def test_one_request_asks_for_all_wallets_and_all_gates_of_a_chain(
    server: TestServer, rpc: StandInRpc
) -> None:
    gates = [gate(f"gold{n}", standard="erc20", contract=token) for n, token in enumerate(TOKENS)]
    same_token = gate("more", standard="erc20", contract=TOKENS[0], minimum="9")
    await with_gates(server, rpc.url, *gates, same_token)
    ada = await holder_of(server, EthereumWallet())
    await ada.add(EthereumWallet())

    opened = await ada.read_again()

    assert rpc.batches[-1] == ["eth_chainId", *["eth_call"] * 6]
    assert [(one["balance"], one["open"]) for one in opened] == [("10", True)] * 4


async def test_user_causes_no_more_than_one_question_in_ten_seconds(server: TestServer, rpc: StandInRpc):
    await with_gates(server, rpc.url, gate())
    ada = await holder_of(server, EthereumWallet())
    await ada.read_again()
    rpc.batches.clear()

    for _ in range(3):
        (await ada.browser.post("/v1/me/token_gates/read")).raise_for_status()

    assert rpc.batches == []


async def test_balance_that_is_young_is_not_read_again(server: TestServer, rpc: StandInRpc):
    await with_gates(server, rpc.url, gate())
    ada = await holder_of(server, EthereumWallet())
    await ada.read_again()
    asked = len(rpc.batches)

    server.clock.advance(seconds=LIFETIME / 2)
    assert await ada.features() == "u:gold"
    server.clock.advance(seconds=LIFETIME / 2)
    while len(rpc.batches) == asked:
        await ada.features()

    assert len(rpc.batches) == asked + 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"[1]",
        b'{"error": {"message": "busy"}}',
        b'[{"id": 0, "result": "0x7a69"}]',
        b"\xff",
    ],
)
async def test_answer_that_is_none_opens_nothing(server: TestServer, rpc: StandInRpc, body: bytes) -> None:
    await with_gates(server, rpc.url, gate(minimum="0"))
    rpc.body = body
    ada = await holder_of(server, EthereumWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]


@pytest.mark.parametrize("result", [None, "0x", "5", 5, True, {"value": 5}, "0x" + "f" * 65])
async def test_balance_that_is_no_number_opens_nothing(
    server: TestServer, rpc: StandInRpc, result: Any
) -> None:
    await with_gates(server, rpc.url, gate(standard="erc20", contract=TOKENS[0], minimum="0"))
    rpc.answer = lambda method, params: ethereum(method, params) if method == "eth_chainId" else result
    ada = await holder_of(server, EthereumWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]


async def test_secret_key_goes_to_the_server_and_nowhere_else(
    server: TestServer, rpc: StandInRpc, caplog: pytest.LogCaptureFixture
) -> None:
    await with_gates(server, f"{rpc.url}/v3/{{secret_key}}", gate(), secret_key="top-secret-key")
    ada = await holder_of(server, EthereumWallet())
    await ada.read_again()
    rpc.status = 500
    caplog.set_level(logging.DEBUG)
    shown = await ada.read_again()

    assert set(rpc.paths) == {"/v3/top-secret-key"}
    assert "no answer of 127.0.0.1" in caplog.text
    assert "top-secret-key" not in caplog.text + str(shown)
    assert "top-secret-key" not in (await ada.browser.get("/v1/environment")).text


async def test_production_asks_no_server_in_a_private_network_unless_it_is_told_to(
    production: TestServer, rpc: StandInRpc
) -> None:
    await with_gates(production, rpc.url, gate(minimum="0"), private_addresses=False)
    browser = {"base_url": "https://clerk.example.com", "origin": "https://example.com"}
    ada = await holder_of(production, EthereumWallet(), **browser)

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]
    assert rpc.batches == []


async def test_tokens_of_solana_open_gates_over_all_accounts_of_a_wallet(
    server: TestServer, rpc: StandInRpc
) -> None:
    wallet = SolanaWallet()
    await with_solana(server, rpc, gate(standard="spl", contract=MINT, minimum="7"), gate("coin"))
    rpc.answer = solana({MINT: [3, 4]}, wallet.address, lamports=1)
    ada = await holder_of(server, wallet)

    opened = await ada.read_again()

    assert [(one["open"], one["balance"]) for one in opened] == [(True, "7"), (True, "1")]
    assert rpc.batches[-1] == ["getGenesisHash", "getTokenAccountsByOwner", "getBalance"]
    assert await ada.features() == "u:coin,u:gold"


async def test_accounts_of_another_owner_open_nothing(server: TestServer, rpc: StandInRpc):
    await with_solana(server, rpc, gate(standard="spl", contract=MINT, minimum="0"))
    rpc.answer = solana({MINT: [100]}, SolanaWallet().address)
    ada = await holder_of(server, SolanaWallet())

    assert [one["reason"] for one in await ada.read_again()] == ["not_read"]


async def with_solana(server: TestServer, rpc: StandInRpc, *gates: dict[str, Any]) -> None:
    servers = {"chain": "solana", "network": "mainnet", "urls": [rpc.url], "private_addresses": True}
    rules = [one | {"chain": "solana", "network": "mainnet"} for one in gates]
    await configure(server, WALLETS | {"web3": {"rpc": [servers], "gates": rules}})


def solana(accounts: dict[str, list[int]], owner: str, lamports: int = 0) -> Any:
    """Answers in the shape of https://solana.com/docs/rpc/http/gettokenaccountsbyowner."""

    def answer(method: str, params: list[Any]) -> Any:
        if method == "getGenesisHash":
            return MAINNET
        if method == "getBalance":
            return {"context": {"slot": 1}, "value": lamports}
        mint = params[1]["mint"]
        infos = [
            {"mint": mint, "owner": owner, "tokenAmount": {"amount": str(amount), "decimals": 6}}
            for amount in accounts[mint]
        ]
        value = [{"account": {"data": {"parsed": {"info": info, "type": "account"}}}} for info in infos]
        return {"context": {"slot": 1}, "value": value}

    return answer
