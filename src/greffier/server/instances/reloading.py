"""Reloads instances, settings and keys that another process has changed, without a query per request."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from greffier.server.jobs.polling import PollingJob
from greffier.server.store.database import DatabaseUnavailable

log = logging.getLogger("greffier.instances")

EVERY = 1.0
"""Seconds between two polls, about."""


class Reloader:
    """Calls `poll` again and again in the background; a failure is logged once until it is over."""

    def __init__(self, poll: Callable[[], Awaitable[None]]) -> None:
        self._poll = poll
        self._job = PollingJob("instances", self._poll_once, poll_seconds=EVERY, stop_seconds=0)
        self._failing = False

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def _poll_once(self) -> bool:
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
        return False
