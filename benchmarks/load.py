"""A small HTTP/1.1 client that spends little, so that one core of it saturates one core of server."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from benchmarks.population import PASSWORD, SignedIn

_QUERY = "__clerk_api_version=2026-05-12&_clerk_js_version=6.40.0"
_FORM = "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://localhost:3000\r\nHost: localhost"


def token_request(who: SignedIn) -> bytes:
    body = "organization_id="
    return (
        f"POST /v1/client/sessions/{who.session_id}/tokens?{_QUERY} HTTP/1.1\r\n{_FORM}\r\n"
        f"User-Agent: Mozilla/5.0\r\nAccept: */*\r\nCookie: __client={who.cookie}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def sign_in_request(who: SignedIn) -> bytes:
    body = urlencode({"strategy": "password", "identifier": who.email_address, "password": PASSWORD})
    return (
        f"POST /v1/client/sign_ins?{_QUERY} HTTP/1.1\r\n{_FORM}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class Connection:
    """One keep-alive connection; requests go one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> None:
        """Raises RuntimeError when the answer is not 200: a benchmark of refusals measures nothing."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head.partition(b'Cookie')[0]!r} {body[:300]!r}")

    def close(self) -> None:
        self._writer.close()


async def throughput(port: int, requests: Iterable[bytes], *, connections: int, seconds: float) -> float:
    """Answers a second with this many connections kept busy."""
    source: Iterator[bytes] = itertools.cycle(requests)
    until = time.perf_counter() + seconds
    done = 0

    async def work() -> None:
        nonlocal done
        connection = await Connection.open(port)
        while time.perf_counter() < until:
            await connection.ask(next(source))
            done += 1
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return done / (time.perf_counter() - began)


async def latencies(port: int, requests: Iterable[bytes], *, count: int) -> list[float]:
    """Seconds of each of `count` requests, one after the other, a little apart."""
    connection = await Connection.open(port)
    source, found = itertools.cycle(requests), list[float]()
    for _ in range(count):
        began = time.perf_counter()
        await connection.ask(next(source))
        found.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)
    connection.close()
    return found
