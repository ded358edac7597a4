"""Reading through the cache: fresh answers as they are kept, others from Stripe, and the last good one while
Stripe does not answer."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from greffier.sdk.steps import Steps, ask
from greffier.subscriptions.asking import Pause
from greffier.subscriptions.cache.flights import FlightLost, Flights, Landing
from greffier.subscriptions.cache.pacing import PATIENCE_SECONDS
from greffier.subscriptions.cache.store import LOCK_SECONDS, Kept, Known, Store
from greffier.subscriptions.errors import StripeUnavailable

MOVING_FRESH_SECONDS = 1.0
"""Freshness of an answer while the customer is on one of Stripe's pages."""
_POLL_SECONDS = 0.02

Fetch = Callable[[], Steps[Any]]


class TooManyReads(StripeUnavailable):
    """So many reads wait for their turn that another would wait too long."""


class Read(NamedTuple):
    """An answer. `is_stale`: Stripe is not available, and this is what it said before."""

    value: Any
    is_stale: bool


class Reader:
    """Reads keys of one account.

    Args:
        store: where answers are kept.
        last_good_seconds: how old a stale answer may be.
    """

    def __init__(self, store: Store, last_good_seconds: float) -> None:
        self.store = store
        self._last_good = last_good_seconds
        self._flights: Flights[Read] = Flights()

    def pace(self) -> Steps[None]:
        """Wait for the turn of a read. Raises `StripeUnavailable` if too many wait already."""
        seconds = yield from ask(self.store.reserve())
        if seconds is None:
            raise TooManyReads("Too many reads wait for their turn.")
        if seconds:
            yield from ask(Pause(seconds))

    def read(self, key: str, fresh_seconds: float, fetch: Fetch) -> Steps[Read]:
        """The answer for a key, which `fetch` gets from Stripe where it is not kept or not fresh.

        Raises `StripeUnavailable` where there is no last good answer either.
        """
        while True:
            # Before the store is asked: readers at the same time need one answer of it as well.
            flight, is_ours = self._flights.join(key)
            if not is_ours:
                try:
                    return (yield from ask(Landing(flight)))
                except FlightLost:
                    continue
            try:
                known = yield from ask(self.store.look(key))
                found = self._without_stripe(known, fresh_seconds)
                if found is None:
                    found = yield from self._fetch_alone(key, fresh_seconds, fetch)
                flight.set_result(found)
                return found
            except Exception as error:
                flight.set_exception(error)
                raise
            finally:
                self._flights.end(key, flight)

    def fresh(self, fetch: Fetch) -> Steps[Any]:
        """The answer that `fetch` gets from Stripe now. Raises `StripeUnavailable`."""
        try:
            return (yield from fetch())
        except TooManyReads:
            raise
        except StripeUnavailable:
            yield from ask(self.store.note_outage())
            raise

    def _fetch_alone(self, key: str, fresh_seconds: float, fetch: Fetch) -> Steps[Read]:
        """Read while no other process does."""
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            token = yield from ask(self.store.lock(key))
            known = yield from ask(self.store.look(key))
            if found := self._without_stripe(known, fresh_seconds):
                if token is not None:
                    yield from ask(self.store.unlock(key, token))
                return found
            if token is not None or time.monotonic() > deadline:
                break
            yield from ask(Pause(_POLL_SECONDS))
        try:
            found = yield from self._fetch(key, fresh_seconds, known, fetch)
        except Exception:
            if token is not None:
                yield from ask(self.store.unlock(key, token))
            raise
        if token is not None:
            yield from ask(self.store.unlock(key, token))
        return found

    def _fetch(self, key: str, fresh_seconds: float, known: Known, fetch: Fetch) -> Steps[Read]:
        last = self._last(known)
        if last and known.is_current and (yield from ask(self.store.waiting())) > PATIENCE_SECONDS:
            return last  # many read at once; the next who asks finds a turn
        began = time.time()
        try:
            value = yield from self.fresh(fetch)
        except StripeUnavailable:
            if last:
                return last
            raise
        if seconds := fresh_seconds + self._last_good:
            yield from ask(self.store.keep(key, Kept(value, began, known.version), seconds))
        return Read(value, is_stale=False)

    def _without_stripe(self, known: Known, fresh_seconds: float) -> Read | None:
        """The answer where Stripe need not or cannot be asked. Raises `StripeUnavailable`."""
        kept = known.kept
        fresh = min(fresh_seconds, MOVING_FRESH_SECONDS) if known.is_moving else fresh_seconds
        if kept is not None and known.is_current and time.time() - kept.read_at < fresh:
            return Read(kept.value, is_stale=False)
        if not known.is_outage:
            return None
        if last := self._last(known):
            return last
        raise StripeUnavailable("Stripe did not answer a moment ago.")

    def _last(self, known: Known) -> Read | None:
        kept = known.kept
        if kept is None or time.time() - kept.read_at > self._last_good:
            return None
        return Read(kept.value, is_stale=True)
