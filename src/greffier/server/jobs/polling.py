"""The loop of a background job, and its pauses. What a job finds to do is its own business."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from greffier.server.store.database import DatabaseUnavailable

log = logging.getLogger("greffier.jobs")


class PollingJob:
    """Works as long as there is more to do, then waits to be woken or for the next poll: other processes make
    work too, and leave some behind.

    Args:
        name: of what is worked on, for the log.
        work: works on a part; returns whether there may be more.
        poll_seconds: between two polls, about.
        stop_seconds: that a part which has begun may take when the job is stopped.
    """

    def __init__(
        self, name: str, work: Callable[[], Awaitable[bool]], *, poll_seconds: float, stop_seconds: float
    ) -> None:
        self._name = name
        self._work = work
        self._poll_seconds = poll_seconds
        self._stop_seconds = stop_seconds
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self.stopping = False
        """A part that takes long ends early."""

    def start(self) -> None:
        """Begin; the database must be started."""
        self.stopping = False
        self._task = asyncio.create_task(self._run(), name=f"greffier-{self._name}")

    async def stop(self) -> None:
        """Let the part that has begun finish, for some seconds. The rest waits for another process or the
        next start."""
        task, self._task = self._task, None
        if task is None:
            return
        self.stopping = True
        self.wake()
        await asyncio.wait([task], timeout=self._stop_seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """There is work, and it was committed. Called in the event loop's thread."""
        self._woken.set()

    async def _run(self) -> None:
        while not self.stopping:
            self._woken.clear()
            if not await self._works():
                await self._wait()

    async def _works(self) -> bool:
        try:
            return await self._work()
        except DatabaseUnavailable:
            return False  # requests log it
        except Exception:
            log.exception("%s could not be worked on; it will be tried again", self._name)
            return False

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(jittered(self._poll_seconds)):
                await self._woken.wait()
        except TimeoutError:
            return


def jittered(period: float, *, by: float = 0.2) -> float:
    """About this long, so that what began together does not come back together.

    Args:
        by: the part of the period by which it may be shorter or longer.
    """
    return period * random.uniform(1 - by, 1 + by)  # noqa: S311 - no secret
