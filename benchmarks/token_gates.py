"""Token gates beside their yardsticks: the decision at each token beside the signature of a token, and
reading balances beside the bare request to the same server of a chain.

    python -m benchmarks.token_gates [--rounds 7] [--json]

The decision is CPU time of this thread; the reading is by the clock, because most of it is waiting. A
stand-in answers for the chain, in a process of its own. Best of several rounds, all in one run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.sdk_verification import cpu_microseconds
from greffier.server.identifications.web3_wallets.chains.ethereum_balances import EthereumBalances
from greffier.server.identifications.web3_wallets.rpc import ask
from greffier.server.token_gates.holdings import features_of, holding_of, key_of
from greffier.server.token_gates.tables import TokenBalanceRow
from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.settings import InstanceSettings
from greffier.server.web.instance.web3_settings import RpcServers, TokenGate, Web3Rules

GATES, WALLETS = 5, 2
NOW = 1_800_000_000_000
BALANCES = EthereumBalances()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the best counts")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    arguments = parser.parse_args()
    results = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps(results))
        return
    rows = [
        ("signature", "bare RSA signature of a token", "signature"),
        ("decision", f"decision on {GATES} gates, {WALLETS} wallets", "signature"),
        ("request", "bare request to a server of a chain", "request"),
        ("reading", f"reading of {GATES * WALLETS} balances, all checks", "request"),
    ]
    for name, description, yardstick in rows:
        print(f"  {description:46}{results[name]:10.1f} us{results[name] / results[yardstick]:7.2f} x bare")


def measure(rounds: int) -> dict[str, float]:
    """Microseconds per operation, by name."""
    operations = {"signature": _signature(), "decision": _decision()}
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    chain = multiprocessing.Process(target=_serve_chain, args=(port,), daemon=True)
    chain.start()
    try:
        url = f"http://127.0.0.1:{port.get(timeout=30)}"
        best = dict.fromkeys((*operations, "request", "reading"), float("inf"))
        for _ in range(rounds):  # all of them in each round, so that a slow moment hits all alike
            for name, operation in operations.items():
                best[name] = min(best[name], cpu_microseconds(operation))
            for name, asking in (("request", _request(url)), ("reading", _reading(url))):
                best[name] = min(best[name], asyncio.run(_microseconds(asking)))
        return best
    finally:
        chain.terminate()


def _signature() -> Callable[[], object]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    scheme, digest, claims = padding.PKCS1v15(), SHA256(), b"x" * 450
    return lambda: key.sign(claims, scheme, digest)


def _gates() -> tuple[TokenGate, ...]:
    contracts = [f"0x{number + 1:040x}" for number in range(GATES)]
    return tuple(
        TokenGate(feature=f"feature{number}", standard="erc20", contract=contract)
        for number, contract in enumerate(contracts)
    )


def _decision() -> Callable[[], object]:
    rules = Web3Rules(gates=_gates())
    rows = [
        TokenBalanceRow(
            id=f"tgb_{wallet}_{number}",
            instance_id="ins_1",
            user_id="user_1",
            wallet_id=f"idn_{wallet}",
            holding=key_of(gate),
            amount="1",
            read_at=NOW,
        )
        for wallet in range(WALLETS)
        for number, gate in enumerate(rules.gates)
    ]
    assert len(features_of(rules, rows, NOW).of_user) == GATES
    return lambda: features_of(rules, rows, NOW)


def _calls() -> list[Any]:
    addresses = ["0x" + secrets.token_hex(20) for _ in range(WALLETS)]
    return [BALANCES.call(holding_of(gate), address) for address in addresses for gate in _gates()]


def _request(url: str) -> Callable[[], Awaitable[object]]:
    """The same batch, as the library sends it."""
    calls = [BALANCES.network_call(), *_calls()]
    sent = [
        {"jsonrpc": "2.0", "id": number, "method": call.method, "params": call.params}
        for number, call in enumerate(calls)
    ]
    body, certificates = msgspec.json.encode(sent), ssl.create_default_context()

    async def request() -> None:
        async with httpx2.AsyncClient(verify=certificates) as client:
            answer = await client.post(url, content=body)
        assert answer.status_code == 200

    return request


def _reading(url: str) -> Callable[[], Awaitable[object]]:
    servers = RpcServers(urls=(url,), private_addresses=True)
    settings = InstanceSettings(web3=Web3Rules(rpc=(servers,)))
    instance = Instance(
        id="ins_1",
        environment="production",
        publishable_key="",
        frontend_api_host="",
        domain=None,
        code_key="",
        settings=settings,
        issuer="",
        cookie_suffix="",
    )
    calls = _calls()

    async def read() -> None:
        answers = await ask(instance, BALANCES, servers, calls)
        assert len(answers) == GATES * WALLETS

    return read


async def _microseconds(operation: Callable[[], Awaitable[object]], count: int = 50) -> float:
    await operation()
    start = time.perf_counter()
    for _ in range(count):
        await operation()
    return (time.perf_counter() - start) / count * 1e6


def _serve_chain(port: multiprocessing.Queue[int]) -> None:
    """Answers every batch with the chain id 1 and balances of 5."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        calls = json.loads(await reader.readexactly(length))
        results = ["0x1" if call["method"] == "eth_chainId" else f"0x{5:064x}" for call in calls]
        body = json.dumps(
            [{"id": call["id"], "result": one} for call, one in zip(calls, results, strict=True)]
        )
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode()
        )
        await writer.drain()
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
