"""HTTP requests to other servers. Time and size are bounded, and no redirect is followed: it would lead
secrets to another place."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import httpx2

_LONGEST_ANSWER = 1 << 20
_IN_REQUEST: ContextVar[bool] = ContextVar("in_request", default=False)


def _keep_out_of_logs(record: logging.LogRecord) -> bool:
    return not _IN_REQUEST.get()


# The library writes each URL to the log, and some have a secret in their path or query.
logging.getLogger("httpx2").addFilter(_keep_out_of_logs)

Method = Literal["GET", "POST", "DELETE"]


class Answer(NamedTuple):
    status: int
    body: bytes


class Unreachable(Exception):
    """There was no answer. The text names the kind of error alone."""


async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, public_only: bool = False
) -> Answer:
    """As `request`."""
    return await request("POST", url, body, headers, seconds=seconds, public_only=public_only)


async def request(
    method: Method,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    seconds: float,
    public_only: bool = False,
) -> Answer:
    """The answer, whatever its status.

    Args:
        url: of http or https.
        seconds: for all of it.
        public_only: an address in a private range counts as unreachable, whatever name leads there: requests
            must not reach what only this server can reach (server-side request forgery).

    Raises:
        Unreachable: no answer in time, one of more than 1 MiB, or a private address.
    """
    import httpx2

    ours = _IN_REQUEST.set(True)
    try:
        sent = httpx2.Request(
            method, url, content=body, headers={"user-agent": "greffier", **(headers or {})}
        )
        async with asyncio.timeout(seconds):
            if public_only:
                await _pin_to_public_address(sent)
            # The environment may name a proxy, which would look the name up once more.
            client = httpx2.AsyncClient(verify=_certificates(), trust_env=not public_only, timeout=seconds)
            async with client:
                response = await client.send(sent, stream=True)
                return Answer(response.status_code, await _read(response))
    except (OSError, ValueError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unreachable(type(error).__name__) from None
    finally:
        _IN_REQUEST.reset(ours)


async def _read(response: httpx2.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > _LONGEST_ANSWER:
            raise ValueError("too long")
        parts.append(part)
    return b"".join(parts)


@cache
def _certificates() -> ssl.SSLContext:
    """Made once: reading the certificates takes tens of milliseconds."""
    return ssl.create_default_context()


async def _pin_to_public_address(request: httpx2.Request) -> None:
    """Connect to the address that was checked, so that a second look-up cannot lead elsewhere (DNS
    rebinding); the name is still what the certificate must have.

    Raises:
        ValueError: one of the addresses is in a private range.
    """
    name, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = [entry[4][0] for entry in await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    if not found or not all(
        ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found
    ):
        raise ValueError("private address")
    request.url = request.url.copy_with(host=str(found[0]))
    request.extensions = {**request.extensions, "sni_hostname": name}
