"""The durable outbox: messages are queued in the transaction that causes them, and sent afterwards.

Several processes may send from one database, and any of them may be killed: a claimed message is leased, and
after the lease another process claims it. So a message is sent at least once, hardly ever twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from greffier.server.delivery.messages import CHANNELS, Channel, Message
from greffier.server.delivery.queries import (
    ANY_DUE,
    CLAIM,
    DELIVER_TO_INBOX,
    INSERT,
    QUEUED,
    SETTLE,
    settled_values,
)
from greffier.server.delivery.sender import DeliveryError, Sender
from greffier.server.delivery.tables import MessageRow, opened, sealed_content
from greffier.server.jobs.polling import PollingJob, jittered
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, Transaction
from greffier.server.store.ids import new_id

log = logging.getLogger("greffier.delivery")

MAX_ATTEMPTS = 8
_BATCH_SIZE = 10
_POLL_SECONDS = 1.0
_SEND_SECONDS = 60.0
_LEASE_MS = 120_000  # longer than one sending may take
_STOP_SECONDS = 10.0
_PROBE_SECONDS = 60.0
_RETRY_FOR_MS = 5 * 24 * 3600 * 1000
"""The time that a message without an expiry waits for a server that refuses us (RFC 5321 section 4.5.4.1)."""
_LOG_EVERY_MS = 60_000
_NAMES: dict[str, str] = {"email": "mail", "sms": "SMS", "whatsapp": "WhatsApp"}
_MENDED_BY: dict[str, str] = {
    "email": "GREFFIER_MAIL_FROM, GREFFIER_SMTP_EHLO and GREFFIER_SMTP_URL",
    "sms": "the settings GREFFIER_SMS_...",
    "whatsapp": "the settings GREFFIER_SMS_...",
}
"""Advice to an operator when nothing leaves on a channel."""


async def queue_message(
    db: Transaction, *, instance_id: str, now: int, message: Message, for_inbox: bool = True
) -> str:
    """Queue a message in the caller's transaction; returns its id.

    The caller adds `db.after_commit(outbox.wake)`, or the message waits for the next poll.

    Args:
        now: milliseconds since the epoch.
        for_inbox: keep the links, which nothing else reads.
    """
    message_id = new_id("msg", now_ms=now)
    await db.execute(
        INSERT,
        id=message_id,
        instance_id=instance_id,
        kind=message.kind,
        channel=message.channel,
        to_address=message.to_address,
        subject=message.subject,
        **sealed_content(
            db, message_id, body_text=message.body_text, body_html=message.body_html, code=message.code
        ),
        links=list(message.links) if for_inbox else [],
        status="queued",
        attempts=0,
        next_attempt_at=now,
        expire_at=None if message.useful_for_ms is None else now + message.useful_for_ms,
        last_error=None,
        created_at=now,
        updated_at=now,
    )
    return message_id


def retry_delay_ms(attempt: int) -> int:
    """The delay after this attempt (1 is the first): 2, 8, 32, 128 s, then 5 minutes."""
    return min(2_000 * 4 ** (attempt - 1), 300_000)


class Outbox:
    """Sends what is queued, in the background.

    Args:
        senders: by channel. On a channel without one nothing is sent: with `keep_bodies` (development) a
            message is then `sent` as soon as it is in the inbox; without, it waits for a process that has a
            sender.
        keep_bodies: leave bodies and codes readable for the inbox; production blanks them once settled.
    """

    def __init__(
        self, database: Database, clock: Clock, senders: Mapping[Channel, Sender], keep_bodies: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders
        self._keep_bodies = keep_bodies
        self._sending = PollingJob(
            "the outbox", self._send_due, poll_seconds=_POLL_SECONDS, stop_seconds=_STOP_SECONDS
        )
        self._probing: list[asyncio.Task[None]] = []
        self._logged_at: dict[str, int] = {}
        self._next_commit = asyncio.Event()
        self.draining = False
        """The server is about to stop: waiting inbox requests are answered now."""

    async def start(self) -> None:
        """Begin to send; the database must be started."""
        if "email" not in self._senders and not self._keep_bodies:
            log.warning("no SMTP server is configured: mail is queued and not sent")
        self.draining = False
        self._sending.start()
        self._probing = [
            asyncio.create_task(
                self._probe_until_seen(channel, sender), name=f"greffier-outbox-probe-{channel}"
            )
            for channel, sender in self._senders.items()
        ]

    def reaches(self, address: str) -> bool:
        """Whether mail to this address can go out, as far as is known."""
        sender = self._senders.get("email")
        return sender is None or sender.reaches(address)

    def sends(self, channel: Channel) -> bool:
        """Whether messages leave on a channel. Without a sender they are shown in the inbox, or wait."""
        return channel in self._senders

    async def backlog(self) -> int:
        """The number of messages that wait to be sent, of all instances and workers."""
        async with self._database.transaction() as db:
            return await db.one(QUEUED) or 0

    async def stop(self) -> None:
        """Let what is being sent finish, for some seconds; the rest stays queued."""
        for probing in self._probing:
            probing.cancel()
        await asyncio.gather(*self._probing, return_exceptions=True)
        await self._sending.stop()

    def wake(self) -> None:
        """Something was queued and committed. Called in the event loop's thread."""
        self._sending.wake()
        waited_for, self._next_commit = self._next_commit, asyncio.Event()
        waited_for.set()

    def next_commit(self) -> asyncio.Event:
        """Set when this process commits its next message. Ask before looking at the database."""
        return self._next_commit

    def drain(self) -> None:
        """Wake all who wait for messages for the last time, so that a server can stop at once."""
        self.draining = True
        self.wake()

    async def _probe_until_seen(self, channel: Channel, sender: Sender) -> None:
        """Until the server has been seen; from then on every message tells."""
        while True:
            try:
                async with asyncio.timeout(_SEND_SECONDS):
                    return await sender.probe()
            except Exception as error:
                reason = error.reason if isinstance(error, DeliveryError) else type(error).__name__
                log.warning("the %s server cannot be asked what it takes: %s", _NAMES[channel], reason)
            await asyncio.sleep(_PROBE_SECONDS)

    async def _send_due(self) -> bool:
        """Send due messages; returns whether more may be due."""
        now = self._clock.now_ms()
        async with self._database.transaction() as db:
            if await db.one(ANY_DUE, now=now) is None:
                return False
            claimed = [pair for channel in CHANNELS for pair in await self._claim(db, channel, now)]
        # No transaction is open while mail servers take their time.
        await asyncio.gather(*(self._deliver(sender, message) for sender, message in claimed))
        return len(claimed) >= _BATCH_SIZE

    async def _claim(self, db: Transaction, channel: Channel, now: int) -> list[tuple[Sender, MessageRow]]:
        """Leases messages that are due on a channel, each with its sender."""
        sender = self._senders.get(channel)
        if sender is not None:
            leased_until = now + _LEASE_MS
            rows = await db.all(
                CLAIM, on_channel=channel, now=now, most=_BATCH_SIZE, leased_until=leased_until
            )
            return [(sender, row) for row in rows]
        if self._keep_bodies:
            await db.execute(DELIVER_TO_INBOX, on_channel=channel, now=now)
        return []

    async def _deliver(self, sender: Sender, message: MessageRow) -> None:
        try:
            self._require_useful(message)
            async with asyncio.timeout(_SEND_SECONDS):
                await sender.send(opened(self._database, message))
        except DeliveryError as error:
            await self._failed(message, error)
        except TimeoutError:
            await self._failed(message, DeliveryError("timed out", permanent=False))
        except Exception as error:
            # The type alone: what a library says may quote the message or a credential.
            await self._failed(message, DeliveryError(type(error).__name__, permanent=False))
        else:
            await self._settle(message, status="sent", last_error=None)

    def _require_useful(self, message: MessageRow) -> None:
        if message.attempts > MAX_ATTEMPTS:
            raise DeliveryError("every attempt was cut short", permanent=True)
        if message.expire_at is not None and message.expire_at <= self._clock.now_ms():
            raise DeliveryError("not sent while it was of use", permanent=True)

    async def _failed(self, message: MessageRow, error: DeliveryError) -> None:
        attempts = message.attempts
        if error.refuses_us and self._is_kept(message):
            self._log_refusal(message.channel, error)
            attempts = min(attempts, MAX_ATTEMPTS - 1)
        if error.permanent or attempts >= MAX_ATTEMPTS:
            log.error("message %s failed for good: %s", message.id, error.reason)
            await self._settle(message, status="failed", last_error=error.reason)
            return
        log.warning("message %s, attempt %d: %s", message.id, message.attempts, error.reason)
        again = self._clock.now_ms() + int(jittered(retry_delay_ms(message.attempts)))
        await self._settle(
            message, status="queued", attempts=attempts, last_error=error.reason, next_attempt_at=again
        )

    def _is_kept(self, message: MessageRow) -> bool:
        ends = message.created_at + _RETRY_FOR_MS if message.expire_at is None else message.expire_at
        return self._clock.now_ms() < ends

    def _log_refusal(self, channel: str, error: DeliveryError) -> None:
        """Log an error, once a minute: as long as it lasts, nothing leaves on this channel."""
        now = self._clock.now_ms()
        if now - self._logged_at.get(channel, -_LOG_EVERY_MS) >= _LOG_EVERY_MS:
            self._logged_at[channel] = now
            log.error(
                "the %s server refuses this server, and messages wait: %s; look at %s",
                _NAMES[channel],
                error.reason,
                _MENDED_BY[channel],
            )

    async def _settle(self, message: MessageRow, **changes: object) -> None:
        settled = msgspec.structs.replace(message, updated_at=self._clock.now_ms(), **changes)
        if not self._keep_bodies and settled.status != "queued":
            settled = msgspec.structs.replace(settled, body_text="", body_html="", code=None, links=[])
        async with self._database.transaction() as db:
            await db.execute(SETTLE, **settled_values(message, settled))
