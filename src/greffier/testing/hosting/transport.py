"""Transports by which an app under test reaches the test server: function calls instead of HTTP."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from greffier.sdk.http.transport import HttpRequest, HttpResponse
from greffier.testing.hosting.background import BackgroundLoop
from greffier.testing.hosting.in_process import InProcessAnswer

if TYPE_CHECKING:
    import httpx


class Answering(Protocol):
    """A running test server, as far as transports need it."""

    background: BackgroundLoop

    async def answer(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes = b""
    ) -> InProcessAnswer: ...


class ServerTransport:
    """Implements `greffier.sdk.http.transport.Transport`: every URL leads to the test server."""

    def __init__(self, server: Answering) -> None:
        self._server = server

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait."""
        return _response(self._server.background.run(self._call(request)))

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """Send without blocking the event loop."""
        return _response(await self._server.background.run_async(self._call(request)))

    def _call(self, request: HttpRequest) -> Coroutine[Any, Any, InProcessAnswer]:
        headers = _to_the_server(request.headers.items())
        return self._server.answer(request.method, request.url, headers, request.body or b"")


def _to_the_server(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A URL at whatever host leads to the test server, which answers at its own names only."""
    return [("host", "localhost"), *((name, value) for name, value in headers if name.lower() != "host")]


def _response(answer: InProcessAnswer) -> HttpResponse:
    return HttpResponse(answer.status, answer.body)


def httpx_transport(server: Answering) -> Any:
    """A transport for `httpx.Client` and `httpx.AsyncClient`; every URL leads to the test server."""
    import httpx

    class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            headers = _to_the_server(request.headers.multi_items())
            work = server.answer(request.method, str(request.url), headers, request.read())
            return _httpx_response(server.background.run(work))

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            headers = _to_the_server(request.headers.multi_items())
            work = server.answer(request.method, str(request.url), headers, body)
            return _httpx_response(await server.background.run_async(work))

    return Transport()


def _httpx_response(answer: InProcessAnswer) -> httpx.Response:
    import httpx

    return httpx.Response(answer.status, headers=answer.headers, content=answer.body)
