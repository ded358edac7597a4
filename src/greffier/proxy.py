"""`FrontendApiProxy`: the Frontend API on a path of the application's own origin, as ASGI or WSGI app.

    app.mount("/__clerk", FrontendApiProxy())                                # Starlette, FastAPI
    application = FrontendApiProxy(application).wsgi                         # Django, Flask, any WSGI app

Browsers then need no other host: `proxy_url` of the middleware and of the browser SDK is `/__clerk`. Only the
standard library is used.
"""

import asyncio
import http.client
import json
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from greffier import asgi, wsgi
from greffier.asgi import Receive, Scope, Send
from greffier.sdk.errors import ConfigurationError, GreffierError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.options import ENVIRONMENT
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.requirements import error_body
from greffier.sdk.proxy.exchange import CHUNK_BYTES, Exchange, FrontendApiUnreachable, Head
from greffier.sdk.proxy.rules import METHODS, Header, ProxyRules

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

__all__ = ["FrontendApiProxy"]

log = logging.getLogger("greffier.sdk")
T = TypeVar("T")

#: Longest wait for the Frontend API, or for the next bytes of a browser, in seconds.
TIMEOUT_SECONDS = 20.0
#: Larger bodies are refused, in bytes. The largest that browsers send is a profile picture.
MAX_REQUEST_BYTES = 16 * 1024 * 1024
#: Requests of an ASGI app that wait for the Frontend API at the same time; others wait for their turn.
MAX_CONCURRENT = 64


class _Refused(GreffierError):
    """The proxy answers by itself."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = _error(status, code, message)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """A request as the Frontend API gets it. `length` of the body is None when unknown."""

    method: str
    target: str
    headers: list[Header]
    length: int | None
    proxy_url: str


class FrontendApiProxy:
    """Passes requests below `path` on to the Frontend API; all others go to `app`, or get 404 without one.

    It authenticates with the instance's secret key, and forwards the proxy's URL (`Clerk-Proxy-Url`) and the
    browser's address (`X-Forwarded-For`). Bodies are streamed both ways. The settings are those of
    `greffier.sdk.proxy.rules.ProxyRules`; the keys come from `GREFFIER_*` variables if not given.

    `timeout` is the longest wait, in seconds, for a connection and for the next bytes of either side;
    `max_request_bytes` limits bodies of requests.
    """

    def __init__(
        self,
        app: Any = None,
        *,
        secret_key: str | None = None,
        publishable_key: str | None = None,
        target: str | None = None,
        host: str | None = None,
        path: str = "/__clerk",
        public_url: str | None = None,
        trusted_proxies: Iterable[str] = (),
        trust_forwarded_headers: bool = True,
        timeout: float = TIMEOUT_SECONDS,
        max_request_bytes: int = MAX_REQUEST_BYTES,
    ) -> None:
        self.app = app
        self.rules = ProxyRules(
            secret_key=_given("secret_key", secret_key),
            publishable_key=_given("publishable_key", publishable_key),
            target=target,
            host=host,
            path=path,
            public_url=public_url,
            trusted_proxies=trusted_proxies,
        )
        self._trust_forwarded = trust_forwarded_headers
        self._timeout = timeout
        self._max_request_bytes = max_request_bytes
        # Threads of its own: the default ones of the event loop are few, and belong to the application.
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="frontend-api-proxy")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] == "lifespan":
            await (self.app or _lifespan)(scope, receive, send)
            return
        request = AuthRequest.from_asgi(scope, trust_forwarded=self._trust_forwarded)
        prefixes = (self.rules.path, scope.get("root_path", "") + self.rules.path)
        found = self.rules.target_of(request.path, prefixes, request.query)
        if found is None or scope["type"] == "websocket":
            await (self.app or asgi.AnswerApp(_not_found()))(scope, receive, send)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        peer = (scope.get("client") or ("",))[0]
        try:
            await self._relay(self._outgoing(request, *found, headers, peer), receive, send)
        except _Refused as refused:
            await asgi.AnswerApp(refused.answer)(scope, receive, send)

    def wsgi(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The WSGI entry point."""
        request = AuthRequest.from_environ(environ, trust_forwarded=self._trust_forwarded)
        found = self.rules.target_of(request.path, (self.rules.path,), request.query)
        if found is None:
            return (self.app or wsgi.AnswerApp(_not_found()))(environ, start_response)
        try:
            outgoing = self._outgoing(
                request, *found, _environ_headers(environ), environ.get("REMOTE_ADDR", "")
            )
            exchange = Exchange(self.rules.upstream, timeout=self._timeout)
            return self._relay_wsgi(exchange, outgoing, environ, start_response)
        except _Refused as refused:
            return wsgi.AnswerApp(refused.answer)(environ, start_response)

    def _outgoing(
        self, request: AuthRequest, prefix: str, target: str, headers: list[Header], peer: str
    ) -> _Outgoing:
        if request.method not in METHODS:
            raise _Refused(405, "method_not_allowed", "The Frontend API has no such method.")
        proxy_url = self.rules.url_for(request.origin, prefix)
        if proxy_url is None:
            raise _Refused(
                400, "host_invalid", "This host is not on the domain of the instance: set public_url."
            )
        client = self.rules.client_address(peer, request.headers.get("x-forwarded-for", ""))
        return _Outgoing(
            request.method,
            target,
            self.rules.request_headers(headers, proxy_url=proxy_url, client=client),
            self._length(request),
            proxy_url,
        )

    def _length(self, request: AuthRequest) -> int | None:
        text = request.headers.get("content-length", "")
        if "transfer-encoding" in request.headers or not text:
            return None
        if not (text.isascii() and text.isdigit()):
            raise _Refused(400, "content_length_invalid", "Content-Length is not a number.")
        if len(text) > 18 or int(text) > self._max_request_bytes:
            raise _too_large()
        return int(text)

    async def _relay(self, outgoing: _Outgoing, receive: Receive, send: Send) -> None:
        async with self._exchange() as (exchange, call):
            try:
                head = await self._ask(exchange, call, outgoing, receive)
            except FrontendApiUnreachable as error:
                raise _unreachable(error) from None
            except _Gone:
                return
            headers = self.rules.response_headers(head.headers, proxy_url=outgoing.proxy_url)
            raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            await send({"type": "http.response.start", "status": head.status, "headers": raw})
            # An error from here on cannot be reported any more; the server closes the connection.
            while piece := await call(exchange.read):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _ask(
        self,
        exchange: Exchange,
        call: Callable[..., Awaitable[Any]],
        outgoing: _Outgoing,
        receive: Receive,
    ) -> Head:
        opened = False
        async for piece, more in self._body(receive):
            if not opened:
                # HTTP/2 needs no Content-Length (RFC 9113 8.1.1); most bodies come in one piece all the same.
                length = outgoing.length if more or outgoing.length is not None else len(piece)
                await call(exchange.open, outgoing.method, outgoing.target, outgoing.headers, length)
                opened = True
            await call(exchange.send, piece)
        return await call(exchange.finish)

    @asynccontextmanager
    async def _exchange(self) -> AsyncGenerator[tuple[Exchange, Callable[..., Awaitable[Any]]]]:
        loop = asyncio.get_running_loop()
        exchange = Exchange(self.rules.upstream, timeout=self._timeout)

        def call(function: Callable[..., T], *arguments: Any) -> Awaitable[T]:
            return loop.run_in_executor(self._threads, function, *arguments)

        try:
            yield exchange, call
        finally:
            exchange.close()

    async def _body(self, receive: Receive) -> AsyncGenerator[tuple[bytes, bool]]:
        """The pieces of the request's body, and whether more follow. No thread waits for a slow browser."""
        total = 0
        while True:
            try:
                async with asyncio.timeout(self._timeout):
                    message = await receive()
            except TimeoutError:
                raise _Refused(408, "request_timeout", "The body of the request did not arrive.") from None
            if message["type"] == "http.disconnect":
                raise _Gone
            piece: bytes = message.get("body", b"")
            total += len(piece)
            if total > self._max_request_bytes:
                raise _too_large()
            more = bool(message.get("more_body"))
            yield piece, more
            if not more:
                return

    def _relay_wsgi(
        self,
        exchange: Exchange,
        outgoing: _Outgoing,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        try:
            length = outgoing.length
            if length is None and "HTTP_TRANSFER_ENCODING" not in environ:
                length = 0
            exchange.open(outgoing.method, outgoing.target, outgoing.headers, length)
            for piece in self._body_of(environ, length):
                exchange.send(piece)
            head = exchange.finish()
        except FrontendApiUnreachable as error:
            exchange.close()
            raise _unreachable(error) from None
        except BaseException:
            exchange.close()
            raise
        headers = self.rules.response_headers(head.headers, proxy_url=outgoing.proxy_url)
        start_response(f"{head.status} {_phrase(head.status)}", headers)
        return _Pieces(exchange)

    def _body_of(self, environ: "WSGIEnvironment", length: int | None) -> Iterator[bytes]:
        stream, total = environ["wsgi.input"], 0
        if length is None and not environ.get("wsgi.input_terminated"):
            raise _Refused(411, "length_required", "This server takes no body without Content-Length.")
        while length is None or total < length:
            piece: bytes = stream.read(CHUNK_BYTES if length is None else min(CHUNK_BYTES, length - total))
            if not piece:
                if length is not None:
                    raise _Refused(400, "body_incomplete", "The body ended before Content-Length.")
                return
            total += len(piece)
            if total > self._max_request_bytes:
                raise _too_large()
            yield piece


class _Pieces:
    """The body of an answer under WSGI."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._exchange.read():
            yield piece

    def close(self) -> None:
        self._exchange.close()


class _Gone(GreffierError):
    """The browser has left."""


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def _given(name: str, value: str | None) -> str:
    value = value or os.environ.get(ENVIRONMENT[name])
    if not value:
        raise ConfigurationError(f"Give {name}, or set {ENVIRONMENT[name]}.")
    return value


def _environ_headers(environ: "WSGIEnvironment") -> list[Header]:
    headers = [(name[5:], str(value)) for name, value in environ.items() if name.startswith("HTTP_")]
    if environ.get("CONTENT_TYPE"):
        headers.append(("CONTENT_TYPE", environ["CONTENT_TYPE"]))
    return [(name.replace("_", "-").title(), value) for name, value in headers]


def _phrase(status: int) -> str:
    return http.client.responses.get(status, "Unknown")


def _error(status: int, code: str, message: str) -> Answer:
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(status, headers, json.dumps(error_body(code, message)).encode())


def _not_found() -> Answer:
    return _error(404, "resource_not_found", "There is nothing here.")


def _too_large() -> _Refused:
    return _Refused(413, "request_too_large", "The body of the request is too large.")


def _unreachable(error: FrontendApiUnreachable) -> _Refused:
    log.warning("The Frontend API gave no answer: %s", error)
    if error.timed_out:
        return _Refused(504, "frontend_api_timeout", "The Frontend API took too long to answer.")
    return _Refused(502, "frontend_api_unreachable", "The Frontend API cannot be reached.")
