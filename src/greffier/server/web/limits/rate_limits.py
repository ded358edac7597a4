"""How often somebody may ask: the figures, and the port behind which requests are counted.

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
"""Development instances allow so many times as much per address: everybody there has the same one."""


class Limit(msgspec.Struct, frozen=True):
    """So many requests in any span of `window` milliseconds."""

    count: int
    window: int = 10 * SECOND


MailKind = Literal["proof", "invitation", "notice"]
"""A code or a link that somebody asked for; what goes to a stranger; what tells an owner what happened."""


class RateLimiter(Protocol):
    """Where requests are counted."""

    async def take(self, key: str, limit: Limit, now: int) -> int:
        """Count one request at `now` (milliseconds), unless that would be one too many.

        Args:
            key: who asks for what; its first word is the id of the instance.

        Returns:
            milliseconds until the next one is allowed; 0 when this one is.
        """
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


_CREATE = Limit(5)
_ATTEMPT = Limit(3)
_SEND = Limit(5)

PER_ADDRESS: dict[str, Limit] = {
    "create_sign_in": _CREATE,
    "create_sign_ups": _CREATE,
    "update_sign_ups": Limit(10),  # tells, as creating does, whether an address is taken
    "attempt_sign_in_factor_one": _ATTEMPT,
    "attempt_sign_in_factor_two": _ATTEMPT,
    "attempt_sign_ups_verification": _ATTEMPT,
    "attempt_session_reverification_first_factor": _ATTEMPT,
    "attempt_session_reverification_second_factor": _ATTEMPT,
    "verify_email_address": _ATTEMPT,
    "create_api_key": _CREATE,
    "register_oauth_client": _CREATE,
    "submit_oauth_consent": Limit(10),
    "get_oauth_token": Limit(200),  # an application's server asks for all of its users
    "revoke_oauth_token": Limit(200),
    "create_organization": _CREATE,
    "update_profile_image": _CREATE,
    "update_organization_logo": _CREATE,
    "create_organization_invitations": _SEND,
    "bulk_create_organization_invitations": _SEND,
    "change_password": _ATTEMPT,
    "remove_password": _ATTEMPT,
    "prepare_sign_in_factor_one": _SEND,
    "prepare_sign_in_factor_two": _SEND,
    "prepare_sign_ups_verification": _SEND,
    "prepare_session_reverification_first_factor": _SEND,
    "prepare_session_reverification_second_factor": _SEND,
    "send_verification_email": _SEND,
}
"""Operations of the Frontend API by name, each counted apart per network address."""

PER_OBJECT: dict[str, Limit] = {
    "update_user": Limit(10),
    "set_user_profile_image": Limit(10),
    "upload_organization_logo": Limit(10),
    "upload_oauth_application_logo": Limit(10),
    "update_user_metadata": Limit(10),
    "replace_user_metadata": Limit(10),
    "update_organization": Limit(10),
    "merge_organization_metadata": Limit(10),
    "replace_organization_metadata": Limit(10),
    "update_organization_membership": Limit(10),
    "update_organization_membership_metadata": Limit(10),
}
"""Operations of the Backend API by name, each counted apart per object, named by all ids of its path."""

PER_INSTANCE: dict[str, Limit] = {
    "create_invitation": Limit(100, 3600 * SECOND),
    "create_bulk_invitations": Limit(25, 3600 * SECOND),
}
"""Operations of the Backend API that send mail to strangers, each counted apart per instance."""

UNLIMITED = frozenset({"get_jwks"})

AnonymousRow = Literal["client", "dev_browser", "handshake", "satellite_link"]

ANONYMOUS_ROWS: dict[AnonymousRow, Limit] = {
    "client": Limit(30, 60 * SECOND),
    "dev_browser": Limit(30, 60 * SECOND),
    "handshake": Limit(300, 60 * SECOND),  # of a whole office, whose pages ask again and again
    "satellite_link": Limit(300, 60 * SECOND),
}
"""What is written for browsers that nobody knows, per network address: anybody can ask for it."""

ORGANIZATION_INVITATIONS = {"single": Limit(250, 3600 * SECOND), "bulk": Limit(50, 3600 * SECOND)}
"""Requests that invite to an organization by either API, per organization, and per member who asks."""

MAIL_PER_MAILBOX = Limit(10, 600 * SECOND)
"""Mails of every kind to one mailbox, whoever causes them: a mailbox must not be flooded."""
INVITATIONS_PER_MAILBOX = Limit(10, 3600 * SECOND)
"""Of these, mails to strangers, who have asked for nothing."""


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, because one household has them all."""
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

    async def frontend(self, instance: Instance, operation: str, ip_address: str, now: int) -> None:
        """Raises: ApiError: 429 when this address asks too often."""
        limit = PER_ADDRESS.get(operation)
        if limit is not None:
            key = f"{instance.id} {operation} {network_of(ip_address)}"
            await self._take(key, limit, now, DEVELOPMENT_FACTOR if instance.is_development else 1)

    async def anonymous_row(self, instance: Instance, kind: AnonymousRow, ip_address: str, now: int) -> None:
        """Raises: ApiError: 429 when this address has too much written for browsers that nobody knows."""
        key = f"{instance.id} new-{kind} {network_of(ip_address)}"
        await self._take(key, ANONYMOUS_ROWS[kind], now, DEVELOPMENT_FACTOR if instance.is_development else 1)

    async def backend(self, instance: Instance, operation: str, secret_key: str, now: int) -> None:
        """Raises: ApiError: 429 when this secret key, or the instance with any key, asks too often."""
        if operation not in UNLIMITED:
            key = f"{instance.id} key {hash_secret(secret_key)}"
            limit = Limit(instance.settings.rate_limits.backend_api)
            await self._take(key, limit, now, setting="rate_limits.backend_api")
        if operation in PER_INSTANCE:
            await self._take(f"{instance.id} {operation}", PER_INSTANCE[operation], now)

    async def backend_object(self, instance: Instance, operation: str, object_id: str, now: int) -> None:
        """Raises: ApiError: 429 when one object is changed too often."""
        limit = PER_OBJECT.get(operation)
        if limit is not None:
            await self._take(f"{instance.id} {operation} {object_id}", limit, now)

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

    async def _take(
        self, key: str, limit: Limit, now: int, factor: int = 1, *, setting: str | None = None
    ) -> None:
        """Args: setting: what an operator may raise; callers with a secret key are told."""
        scaled = Limit(max(1, math.floor(limit.count * factor * self._scale)), limit.window)
        wait = await self._limiter.take(key, scaled, now)
        if wait:
            raise errors.too_many_requests(math.ceil(wait / SECOND), setting)
