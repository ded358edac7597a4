"""Throughput of a FastAPI application with and without its protection.

One worker of uvicorn on one core, the same endpoint with and without `add_auth`, and signed-in browsers that
send the same cookies again and again, as they do for a minute.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.load import throughput
from benchmarks.serving import CLIENT_CORE, SERVER_CORE

GOAL = 10
"""Per cent that the protected application may answer fewer."""
_PATH = "/api/reports"
_TURNS = 24


def main() -> None:
    os.sched_setaffinity(0, {CLIENT_CORE})
    with _serving("plain") as plain, _serving("protected") as protected:
        turns = [(plain.requests_per_second(), protected.requests_per_second()) for _ in range(_TURNS)]
    print("requests of a FastAPI application by signed-in browsers, per second of its processor time:")
    print(f"{_TURNS} turns of both; other programs on this machine disturb the fast ones least")
    print(f"{'':20}{'plain':>8}{'protected':>12}{'fewer':>9}")
    for name, quarter in (("a slow turn", 0), ("the median", 1), ("a fast turn", 2)):
        without, with_auth = (statistics.quantiles(rates)[quarter] for rates in zip(*turns, strict=True))
        goal = f"   (goal: at most {GOAL} %)" if quarter == 2 else ""
        print(f"{name:20}{without:8.0f}{with_auth:12.0f}{(1 - with_auth / without) * 100:8.1f} %{goal}")


@dataclass(frozen=True)
class _Serving:
    process: psutil.Process
    port: int
    requests: list[bytes]
    """Of people who are signed in."""

    def requests_per_second(self, seconds: float = 0.6) -> float:
        """By the processor's time, which other programs on this machine do not lengthen much."""
        before = self._processor_seconds()
        rate = asyncio.run(throughput(self.port, self.requests, connections=16, seconds=seconds))
        return rate * seconds / (self._processor_seconds() - before)

    def _processor_seconds(self) -> float:
        """Those of the one thread that serves, to the nanosecond (proc_pid_schedstat)."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0]) / 1e9


@contextmanager
def _serving(kind: str) -> Iterator[_Serving]:
    """A server in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fastapi_requests", kind],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
    ) as child:
        assert child.stdout
        port = int(child.stdout.readline())
        cookies = child.stdout.readline().strip().split("\t")
        try:
            yield _Serving(psutil.Process(child.pid), port, [_request(cookie) for cookie in cookies])
        finally:
            child.terminate()
            child.wait()


def _request(cookie: str) -> bytes:
    head = (
        f"GET {_PATH}?page=2 HTTP/1.1\r\nHost: app.example.com\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"
        f"Sec-Fetch-Dest: empty\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\r\n"
    )
    return head.encode()


def serve(kind: str) -> None:
    """In the child: print the port and the cookies of 64 people, then serve."""
    import uvicorn
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from fastapi import FastAPI

    from benchmarks.sdk_verification import ORIGIN, PUBLISHABLE_KEY, browser_headers, session_token
    from greffier.fastapi import add_auth

    key = rsa.generate_private_key(65537, 2048)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    app = FastAPI()

    @app.get(_PATH)
    async def reports() -> dict[str, list[int]]:
        return {"reports": [1, 2, 3]}

    if kind == "protected":
        add_auth(app, publishable_key=PUBLISHABLE_KEY, jwt_key=pem, authorized_parties=[ORIGIN])
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1])
    cookies = [browser_headers(session_token(key, number))["cookie"] for number in range(64)]
    print("\t".join(cookies), flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1])
    else:
        main()
