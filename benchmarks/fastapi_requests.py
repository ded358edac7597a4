"""How many requests of a FastAPI application does its protection cost?

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

import psutil

from benchmarks.load import throughput
from benchmarks.serving import CLIENT_CORE, SERVER_CORE

GOAL = 10
"""Per cent that the protected application may answer fewer."""
_PATH = "/api/reports"


def main() -> None:
    os.sched_setaffinity(0, {CLIENT_CORE})
    fewer = list[float]()
    with _serving("plain") as plain, _serving("protected") as protected:
        print("requests of a FastAPI application by signed-in browsers, per second of its processor time")
        print(f"{'':8}{'plain':>10}{'protected':>12}{'fewer':>9}   (goal: at most {GOAL} %)")
        for turn in range(5):
            without, with_auth = plain.requests_per_second(), protected.requests_per_second()
            fewer.append((1 - with_auth / without) * 100)
            print(f"turn {turn + 1}  {without:10.0f}{with_auth:12.0f}{fewer[-1]:8.0f} %")
    print(f"median  {'':22}{statistics.median(fewer):8.0f} %")


@dataclass(frozen=True)
class _Serving:
    process: psutil.Process
    port: int
    requests: list[bytes]
    """Of people who are signed in."""

    def requests_per_second(self, seconds: float = 3.0) -> float:
        """By the processor's time, which other programs on this machine do not lengthen much."""
        before = self.process.cpu_times()
        rate = asyncio.run(throughput(self.port, self.requests, connections=16, seconds=seconds))
        after = self.process.cpu_times()
        spent = after.user - before.user + after.system - before.system
        return rate * seconds / spent


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
