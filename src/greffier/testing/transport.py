"""How an app under test reaches the test server: a function call, where it would send HTTP otherwise."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from greffier.sdk.transport import HttpRequest, HttpResponse
from greffier.testing.in_process import InProcessAnswer

if TYPE_CHECKING:
    import httpx

    from greffier.testing.running import RunningServer


class ServerTransport:
    """Implements `greffier.sdk.transport.Transport`: every URL leads to the test server."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait."""
        return _response(self._server.background.run(self._call(request)))

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """Send without blocking the event loop."""
        return _response(await self._server.background.run_async(self._call(request)))

    def _call(self, request: HttpRequest) -> Coroutine[Any, Any, InProcessAnswer]:
        return self._server.answer(request.method, request.url, request.headers.items(), request.body or b"")


def _response(answer: InProcessAnswer) -> HttpResponse:
    return HttpResponse(answer.status, answer.body)


def httpx_transport(server: RunningServer) -> Any:
    """A transport for `httpx.Client` and `httpx.AsyncClient`; every URL leads to the test server."""
    import httpx

    class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            work = server.answer(
                request.method, str(request.url), request.headers.multi_items(), request.read()
            )
            return _httpx_response(server.background.run(work))

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            work = server.answer(request.method, str(request.url), request.headers.multi_items(), body)
            return _httpx_response(await server.background.run_async(work))

    return Transport()


def _httpx_response(answer: InProcessAnswer) -> httpx.Response:
    import httpx

    return httpx.Response(answer.status, headers=answer.headers, content=answer.body)
