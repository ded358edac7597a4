"""Answers on their way out: bytes, headers, and the envelopes of errors."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.web.logs import without_secrets

log = logging.getLogger("greffier.web")

_encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")  # exactly: SDKs compare with `===`


class Reply(msgspec.Struct):
    """A whole HTTP response."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]
    instance_id: str = ""
    """Whose answer this is, for the log."""
    request_id: str = ""
    """What the caller was told to quote, for the log."""

    def add(self, name: str, value: str) -> None:
        self.headers.append((name.encode("latin-1"), value.encode("latin-1")))


def json_reply(status: int, value: Any) -> Reply:
    return Reply(status, _encode(value), [_JSON, (b"cache-control", b"no-store")])


def error_reply(error: ApiError, *, client: Any = None) -> Reply:
    """The published error envelope; `client` rides along in `meta` when the refusal changed it."""
    trace_id = secrets.token_hex(16)
    body: dict[str, Any] = {"errors": error.items, "clerk_trace_id": trace_id}
    if client is not None:
        body["meta"] = {"client": client}
    reply = json_reply(error.status, body)
    reply.request_id = trace_id
    for name, value in error.headers.items():
        reply.add(name.lower(), value)
    return reply


def crash_reply(method: str, path: str) -> Reply:
    """For an exception that nobody foresaw: logged with its trace, told without it."""
    trace_id = secrets.token_hex(8)
    log.exception("%s %s failed, trace %s", method, without_secrets(path), trace_id)
    return error_reply(errors.internal_error(trace_id))
