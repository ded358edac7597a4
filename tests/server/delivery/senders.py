"""Senders that record, hold or fail, and an outbox that works with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from greffier.server.delivery.outbox import Outbox
from greffier.server.delivery.sender import DeliveryError, Sender
from greffier.server.delivery.tables import MessageRow
from tests.server.delivery.conftest import Mailbox


class AnySender(Sender):
    """Reaches every address."""

    async def probe(self) -> None:
        """There is nothing to learn."""

    def reaches(self, address: str) -> bool:
        return True


class RecordingSender(AnySender):
    """Keeps what it is given; fails as often as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.sent: list[MessageRow] = []
        self.tried = 0
        self._failures = list(failures)

    async def send(self, message: MessageRow) -> None:
        self.tried += 1
        if self._failures:
            raise self._failures.pop(0)
        self.sent.append(message)


class HeldSender(AnySender):
    """Says when it has begun; ends, or fails, when it is let go."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()
        self._failure = failure

    async def send(self, message: MessageRow) -> None:
        self.begun.set()
        await self.let_go.wait()
        if self._failure:
            raise self._failure


def temporary() -> DeliveryError:
    return DeliveryError("SMTPDataError 451 4.3.0", permanent=False)


@asynccontextmanager
async def working(
    mailbox: Mailbox, sender: Sender | None, *, keep_bodies: bool = True
) -> AsyncIterator[Outbox]:
    outbox = Outbox(mailbox.database, mailbox.clock, {"email": sender} if sender else {}, keep_bodies)
    await outbox.start()
    try:
        yield outbox
    finally:
        await outbox.stop()


async def settled(mailbox: Mailbox, *, status: str, attempts: int = 1) -> MessageRow:
    """The one message, once it has this status after so many attempts and no worker has claimed it."""
    async with asyncio.timeout(30):
        while True:
            row = await mailbox.row()
            if row.status == status and row.attempts == attempts and (status != "queued" or row.last_error):
                return row
            await asyncio.sleep(0.005)
