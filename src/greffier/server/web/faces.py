"""The server as one ASGI application: it picks the face of each request.

A path of one face goes to that face. A path that both have goes to the Backend API if the bearer is a secret
key or a machine credential, else to the Frontend API. Pages go to the page rooms.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from greffier.server.errors import ApiError
from greffier.server.web.backend import BackendApi, bearer
from greffier.server.web.frontend import FrontendApi
from greffier.server.web.incoming import read_request
from greffier.server.web.reply import Reply, crash_reply, error_reply
from greffier.server.web.request import RequestInfo

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

access_log = logging.getLogger("greffier.access")

_BACKEND_CREDENTIALS = ("sk_", "pk_", "ak_", "mt_", "m2m_", "oat_")
# SDKs send these three without `/v1`.
_BARE_MACHINE_PATHS = ("/api_keys", "/m2m_tokens", "/oauth_applications/access_tokens")


class Faces:
    """Dispatches one HTTP request."""

    def __init__(self, frontend: FrontendApi, backend: BackendApi, pages: ASGIApp) -> None:
        self._frontend = frontend
        self._backend = backend
        self._pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        try:
            request = read_request(scope)
            face = self._face(request)
        except ApiError as error:
            await _send(error_reply(error), send)
            return
        if face is None:
            await self._pages(scope, receive, send)
            return
        try:
            reply = await face(request, receive)
        except Exception:
            reply = crash_reply(request.method, request.path)
        await _send(reply, send, head=request.method == "HEAD")
        # The path alone: query strings carry tokens.
        access_log.info(
            "%s %s %d %.1fms",
            request.method,
            request.path,
            reply.status,
            (time.perf_counter() - started) * 1000,
        )

    def _face(self, request: RequestInfo) -> Callable[[RequestInfo, Any], Awaitable[Reply]] | None:
        path = request.path
        if not path.startswith(("/v1/", "/.well-known/", "/oauth/", *_BARE_MACHINE_PATHS)):
            return None
        credential = bearer(request) or ""
        if credential.startswith(_BACKEND_CREDENTIALS) and self._backend.router.knows(_versioned(path)):
            return self._to_backend
        if self._frontend.router.knows(path):
            return self._frontend.respond
        return self._to_backend

    async def _to_backend(self, request: RequestInfo, receive: Any) -> Reply:
        path = _versioned(request.path)
        if path != request.path:
            request = msgspec.structs.replace(request, path=path)
        return await self._backend.respond(request, receive)


def _versioned(path: str) -> str:
    return "/v1" + path if path.startswith(_BARE_MACHINE_PATHS) else path


async def _send(reply: Reply, send: Any, *, head: bool = False) -> None:
    headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
    if reply.status == 204:
        headers.pop()
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})
