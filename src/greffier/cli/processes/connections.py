"""Bounds of one worker's connections: time for a head and a body, the size of a head, and how many are open.
A reverse proxy in front has such bounds too; docs/explanation/protection.md says which."""

from __future__ import annotations

import asyncio
import logging
import math
import sys
import time
from typing import TYPE_CHECKING, Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from uvicorn import Config

HEAD_SECONDS = 10.0
"""From a connection, or the first byte of its next request, to the end of the head."""
BODY_SECONDS = 60.0
"""From the end of the head to the end of the body: 10 MiB at 1.4 Mbit/s."""
WRITE_SECONDS = 60.0
"""For the other side to read some of an answer that does not fit into the connection's buffers."""
ENDING_SECONDS = 1.0
"""From the end of a worker to the first byte on a connection that it has just taken."""
HEAD_BYTES = 64 * 1024
RESERVED_FILES = 64
"""Descriptors of a worker that are no connections of browsers: its database, listeners, logs, mail."""
MAX_CONNECTIONS = 10_000

_Awaited = Literal["request", "head", "body"] | None

log = logging.getLogger("greffier.connections")

_REFUSALS = {
    408: b"HTTP/1.1 408 Request Timeout\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n",
}


def max_connections() -> int:
    """The maximum of open connections of a worker: what its limit of descriptors leaves, which is raised as
    far as the system allows.
    """
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > soft:
        wanted = MAX_CONNECTIONS + RESERVED_FILES
        soft = max(soft, wanted if hard == resource.RLIM_INFINITY else min(hard, wanted))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(MAX_CONNECTIONS, soft - min(RESERVED_FILES, soft // 2)))


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, within these bounds."""

    most: int | None = None
    """Connections of this process; found out when the first one comes."""

    def __init__(self, config: Config, *arguments: Any, **options: Any) -> None:
        super().__init__(config, *arguments, **options)
        self._awaited: _Awaited = None
        self._waiting: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False
        self._is_last = False

    # asyncio's base class has the wider BaseTransport; uvicorn narrows it in the same way.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if BoundedProtocol.most is None:
            BoundedProtocol.most = max_connections()
        if len(self.connections) > BoundedProtocol.most:
            _note("%d connections were refused: %d are open, and no more are allowed", BoundedProtocol.most)
            self._refuse(503)
            return
        self._await("request", HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._await(None)
        self._end_writing()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False

    def data_received(self, data: bytes) -> None:
        if self._in_head and self._head_bytes > HEAD_BYTES:
            _note("%d heads were longer than %d bytes", HEAD_BYTES)
            self._refuse(431)
            return
        super().data_received(data)
        self._head_bytes += len(data)
        if self._in_head:
            self._await("head", HEAD_SECONDS)
        elif self._body_is_due():
            self._await("body", BODY_SECONDS)
        elif self._awaited != "request" or self._has_asked():
            self._await(None)

    def shutdown(self) -> None:
        """The worker ends. A request may be on its way over a connection that it has taken, which no other
        one answers."""
        if self._awaited not in ("request", "head"):
            super().shutdown()
            return
        self._is_last = True
        if self._awaited == "request":
            self._await(None)
            self._await("request", ENDING_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._end_writing()
        self._writing = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._end_writing()

    def _has_asked(self) -> bool:
        return getattr(self, "cycle", None) is not None

    def _body_is_due(self) -> bool:
        return self._has_asked() and self.cycle.more_body

    def _await(self, what: _Awaited, seconds: float = 0.0) -> None:
        """Set the time limit of the next step. A step that is awaited already keeps its limit."""
        if what == self._awaited:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._awaited = what
        self._waiting = self.loop.call_later(seconds, self._give_up) if what else None

    def _give_up(self) -> None:
        awaited, self._awaited, self._waiting = self._awaited, None, None
        if awaited == "request":  # browsers open connections in advance
            self.transport.close()
        elif awaited == "head":
            _note("%d heads were not whole after %g s", HEAD_SECONDS)
            self._refuse(408)
        elif awaited == "body":
            _note("%d bodies were not whole after %g s", BODY_SECONDS)
            self._refuse(408)

    def _end_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _refuse(self, status: int) -> None:
        """Answer, unless an answer to the request at hand has begun, and close the connection."""
        self._await(None)
        if not self._body_is_due() or not self.cycle.response_started:
            self.transport.write(_REFUSALS[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()


class _Occurrences:
    """The time when each line was logged last, and its occurrences since."""

    def __init__(self) -> None:
        self.at = -math.inf
        self.times = 0


_occurrences: dict[str, _Occurrences] = {}


def _note(line: str, *arguments: object) -> None:
    """A line for the log, once a second at most; its first figure is how often that was so."""
    said = _occurrences.setdefault(line, _Occurrences())
    said.times += 1
    now = time.monotonic()
    if now - said.at >= 1.0:
        log.warning(line, said.times, *arguments)
        said.at, said.times = now, 0
