"""Purges expired rows: rarely, in the background, a few rows at a time.

Every worker process does it for itself. Two that do so at once skip each other's rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from greffier.server.jobs.polling import PollingJob, jittered
from greffier.server.jobs.retention_rules import DAY, HOUR, START, Cursor, RetentionRule
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database

log = logging.getLogger("greffier.jobs")

BATCH_SIZE = 200
"""Rows of one transaction: SQLite has one writer, and others wait for it meanwhile."""
_PAUSE_SECONDS = 0.02
_POLL_SECONDS = 1.0
_STOP_SECONDS = 10.0


class Purger:
    """Goes through all instances about once an hour.

    Args:
        instance_ids: those that there are now.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Sequence[RetentionRule],
        instance_ids: Callable[[], Iterable[str]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._instance_ids = instance_ids
        self._job = PollingJob(
            "expired rows", self._run_if_due, poll_seconds=_POLL_SECONDS, stop_seconds=_STOP_SECONDS
        )
        self._due_at = 0
        self._seen: dict[tuple[str, RetentionRule], Cursor] = {}
        self._all_again_at = 0
        self.purged = {one.table: 0 for one in rules}
        """Rows by table since this process began."""
        self.failures = 0
        """Runs that did not get through."""

    def start(self) -> None:
        """Begin; the database must be started. The first run is some minutes away, and another number of them
        in each process."""
        self._due_at = self._in_about(HOUR / 12)
        self._job.start()

    async def stop(self) -> None:
        """Stop after the present batch."""
        await self._job.stop()

    async def run(self) -> None:
        """Purge all expired rows. A failure is logged once, and waits for the next run."""
        now = self._clock.now_ms()
        if now >= self._all_again_at:
            # A row that may not be purged is checked again once a day, and not every hour.
            self._seen.clear()
            self._all_again_at = now + DAY
        failure: Exception | None = None
        for instance_id in list(self._instance_ids()):
            for one in self._rules:
                try:
                    await self._purge(instance_id, one, now - one.keep)
                except Exception as error:
                    failure = failure or error
        if failure is not None:
            self.failures += 1
            log.error("not everything could be purged; it will be tried again", exc_info=failure)

    async def _run_if_due(self) -> bool:
        if self._clock.now_ms() >= self._due_at:
            self._due_at = self._in_about(HOUR)
            await self.run()
        return False

    def _in_about(self, period: float) -> int:
        return self._clock.now_ms() + int(jittered(period, by=0.4))

    async def _purge(self, instance_id: str, one: RetentionRule, before: int) -> None:
        seen = START if one.everything else self._seen.get((instance_id, one), START)
        more = True
        while more and not self._job.stopping:
            async with self._database.transaction() as db:
                where = {"instance_id": instance_id, "before": before}
                where |= {"after_at": seen.at, "after_id": seen.id}
                cursors = await db.all(one.due, most=BATCH_SIZE, **where)
                if not cursors:
                    return
                seen = cursors[-1]
                gone = await db.execute(one.purge, last_at=seen.at, last_id=seen.id, **where)
            self.purged[one.table] += gone
            self._seen[instance_id, one] = seen
            more = len(cursors) == BATCH_SIZE
            await asyncio.sleep(_PAUSE_SECONDS)
