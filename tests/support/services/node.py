"""The official SDK for Node.js in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "sdk_node"


class NodeSdk:
    """`@clerk/backend`, called over `tests/sdk_node/driver.mjs`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, op: str, **arguments: Any) -> dict[str, Any]:
        """The whole answer: `result`, or `error` and what the SDK says of it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"op": op, **arguments}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def result(self, op: str, **arguments: Any) -> Any:
        answer = self.ask(op, **arguments)
        assert "error" not in answer, answer
        return answer["result"]


@pytest.fixture(scope="session")
def node_sdk() -> Iterator[NodeSdk]:
    if not (FOLDER / "node_modules").is_dir():
        pytest.fail(f"the SDKs for Node.js are not installed: run `npm ci --prefix {FOLDER}`")
    with subprocess.Popen(
        ["node", str(FOLDER / "driver.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=FOLDER,
    ) as process:
        yield NodeSdk(process)
        assert process.stdin
        process.stdin.close()
