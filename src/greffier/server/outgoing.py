"""HTTP requests to other servers. Time and size are bounded, and no redirect is followed: it would lead
secrets to another place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

_LONGEST_ANSWER = 1 << 16
_CHUNK = 1 << 12

_pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="outgoing")
"""Apart from the threads that hash passwords: a server that hangs must not hold up sign-ins."""


class Answer(NamedTuple):
    status: int
    body: bytes


class Unreachable(Exception):
    """There was no answer. The text names the kind of error alone."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = build_opener(_NoRedirects)


async def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Answer:
    """The answer, whatever its status; the first 64 KiB of a longer one.

    Args:
        url: from settings, never from a request.
        seconds: for all of it, the wait for a free thread included.

    Raises:
        Unreachable: no answer in time.
    """
    request = Request(url, body, {"user-agent": "greffier", **headers}, method="POST")  # noqa: S310 -- settings take http and https alone
    running = asyncio.get_running_loop().run_in_executor(_pool, _post, request, seconds)
    try:
        return await asyncio.wait_for(running, seconds)
    except (OSError, ValueError) as error:
        raise Unreachable(type(error).__name__) from None


def _post(request: Request, seconds: float) -> Answer:
    end = time.monotonic() + seconds
    try:
        with _opener.open(request, timeout=seconds) as response:
            return Answer(response.status, _read(response, end))
    except HTTPError as error:
        with error:
            return Answer(error.code, error.read(_LONGEST_ANSWER))


def _read(response: HTTPResponse, end: float) -> bytes:
    """Reads in parts, because the time of a socket begins anew with each byte."""
    body = b""
    while len(body) < _LONGEST_ANSWER and (part := response.read1(_CHUNK)):
        body += part
        if time.monotonic() > end:
            raise TimeoutError
    return body
