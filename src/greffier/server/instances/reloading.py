"""Reloads instances, settings and keys that another process has changed, without a query per request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from greffier.server.store.database import DatabaseUnavailable

log = logging.getLogger("greffier.instances")

EVERY = 1.0
"""Seconds between two polls."""


class Reloader:
    """Calls `poll` again and again in the background; a failure is logged once until it is over."""

    def __init__(self, poll: Callable[[], Awaitable[None]]) -> None:
        self._poll = poll
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="greffier-reloader")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._poll()
            except DatabaseUnavailable as error:
                if not self._failing:
                    log.error("the database does not answer (%s); known instances and keys stay", error)
                self._failing = True
            except Exception:
                if not self._failing:
                    log.exception("cannot read instances and keys; those known stay in use")
                self._failing = True
            else:
                if self._failing:
                    log.info("instances and keys can be read again")
                self._failing = False
