"""Noticing what another process changed in instances, settings or keys, without a query per request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("greffier.instances")

EVERY = 1.0
"""Seconds between two looks."""


class Watcher:
    """Calls `look` again and again in the background; a failure is logged once until it is over."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="greffier-watcher")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._look()
            except Exception:
                if not self._failing:
                    log.exception("cannot read instances and keys; those known stay in use")
                self._failing = True
            else:
                self._failing = False
