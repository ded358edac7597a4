"""Questions that are answered without going anywhere, by waiting, or differently in each event loop."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Ready(Generic[T_co]):
    """An `Ask` whose answer is known."""

    answer: T_co

    def ask(self) -> T_co:
        """The answer."""
        return self.answer

    async def ask_async(self) -> T_co:
        """The answer."""
        return self.answer


@dataclass(frozen=True, slots=True)
class Pause:
    """An `Ask` that takes a while.

    Args:
        seconds: to wait.
    """

    seconds: float

    def ask(self) -> None:
        """Block this thread."""
        time.sleep(self.seconds)

    async def ask_async(self) -> None:
        """Wait without blocking the event loop."""
        await asyncio.sleep(self.seconds)


class PerLoop(Generic[T]):
    """A client for each event loop: its connections belong to the loop in which they were opened."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """The client of the running loop."""
        loop = asyncio.get_running_loop()
        found = self._made.get(loop)
        if found is None:
            found = self._made[loop] = self._make()
        return found
