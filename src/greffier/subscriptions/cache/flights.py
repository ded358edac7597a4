"""One read at a time for each key in this process; who comes meanwhile waits for its result."""

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from greffier.subscriptions.errors import StripeUnavailable

T = TypeVar("T")

WAIT_SECONDS = 40.0


class FlightLost(Exception):
    """The read ended without a result, because the request for which it was made was given up."""


class Flights(Generic[T]):
    """The reads that are under way, of threads and event loops alike."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Future[T]] = {}

    def join(self, key: str) -> "tuple[Future[T], bool]":
        """The read of this key, and whether it is the caller's to make."""
        with self._lock:
            found = self._running.get(key)
            if found is not None:
                return found, False
            made: Future[T] = Future()
            made.set_running_or_notify_cancel()  # requests that wait, and are given up, cannot cancel it
            self._running[key] = made
            return made, True

    def end(self, key: str, flight: "Future[T]") -> None:
        """The read is over. Without a result another of those who wait makes it."""
        with self._lock:
            self._running.pop(key, None)
        if not flight.done():
            flight.set_exception(FlightLost())


@dataclass(frozen=True, slots=True)
class Landing(Generic[T]):
    """An `Ask` that waits for the result of another's read."""

    flight: "Future[T]"

    def ask(self) -> T:
        """Block until it is there."""
        try:
            return self.flight.result(WAIT_SECONDS)
        except TimeoutError:
            raise StripeUnavailable("The answer of Stripe took too long.") from None

    async def ask_async(self) -> T:
        """Wait until it is there."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self.flight), WAIT_SECONDS)
        except TimeoutError:
            raise StripeUnavailable("The answer of Stripe took too long.") from None
