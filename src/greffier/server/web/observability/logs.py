"""Logs without secrets: one line per request, JSON for machines or text for people.

Rooms use the standard library's loggers under `greffier`; an application that embeds the server configures
their handlers itself.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex
from time import time_ns
from typing import Any, Literal, TextIO

import msgspec

access_log = logging.getLogger("greffier.access")

# Keys and tokens of programs begin as their ids do, which have 32 hexadecimal digits.
_PART = r"(?!sk_|eyJ|(?:ak|mt|oat)_(?![0-9A-Fa-f]{32}(?:/|\Z)))[A-Za-z0-9_.:~-]{0,64}"
_PLAIN = re.compile(_PART)
_PLAIN_PATH = re.compile(f"(?:/{_PART})*")
_encode = msgspec.json.Encoder().encode
_prefix = token_hex(5)
_numbers = count(1)


class RequestLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """The log line of one request: never the query, a cookie, a body or an address of mail."""

    method: str
    path: str
    status: int
    ms: float
    request_id: str
    instance_id: str = ""
    operation: str = ""


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    time: str
    level: str
    logger: str
    event: str
    request: RequestLine | None = None
    exception: str | None = None


def new_request_id() -> str:
    """Unique, but no secret. An error's is the trace id that its caller was given."""
    return f"{_prefix}{next(_numbers):x}"


MAX_TRACE = 8_000
"""Characters of one trace. A request of a few bytes must not be able to fill a disk."""


def _bounded(trace: str) -> str:
    """The beginning and the end of a long trace."""
    if len(trace) <= MAX_TRACE:
        return trace
    half = MAX_TRACE // 2
    return f"{trace[:half]}\n  ... {len(trace) - MAX_TRACE} characters left out ...\n{trace[-half:]}"


def log_failure(logger: logging.Logger, error: BaseException, message: str, *args: object) -> None:
    """Log an unexpected exception, with its trace, within bounds.

    The text goes into the record, so that handlers of an application that embeds the server keep the bound.
    """
    raised = (type(error), error, error.__traceback__)
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, message, args, raised)
    record.exc_text = _bounded("".join(traceback.format_exception(error)).rstrip())
    logger.handle(record)


def without_secrets(path: str) -> str:
    """A path as it may be logged: what looks like a key, a token or an address of mail becomes `*`."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return "/".join(part if _PLAIN.fullmatch(part) else "*" for part in path.split("/"))


class _Direct:
    """Writes the lines of requests without making records of them, which takes five times as long, and those
    of one turn of the event loop together, because a write costs more than a line."""

    def __init__(self) -> None:
        self.stream: TextIO | None = None
        self.style: Literal["json", "text"] = "json"
        self._lines: list[str] = []
        self._second = 0
        self._shown = ""

    def add(self, line: RequestLine) -> None:
        now = time_ns() // 1_000_000
        if now // 1000 != self._second:
            self._second = now // 1000
            self._shown = self._show(self._second)
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self._lines.append(self._text(line) if self.style == "text" else self._json(now, line))

    def flush(self) -> None:
        lines, self._lines = "".join(self._lines), []
        if self.stream is not None and lines:
            with suppress(OSError, ValueError):  # the reader is gone: that stops no request
                self.stream.write(lines)
                self.stream.flush()

    def _show(self, second: int) -> str:
        if self.style == "text":
            return datetime.fromtimestamp(second).astimezone().strftime("%H:%M:%S")
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")

    def _text(self, line: RequestLine) -> str:
        return f"{self._shown} {_text_of(line)}\n"

    def _json(self, now: int, line: RequestLine) -> str:
        moment = f"{self._shown}{now % 1000:03d}+00:00"
        return _encode(_Line(moment, "info", access_log.name, "request", line)).decode() + "\n"


def _text_of(line: RequestLine) -> str:
    return f"{line.method} {line.path} {line.status} {line.ms}ms"


_direct = _Direct()


def log_request(line: RequestLine) -> None:
    """One line at level INFO."""
    if _direct.stream is not None:
        _direct.add(line)
        return
    record = logging.LogRecord(access_log.name, logging.INFO, "", 0, "request", None, None)
    record.request = line
    access_log.handle(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = _Line(
            datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            record.levelname.lower(),
            record.name,
            record.getMessage(),
            getattr(record, "request", None),
            record.exc_text or (_bounded(self.formatException(record.exc_info)) if record.exc_info else None),
        )
        return _encode(line).decode()


class TextFormatter(logging.Formatter):
    """Text lines for the terminal of a development server."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        return _bounded(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        line: RequestLine | None = getattr(record, "request", None)
        if line is None:
            return super().format(record)
        return f"{self.formatTime(record, self.datefmt)} {_text_of(line)}"


def configure_logging(style: Literal["json", "text"], stream: TextIO | None = None) -> None:
    """Let everything that this process logs go to `stream`, the standard error by default."""
    _direct.stream, _direct.style = stream or sys.stderr, style
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("greffier", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("greffier").setLevel(logging.INFO)
