"""Answers on their way out: bytes, headers, and the envelopes of errors."""

from __future__ import annotations

import logging
import math
import secrets
import time
from typing import Any

import msgspec

from greffier.sdk.http.urls import ascii_url
from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.store.database import DatabaseUnavailable
from greffier.server.web.observability.logs import log_failure, without_secrets

log = logging.getLogger("greffier.web")

_encode = msgspec.json.Encoder().encode
RETRY_AFTER = 5
"""Seconds that callers are asked to wait while the database does not answer."""
_JSON = (b"content-type", b"application/json")  # exactly: SDKs compare with `===`


class Reply(msgspec.Struct):
    """A whole HTTP response."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]
    instance_id: str = ""
    """The instance of the answer, for the log."""
    request_id: str = ""
    """The id that the caller was given to quote, for the log."""

    def add(self, name: str, value: str) -> None:
        if name == "location":
            value = ascii_url(value)  # a browser may be sent to any URL that an application has
        self.headers.append((name.encode("latin-1"), value.encode("latin-1")))


def json_reply(status: int, value: Any) -> Reply:
    return Reply(status, _encode(value), [_JSON, (b"cache-control", b"no-store")])


def error_reply(error: ApiError, *, client: Any = None) -> Reply:
    """The published error envelope; `client` is added in `meta` when the refusal changed it."""
    trace_id = secrets.token_hex(16)
    body: dict[str, Any] = {"errors": error.items, "clerk_trace_id": trace_id}
    if client is not None:
        body["meta"] = {"client": client}
    reply = json_reply(error.status, body)
    reply.request_id = trace_id
    for name, value in error.headers.items():
        reply.add(name.lower(), value)
    return reply


def failure_reply(error: Exception, method: str, path: str) -> Reply:
    """The answer to a request that failed as `log_and_refuse` says."""
    return error_reply(log_and_refuse(error, method, path))


def log_and_refuse(error: Exception, method: str, path: str) -> ApiError:
    """The error to answer with for an unexpected exception, which is logged.

    While the database does not answer, 503 with `Retry-After`, and a line in the log now and then. Anything
    else is logged with its trace and answered without it.
    """
    if isinstance(error, DatabaseUnavailable):
        _outage.note(error)
        return errors.service_unavailable(RETRY_AFTER)
    trace_id = secrets.token_hex(8)
    log_failure(log, error, "%s %s failed, trace %s", method, without_secrets(path), trace_id)
    return errors.internal_error(trace_id)


class _Outage:
    """Says that the database does not answer: once a second at most, however many requests notice."""

    def __init__(self) -> None:
        self._logged_at = -math.inf
        self._unlogged = 0

    def note(self, error: DatabaseUnavailable) -> None:
        self._unlogged += 1
        now = time.monotonic()
        if now - self._logged_at < 1.0:
            return
        refused, self._unlogged, self._logged_at = self._unlogged, 0, now
        log.error("the database does not answer (%s); requests answered with 503: %d", error, refused)


_outage = _Outage()


async def send_reply(reply: Reply, send: Any, *, head: bool = False) -> None:
    """Write the whole response to an ASGI server."""
    headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
    if reply.status == 204:
        headers.pop()
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})
