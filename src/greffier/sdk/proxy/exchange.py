"""One request to the Frontend API and its answer, in pieces, over the standard library (`greffier.proxy`)."""

import contextlib
import http.client
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from greffier.sdk.errors import GreffierError

Header = tuple[str, str]
#: Bytes read at a time.
CHUNK_BYTES = 64 * 1024


class FrontendApiUnreachable(GreffierError):
    """The Frontend API gave no answer. `timed_out`: it was there and took too long."""

    def __init__(self, error: Exception) -> None:
        # The type only: texts of http.client repeat header values, and a header holds the secret key.
        super().__init__(type(error).__name__)
        self.timed_out = isinstance(error, TimeoutError)


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer."""

    status: int
    headers: list[Header]


class Exchange:
    """A request that is sent in pieces. Every method blocks, for at most `timeout` seconds at a time.

    Call `open`, `send` for each piece of the body, `finish`, `read` until it gives nothing, and in any case
    `close`. Redirects are not followed, so that the secret key stays where it was meant to go. All raise
    `FrontendApiUnreachable`.
    """

    def __init__(self, upstream: str, *, timeout: float) -> None:
        parts = urlsplit(upstream)
        host, port = parts.hostname or "", parts.port
        self._connection = (
            http.client.HTTPSConnection(host, port, timeout=timeout, context=_tls())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=timeout)
        )
        self._chunked = False
        self._broken = False
        self._answer: http.client.HTTPResponse | None = None

    def open(self, method: str, target: str, headers: Iterable[Header], length: int | None) -> None:
        """Connect and send the head. `length` is that of the body in bytes; None when unknown."""
        self._chunked = length is None
        try:
            self._connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                self._connection.putheader(name, value.encode("latin-1", "replace"))
            if self._chunked:
                self._connection.putheader("Transfer-Encoding", "chunked")
            elif length or method not in ("GET", "HEAD", "OPTIONS"):
                self._connection.putheader("Content-Length", str(length))
            self._connection.endheaders()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FrontendApiUnreachable(error) from None

    def send(self, piece: bytes) -> None:
        """Send a piece of the body."""
        if piece:
            self._send(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)

    def finish(self) -> Head:
        """End the body and wait for the head of the answer."""
        if self._chunked:
            self._send(b"0\r\n\r\n")
        try:
            self._answer = self._connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FrontendApiUnreachable(error) from None
        return Head(self._answer.status, self._answer.getheaders())

    def read(self) -> bytes:
        """The bytes of the answer's body that have arrived; empty at its end."""
        assert self._answer is not None, "finish() comes first"  # noqa: S101 - a mistake of ours, not of input
        try:
            return self._answer.read1(CHUNK_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FrontendApiUnreachable(error) from None

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            if self._answer is not None:
                self._answer.close()
            self._connection.close()

    def _send(self, data: bytes) -> None:
        if self._broken:
            return
        try:
            self._connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            self._broken = True  # it may have answered before the end of the body: a 413, for example
        except (OSError, http.client.HTTPException) as error:
            raise FrontendApiUnreachable(error) from None


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
