"""The place where answers are kept. Every question is an `Ask`, for both kinds of code."""

from typing import Any, NamedTuple, Protocol

from greffier.sdk.steps import Ask

MOVING_SECONDS = 1800.0
"""A customer who was sent to one of Stripe's pages may change things there for so long."""
OUTAGE_SECONDS = 2.0
"""Stripe is not asked again for so long after it did not answer."""
LOCK_SECONDS = 12.0
"""The time after which another process may read, should the first have ended in the middle of it."""


class Kept(NamedTuple):
    """An answer of Stripe.

    Args:
        value: as JSON has it.
        read_at: seconds since the epoch.
        version: that of its key when it was read.
    """

    value: Any
    read_at: float
    version: int


class Known(NamedTuple):
    """All that is known about a key.

    Args:
        kept: None without an answer.
        version: counts how often the answer was outdated; an answer of another version is not current.
        is_moving: the customer is on one of Stripe's pages.
        is_outage: Stripe did not answer a moment ago.
    """

    kept: Kept | None
    version: int
    is_moving: bool
    is_outage: bool

    @property
    def is_current(self) -> bool:
        """Whether nothing has outdated the answer."""
        return self.kept is not None and self.kept.version == self.version


class Store(Protocol):
    """Keeps what was read, for one account of Stripe."""

    def look(self, key: str) -> Ask[Known]:
        """All that is known about a key."""
        ...

    def keep(self, key: str, kept: Kept, seconds: float) -> Ask[None]:
        """Keep an answer for so long."""
        ...

    def outdate(self, key: str, *, forget: bool, moving: bool) -> Ask[None]:
        """The answer is not current any more, and with `forget` not even a last good one.

        With `moving` it is about to change again.
        """
        ...

    def note_outage(self) -> Ask[None]:
        """Stripe does not answer."""
        ...

    def lock(self, key: str) -> Ask[str | None]:
        """The right to read, to be given back by `unlock`; None while another process has it."""
        ...

    def unlock(self, key: str, token: str) -> Ask[None]:
        """Give the right back."""
        ...

    def waiting(self) -> Ask[float]:
        """The seconds until a read that is asked for now may be sent."""
        ...

    def reserve(self) -> Ask[float | None]:
        """The seconds until a read may be sent; None if that is too long."""
        ...
