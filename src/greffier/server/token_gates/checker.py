"""Reads balances again in the background, for the users who have tokens made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, DatabaseUnavailable
from greffier.server.token_gates.reading import read_balances
from greffier.server.web.instance.instance import Instance

log = logging.getLogger("greffier.web3")

_AT_ONCE = 8
"""Users whose balances are read at the same time."""
_QUEUE_LENGTH = 10_000
_REMEMBERED = 100_000

_Key = tuple[str, str]


class TokenGateChecker:
    """The queue of one process. A user whose balances any process has read lately is skipped.

    Args:
        instance_of: the instance of an id, as long as there is one.
    """

    def __init__(
        self, database: Database, clock: Clock, instance_of: Callable[[str], Instance | None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._instance_of = instance_of
        self._queue: asyncio.Queue[_Key] = asyncio.Queue(_QUEUE_LENGTH)
        self._asked_at: dict[_Key, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._running: dict[_Key, asyncio.Task[bool]] = {}

    def start(self) -> None:
        self._queue = asyncio.Queue(_QUEUE_LENGTH)
        self._asked_at.clear()
        self._tasks = [
            asyncio.create_task(self._work(), name=f"greffier-token-gates-{number}")
            for number in range(_AT_ONCE)
        ]

    async def stop(self) -> None:
        tasks: list[asyncio.Task[Any]] = [*self._tasks, *self._running.values()]
        self._tasks = []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def want(self, instance_id: str, user_id: str) -> None:
        """The balances of a user are of interest: they are read where they are due, and never at once."""
        key, now = (instance_id, user_id), self._clock.now_ms()
        instance = self._instance_of(instance_id)
        if instance is None or now < self._asked_at.get(key, -1) + _period(instance):
            return
        if len(self._asked_at) >= _REMEMBERED:
            self._asked_at.clear()
        try:
            self._queue.put_nowait(key)
        except asyncio.QueueFull:
            return  # the next token asks again
        self._asked_at[key] = now

    async def read_now(self, instance: Instance, user_id: str) -> bool:
        """As `reading.read_balances`, whatever is known; returns whether the chains were asked."""
        self._asked_at[instance.id, user_id] = now = self._clock.now_ms()
        return await self._read(instance, user_id, not_since=now)

    async def _read(self, instance: Instance, user_id: str, *, not_since: int) -> bool:
        """All who ask at the same time wait for the same answers."""
        key = (instance.id, user_id)
        running = self._running.get(key)
        if running is None:
            work = read_balances(self._database, self._clock, instance, user_id, not_since=not_since)
            running = self._running[key] = asyncio.create_task(work, name="greffier-balances")
            running.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(running)

    async def _work(self) -> None:
        while True:
            instance_id, user_id = await self._queue.get()
            instance = self._instance_of(instance_id)
            if instance is None:
                continue
            not_since = self._clock.now_ms() - _period(instance)
            try:
                await self._read(instance, user_id, not_since=not_since)
            except DatabaseUnavailable as error:
                log.error("balances cannot be kept: %s", error)
            except Exception:
                log.exception("balances cannot be read")


def _period(instance: Instance) -> int:
    """Milliseconds between two readings: a little less than the time for which balances count."""
    return instance.settings.web3.balance_lifetime * 900
