"""Rate limits: the figures, and the port behind which requests are counted.

One process counts in `memory_limits.py`, several processes and machines in `redis_limits.py`.
Minting session tokens is not limited: a browser asks every 50 seconds, and a client's secret is needed.
"""

from __future__ import annotations

import ipaddress
import math
from typing import Literal, Protocol

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret
from greffier.server.delivery.addresses import mailbox
from greffier.server.web.instance.instance import Instance

SECOND = 1000
DEVELOPMENT_FACTOR = 100
"""Development instances allow so many times as much per address: all users there share one."""


class Limit(msgspec.Struct, frozen=True):
    """So many requests in any span of `window` milliseconds."""

    count: int
    window: int = 10 * SECOND


class OperationLimit(Limit, frozen=True, kw_only=True):
    """The limit of one operation, for each network address, object (by all ids of its path), or instance."""

    each: Literal["address", "object", "instance"]


def per_address(count: int, *, seconds: int = 10) -> OperationLimit:
    """Of the Frontend API: so many requests of one network address in this time."""
    return OperationLimit(count, seconds * SECOND, each="address")


def per_object(count: int, *, seconds: int = 10) -> OperationLimit:
    """Of the Backend API: so many changes of one object in this time."""
    return OperationLimit(count, seconds * SECOND, each="object")


def per_instance(count: int, *, seconds: int = 10) -> OperationLimit:
    """Of the Backend API: so many requests of one instance in this time."""
    return OperationLimit(count, seconds * SECOND, each="instance")


MailKind = Literal["proof", "invitation", "notice"]
"""A code or a link that a user asked for; a mail to a third party; a mail that informs an owner."""


class RateLimiter(Protocol):
    """The counter of requests."""

    async def take(self, key: str, limit: Limit, now: int) -> int:
        """Count one request at `now` (milliseconds), unless that would be one too many.

        Args:
            key: the caller and the limit; its first word is the id of the instance.

        Returns:
            milliseconds until the next one is allowed; 0 when this one is.
        """
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


AnonymousRow = Literal["client", "dev_browser", "handshake", "satellite_link"]

ANONYMOUS_ROWS: dict[AnonymousRow, Limit] = {
    "client": Limit(30, 60 * SECOND),
    "dev_browser": Limit(30, 60 * SECOND),
    "handshake": Limit(300, 60 * SECOND),  # of a whole office, whose pages ask again and again
    "satellite_link": Limit(300, 60 * SECOND),
}
"""Rows written for unknown browsers, per network address: any caller can cause them."""

ORGANIZATION_INVITATIONS = {"single": Limit(250, 3600 * SECOND), "bulk": Limit(50, 3600 * SECOND)}
"""Requests that invite to an organization by either API, per organization, and per member who asks."""

MAIL_PER_MAILBOX = Limit(10, 600 * SECOND)
"""Mails of every kind to one mailbox, whatever the cause: a mailbox must not be flooded."""
INVITATIONS_PER_MAILBOX = Limit(10, 3600 * SECOND)
"""Of these, mails to third parties, who have asked for nothing."""


TEXTS_PER_NUMBER = (Limit(5, 600 * SECOND), Limit(20, 24 * 3600 * SECOND))
"""Text messages to one number, whatever the cause."""
TEXTS_PER_ADDRESS = Limit(20, 3600 * SECOND)
"""Text messages that one network address causes: it must not use up a country's limit."""


def network_of(address: str) -> str:
    """The network that counts as one address: of IPv6 the first 64 bits, because one household has them
    all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Address(int(parsed) >> 64 << 64))
    return address


class Limits:
    """The limits of this installation.

    Args:
        scale: every figure is multiplied by this.
    """

    def __init__(self, limiter: RateLimiter, scale: float) -> None:
        self._limiter = limiter
        self._scale = scale

    async def operation(
        self, instance: Instance, name: str, limit: OperationLimit, caller: str, now: int
    ) -> None:
        """Args: caller: the address or the object that is counted apart.

        Raises:
            ApiError: 429 when the operation is called too often.
        """
        by_address = limit.each == "address"
        who = network_of(caller) if by_address else caller
        factor = DEVELOPMENT_FACTOR if by_address and instance.is_development else 1
        await self._take(f"{instance.id} {name} {who}", limit, now, factor)

    async def anonymous_row(self, instance: Instance, kind: AnonymousRow, ip_address: str, now: int) -> None:
        """Raises: ApiError: 429 when too many rows are written for unknown browsers of this address."""
        key = f"{instance.id} new-{kind} {network_of(ip_address)}"
        await self._take(key, ANONYMOUS_ROWS[kind], now, DEVELOPMENT_FACTOR if instance.is_development else 1)

    async def secret_key(self, instance: Instance, secret_key: str, now: int) -> None:
        """Raises: ApiError: 429 when this secret key asks too often."""
        key = f"{instance.id} key {hash_secret(secret_key)}"
        limit = Limit(instance.settings.rate_limits.backend_api)
        await self._take(key, limit, now, setting="rate_limits.backend_api")

    async def organization_invitations(
        self, instance: Instance, organization_id: str, user_id: str | None, now: int, *, bulk: bool
    ) -> None:
        """Args: user_id: the member who asks, whose organizations count together; `None` for the application.

        Raises:
            ApiError: 429 when the organization, or the member, invites too often.
        """
        kind = "bulk" if bulk else "single"
        for inviter in (organization_id, user_id):
            if inviter is not None:
                key = f"{instance.id} invitations {kind} {inviter}"
                await self._take(key, ORGANIZATION_INVITATIONS[kind], now)

    async def mail_to(self, instance: Instance, address: str, kind: MailKind, now: int) -> None:
        """Count a mail. All addresses that lead to one mailbox count together.

        Raises:
            ApiError: 429 when the mailbox has been sent too many, unless this is a notice.
        """
        factor = DEVELOPMENT_FACTOR if instance.is_development else 1
        to = mailbox(address)
        if kind == "invitation":
            await self._take(f"{instance.id} invited {to}", INVITATIONS_PER_MAILBOX, now, factor)
        try:
            await self._take(f"{instance.id} mail {to}", MAIL_PER_MAILBOX, now, factor)
        except errors.ApiError:
            if kind != "notice":
                raise

    async def text_to(
        self, instance: Instance, number: str, country: str, now: int, *, ip_address: str | None
    ) -> None:
        """Count a text message.

        Args:
            country: of the number (ISO 3166-1, two letters); its limit is in the instance's settings.
            ip_address: of the browser that causes it; `None` for an application's server.

        Raises:
            ApiError: 429 when the address has caused too many, or the number or its country has been sent
                too many.
        """
        factor = DEVELOPMENT_FACTOR if instance.is_development else 1
        if ip_address is not None:
            key = f"{instance.id} texts-by {network_of(ip_address)}"
            await self._take(key, TEXTS_PER_ADDRESS, now, factor)
        for limit in TEXTS_PER_NUMBER:
            await self._take(f"{instance.id} text {number}", limit, now, factor)
        per_country = Limit(instance.settings.phone_numbers.messages_per_country, 3600 * SECOND)
        await self._take(f"{instance.id} texts {country}", per_country, now)

    async def _take(
        self, key: str, limit: Limit, now: int, factor: int = 1, *, setting: str | None = None
    ) -> None:
        """Args: setting: the setting that an operator may raise, named to callers with a secret key."""
        scaled = Limit(max(1, math.floor(limit.count * factor * self._scale)), limit.window)
        wait = await self._limiter.take(key, scaled, now)
        if wait:
            raise errors.too_many_requests(math.ceil(wait / SECOND), setting)
