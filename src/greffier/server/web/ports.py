"""The ports that need no `Context`, and their data types. Rooms above `web/` implement them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

import msgspec

from greffier.server.delivery.messages import Channel
from greffier.server.store.database import Transaction
from greffier.server.web.instance.instance import Instance

REVERIFICATION_LIFETIME = 10 * 60 * 1000
"""Milliseconds for which a verified factor allows changes that ask for one."""


class CurrentClient(msgspec.Struct, frozen=True):
    """The browser or device that sent the request."""

    id: str


class CurrentSession(msgspec.Struct, frozen=True):
    """The current session: named by `_clerk_session_id`, or the client's last active one."""

    id: str
    user_id: str
    client_id: str
    tasks: tuple[str, ...] = ()
    """The session tasks, to be done before the session is active."""
    impersonated: bool = False
    """An impersonator acts as the user."""
    first_factor_at: int | None = None
    """The time at which the first factor was verified; `None`: it never was."""
    second_factor_at: int | None = None

    def has_recent_factor(self, now: int) -> bool:
        """Returns whether any factor was verified in the last ten minutes."""
        return is_recent(self.first_factor_at, now) or is_recent(self.second_factor_at, now)


def is_recent(verified_at: int | None, now: int) -> bool:
    """Returns whether a factor was verified in the last ten minutes. Both are milliseconds."""
    return verified_at is not None and verified_at >= now - REVERIFICATION_LIFETIME


class CurrentMachine(msgspec.Struct, frozen=True):
    """The machine whose secret key came with a request of the Backend API."""

    id: str
    instance_id: str


class MachinesPort(Protocol):
    """Authentication of machines; `machines.keys` implements it."""

    async def machine_of_secret_key(
        self, db: Transaction, secret_key: str, now_ms: int
    ) -> CurrentMachine | None: ...


class InstancesPort(Protocol):
    """The look-up of a request's instance; `instances/` implements it."""

    def by_id(self, instance_id: str) -> Instance | None: ...

    def by_host(self, host: str) -> Instance | None: ...

    def any(self) -> Instance | None:
        """Any instance there is, for questions that are about the whole server."""
        ...

    def by_secret_key(self, secret_key: str) -> Instance | None: ...


class KeyPort(Protocol):
    """A key that signs; `signing/` implements it."""

    def sign_jwt(self, claims: Any, *, category: str | None = None, typ: str = "JWT") -> str: ...


class SigningPort(Protocol):
    """The keys of every instance; `signing/` implements it."""

    def current(self, instance_id: str) -> KeyPort: ...

    def sign_soon(self, instance_id: str, claims: Any, *, category: str | None = None) -> Awaitable[str]:
        """A signature that several requests get at once, which costs each of them less."""
        ...

    def jwks(self, instance_id: str) -> list[dict[str, Any]]: ...


class RevokerPort(Protocol):
    """The job that has other sites revoke their tokens; `strategies/` implements it."""

    def wake(self) -> None:
        """Tokens were given up and it was committed."""
        ...


class PicturesPort(Protocol):
    """Pictures of other sites; `users.images.copying` implements it."""

    def copy(self, instance_id: str, user_id: str, url: str) -> None:
        """Copy a picture for a user who was committed and has none."""
        ...


class TokenGatesPort(Protocol):
    """The balances that token gates need; `token_gates.checker` implements it."""

    def want(self, instance_id: str, user_id: str) -> None:
        """Has a user's balances read soon, where that is due."""
        ...

    async def read_now(self, instance: Instance, user_id: str) -> bool:
        """Asks the chains, unless that was done lately; returns whether it did."""
        ...


class WalletNamesPort(Protocol):
    """The names of wallets; `users.wallet_profiles.reader` implements it."""

    def want(self, instance_id: str, user_id: str) -> None:
        """Has the names of a user's wallets read soon, where that is due."""
        ...


class OutboxPort(Protocol):
    """The queue of messages; `delivery/` implements it."""

    @property
    def draining(self) -> bool:
        """The server is about to stop: waiting inbox requests are answered now."""
        ...

    def next_commit(self) -> asyncio.Event:
        """Set when this process commits its next message."""
        ...

    def reaches(self, address: str) -> bool:
        """Whether mail to this address can go out, as far as is known."""
        ...

    def sends(self, channel: Channel) -> bool:
        """Whether messages leave on a channel."""
        ...

    async def backlog(self) -> int:
        """The number of messages that wait to be sent."""
        ...

    def wake(self) -> None:
        """Something was queued and committed."""
        ...
