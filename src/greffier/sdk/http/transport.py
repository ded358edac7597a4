"""The one small HTTP client of the SDK, over the standard library; an app may put its own in its place."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from greffier.sdk.errors import BackendApiUnreachable

#: Longest wait for a connection or for the next bytes, in seconds.
TIMEOUT_SECONDS = 5.0
#: Larger answers are refused, in bytes: a key set or a session is a few kilobytes.
MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request to send. `headers` may hold a secret key, so they never show in a repr."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, whatever its status."""

    status: int
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The decoded body; `BackendApiUnreachable` when it is not JSON, because then another server
        answered.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise BackendApiUnreachable(f"The answer (status {self.status}) is not JSON.") from None


class Transport(Protocol):
    """Sends requests out of the process. Both methods raise `BackendApiUnreachable` when nothing answers."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait."""
        ...

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """Send without blocking the event loop."""
        ...


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request together with the transport that will carry it: something to `ask` (see `steps`)."""

    transport: Transport
    request: HttpRequest

    def ask(self) -> HttpResponse:
        """Send and wait."""
        return self.transport.send(self.request)

    async def ask_async(self) -> HttpResponse:
        """Send without blocking the event loop."""
        return await self.transport.send_async(self.request)


class FetchTransport:
    """The browser's or Node's `fetch`, on Pyodide, where there are no sockets.

    Redirects are not followed. Synchronous code can use it where Pyodide lets it wait (JSPI).
    """

    def __init__(self, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait, if the runtime is able to."""
        ffi: Any = import_module("pyodide.ffi")
        if not ffi.can_run_sync():
            raise BackendApiUnreachable("Synchronous code cannot wait for an answer here: use `await`.")
        return ffi.run_sync(self.send_async(request))

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """Send, at most `timeout` seconds for the whole answer."""
        try:
            async with asyncio.timeout(self._timeout):
                answer: Any = await import_module("pyodide.http").pyfetch(
                    request.url,
                    method=request.method,
                    headers=dict(request.headers),
                    body=request.body,
                    redirect="manual",
                )
                content: bytes = await answer.bytes()
        except (OSError, TimeoutError) as error:
            raise BackendApiUnreachable(f"{_without_query(request.url)}: {type(error).__name__}") from None
        if len(content) > MAX_ANSWER_BYTES:
            raise BackendApiUnreachable(f"{_without_query(request.url)}: answer too large")
        return HttpResponse(answer.status, content)


def default_transport() -> Transport:
    """The transport for this platform."""
    return FetchTransport() if sys.platform == "emscripten" else UrllibTransport()


class UrllibTransport:
    """`urllib.request`, in a thread for asynchronous callers.

    Redirects are not followed: urllib would carry the secret key on to whatever host they name.
    """

    def __init__(self, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._opener: Any = None

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait, at most `timeout` seconds for each read."""
        import http.client
        import urllib.error
        import urllib.request

        if self._opener is None:
            self._opener = _opener_without_redirects()
        try:
            outgoing = urllib.request.Request(  # noqa: S310 (the scheme is checked by the opener's handlers)
                request.url, data=request.body, headers=dict(request.headers), method=request.method
            )
            with self._opener.open(outgoing, timeout=self._timeout) as answer:
                return HttpResponse(answer.status, _read_bounded(answer))
        except urllib.error.HTTPError as answer:
            with answer:
                return HttpResponse(answer.code, _read_bounded(answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The type only: texts of http.client repeat header values, and a header holds the secret key.
            raise BackendApiUnreachable(f"{_without_query(request.url)}: {type(error).__name__}") from None

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """`send`, in a worker thread."""
        return await asyncio.to_thread(self.send, request)


def _read_bounded(answer: Any) -> bytes:
    body: bytes = answer.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise ValueError("answer too large")
    return body


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _opener_without_redirects() -> Any:
    from urllib.request import (
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        HTTPHandler,
        HTTPSHandler,
        OpenerDirector,
        ProxyHandler,
        UnknownHandler,
    )

    opener = OpenerDirector()
    # No file, ftp or data handlers, and no redirect handler.
    for handler in (ProxyHandler, UnknownHandler, HTTPHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor):
        opener.add_handler(handler())
    opener.add_handler(HTTPSHandler())
    return opener
