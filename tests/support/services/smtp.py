"""A mail server for tests: takes every message, keeps it, and can be told to refuse some."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_WAIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as it came over the wire."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text part, or nothing."""
        return _content(self.message, "plain")

    @property
    def html(self) -> str:
        """The HTML part, or nothing."""
        return _content(self.message, "html")


@dataclass(slots=True)
class MailServer:
    """An address to send mail to (`host`, `port`, `url`), and the mail that has arrived."""

    port: int
    host: str = "127.0.0.1"
    messages: list[Delivered] = field(default_factory=list)
    _refusals: list[str] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def refuse_next(self, reply: str = "451 4.3.0 Try again later", times: int = 1) -> None:
        """Answer the next messages with an error, 4xx for a temporary one, instead of keeping them."""
        with self._arrived:
            self._refusals += [reply] * times

    def wait_for(
        self, accept: Callable[[Delivered], bool] = lambda _: True, count: int = 1
    ) -> list[Delivered]:
        """The first `count` messages that `accept` takes, as soon as they are here.

        Blocks its thread: a test with a running loop awaits `asyncio.to_thread(server.wait_for, ...)`.
        """

        def enough() -> list[Delivered] | None:
            taken = [message for message in self.messages if accept(message)]
            return taken[:count] if len(taken) >= count else None

        with self._arrived:
            found = self._arrived.wait_for(enough, _WAIT_SECONDS)
        if found is None:
            raise TimeoutError(f"fewer than {count} messages within {_WAIT_SECONDS} s; got {self.messages}")
        return found

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        with self._arrived:
            if self._refusals:
                return self._refusals.pop(0)
            content = envelope.content
            message = message_from_bytes(
                content if isinstance(content, bytes) else b"", policy=policy.default
            )
            self.messages.append(Delivered(envelope.mail_from or "", list(envelope.rcpt_tos), message))
            self._arrived.notify_all()
        return "250 OK"


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content().replace("\r\n", "\n") if part else ""


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Take mail on a free port of 127.0.0.1, without encryption or authentication."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = MailServer(port)
    controller = Controller(server, hostname=server.host, port=port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server of this test alone."""
    with running_mail_server() as server:
        yield server
