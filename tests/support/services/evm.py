"""A real Ethereum chain of its own (`anvil`), with token contracts of OpenZeppelin."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from greffier.server.identifications.web3_wallets.chains.ethereum import keccak_256
from tests.support.services.node import FOLDER
from tests.support.services.ports import free_port
from tests.support.waiting import wait_until

CHAIN_ID = "31337"
_PACKAGES = FOLDER / "node_modules" / "@foundry-rs"
_SOURCES = FOLDER / "contracts"


class Evm:
    """A running chain. Its first accounts are rich and sign whatever they are asked to."""

    def __init__(self, port: int, codes: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._codes = codes

    def call(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = httpx.post(self.url, json=body, timeout=10).raise_for_status().json()
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def send(self, to: str | None, data: str, *, value: int = 0) -> dict[str, Any]:
        """Sends a transaction; its receipt."""
        bank = self.call("eth_accounts")[0]
        asked = {"from": bank, "data": data, "value": hex(value)} | ({"to": to} if to else {})
        return self.receipt(self.call("eth_sendTransaction", asked))

    def receipt(self, transaction: str) -> dict[str, Any]:
        """That of a transaction, as soon as it is in a block."""
        found: dict[str, Any] = {}

        def mined() -> bool:
            found.update(self.call("eth_getTransactionReceipt", transaction) or {})
            return bool(found)

        wait_until(mined, "the transaction is in a block")
        assert found["status"] == "0x1"
        return found

    def deploy(self, name: str, *arguments: str | int) -> str:
        """Makes a contract of `contracts/`; its address."""
        return self.send(None, self._codes[name] + _words(arguments))["contractAddress"]

    def invoke(self, contract: str, function: str, *arguments: str | int) -> None:
        """Calls a function such as `mint(address,uint256)` in a transaction."""
        self.send(contract, call_data(function, *arguments))

    def give(self, address: str, wei: int) -> None:
        """Makes this the balance of an address."""
        self.call("anvil_setBalance", address, hex(wei))


def call_data(function: str, *arguments: str | int) -> str:
    return "0x" + keccak_256(function.encode())[:4].hex() + _words(arguments)


def _words(arguments: tuple[str | int, ...]) -> str:
    numbers = (one if isinstance(one, int) else int(one, 16) for one in arguments)
    return "".join(f"{number:064x}" for number in numbers)


@contextmanager
def running_evm(codes: dict[str, str], port: int) -> Iterator[Evm]:
    program = next(_PACKAGES.glob("anvil-*/bin/anvil*"))  # npm installs the one for this machine
    command = [str(program), "--port", str(port), "--chain-id", CHAIN_ID, "--silent"]
    with subprocess.Popen(command) as process:
        try:
            evm = Evm(port, codes)
            wait_until(lambda: _answers(evm), "anvil answers")
            yield evm
        finally:
            process.terminate()


def _answers(evm: Evm) -> bool:
    try:
        return evm.call("eth_chainId") == hex(int(CHAIN_ID))
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def contract_codes() -> dict[str, str]:
    """The contracts of `contracts/`, compiled once on a machine: it takes some ten seconds."""
    sources = [path.read_bytes() for path in (*sorted(_SOURCES.iterdir()), FOLDER / "package-lock.json")]
    name = hashlib.sha256(b"".join(sources)).hexdigest()[:20]
    kept = Path(tempfile.gettempdir()) / f"greffier-contracts-{os.getuid()}-{name}.json"
    if not kept.exists():
        command = ["node", str(_SOURCES / "compile.mjs")]
        output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=FOLDER).stdout
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_text(output)
        unfinished.replace(kept)
    return json.loads(kept.read_text())


@pytest.fixture(scope="session")
def evm(contract_codes: dict[str, str]) -> Iterator[Evm]:
    with running_evm(contract_codes, free_port()) as evm:
        yield evm
