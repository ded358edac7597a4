"""The server as one ASGI application: it picks the face of each request.

A path of one face goes to that face. A path that both have, or neither, goes to the Backend API if the bearer
is a secret key or a machine credential, else to the Frontend API. Pages go to the page rooms.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from greffier.server.errors import ApiError
from greffier.server.web.http.incoming import read_request, with_mount_path
from greffier.server.web.http.proxies import Proxies
from greffier.server.web.http.reply import Reply, error_reply, failure_reply, send_reply
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.observability.logs import (
    RequestLine,
    access_log,
    log_request,
    new_request_id,
    without_secrets,
)
from greffier.server.web.observability.metrics import PATH as METRICS_PATH
from greffier.server.web.observability.metrics import Metrics
from greffier.server.web.operations.backend import BackendApi, bearer
from greffier.server.web.operations.declaration import Operation
from greffier.server.web.operations.frontend import FrontendApi
from greffier.server.web.operations.routing import Match

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

_BACKEND_CREDENTIALS = ("sk_", "pk_", "ak_", "mt_", "m2m_", "oat_")
# SDKs send these three without `/v1`.
_BARE_MACHINE_PATHS = ("/api_keys", "/m2m_tokens", "/oauth_applications/access_tokens")
_API_PREFIXES = ("/v1/", "/.well-known/", "/oauth/", *_BARE_MACHINE_PATHS)


class Faces:
    """Dispatches one HTTP request, counts it and logs it."""

    def __init__(
        self,
        frontend: FrontendApi,
        backend: BackendApi,
        pages: ASGIApp,
        proxies: Proxies,
        metrics: Metrics,
    ) -> None:
        self._frontend = frontend
        self._backend = backend
        self._pages = pages
        self._proxies = proxies
        self._metrics = metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        scope = with_mount_path(scope)
        if self._proxies:
            scope = self._proxies.unwrap(scope)
        face, operation = "frontend_api", ""
        try:
            request = read_request(scope)
        except ApiError as error:
            path, reply = scope["path"], error_reply(error)
            await send_reply(reply, send)
        else:
            path = request.path
            if path.startswith(_API_PREFIXES):
                try:
                    face, operation, reply = await self._respond(request, receive)
                except Exception as error:
                    reply = failure_reply(error, request.method, request.path)
                await send_reply(reply, send, head=request.method == "HEAD")
            elif path == METRICS_PATH:
                face, reply = "pages", await self._metrics.respond(request)
                await send_reply(reply, send, head=request.method == "HEAD")
            else:
                face, reply = "pages", await self._page(scope, receive, send)
        took = time.perf_counter() - started
        self._metrics.count(face, operation, reply.status, took)
        if access_log.isEnabledFor(logging.INFO):
            log_request(
                RequestLine(
                    scope["method"],
                    without_secrets(path),
                    reply.status,
                    round(took * 1000, 2),
                    reply.request_id or new_request_id(),
                    reply.instance_id,
                    operation,
                )
            )

    async def _page(self, scope: Any, receive: Any, send: Any) -> Reply:
        """Let a page answer; only the status of the reply is known."""
        reply = Reply(0, b"", [])

        async def note_status(message: Any) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
            await send(message)

        try:
            await self._pages(scope, receive, note_status)
        except Exception as error:
            # Starlette raises what it has answered and logged already once more, for the server to log.
            if not reply.status:
                reply = failure_reply(error, scope["method"], scope["path"])
                await send_reply(reply, send)
        return reply

    async def _respond(self, request: RequestInfo, receive: Any) -> tuple[str, str, Reply]:
        """The face that answered, the operation and the answer."""
        backend_path = _versioned(request.path)
        if (bearer(request) or "").startswith(_BACKEND_CREDENTIALS):
            found = self._backend.router.resolve(request.method, backend_path)
            if not _is_unknown(found) or _is_unknown(self._frontend.resolve(request)):
                reply = await self._backend.respond(_at(request, backend_path), receive, found)
                return "backend_api", _name(found), reply
        found = self._frontend.resolve(request)
        if isinstance(found, ApiError) and found.status in (404, 405):
            there = self._backend.router.resolve(request.method, backend_path)
            if not _is_unknown(there) and (_is_unknown(found) or isinstance(there, Match)):
                reply = await self._backend.respond(_at(request, backend_path), receive, there)
                return "backend_api", _name(there), reply
        return "frontend_api", _name(found), await self._frontend.respond(request, receive, found)


def _name(found: Match | ApiError) -> str:
    if isinstance(found, ApiError):
        return ""
    operation = found.operation
    return operation.name if isinstance(operation, Operation) else operation.operation_id


def _is_unknown(found: Match | ApiError) -> bool:
    return isinstance(found, ApiError) and found.status == 404


def _versioned(path: str) -> str:
    return "/v1" + path if path.startswith(_BARE_MACHINE_PATHS) else path


def _at(request: RequestInfo, path: str) -> RequestInfo:
    return request if path == request.path else msgspec.structs.replace(request, path=path)
