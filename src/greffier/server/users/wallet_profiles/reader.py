"""Reads the names of wallets in the background, for users who have just signed in or added one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, DatabaseUnavailable, Transaction
from greffier.server.web.context import Context

log = logging.getLogger("greffier.web3")

_AT_ONCE = 4
"""Users whose names are read at the same time."""
_QUEUE_LENGTH = 10_000
_SECONDS = 30.0
"""For one user, the picture included."""
_PAUSE = 60_000
"""Milliseconds between two attempts for one user in this process, while no server answers."""
_REMEMBERED = 100_000

_Key = tuple[str, str]


class WalletNameReader:
    """The queue of one process. What is lost when the process ends is read at the next sign-in.

    Args:
        context_of: of a job for this instance; `None` when that is not there any more.
    """

    def __init__(
        self, database: Database, clock: Clock, context_of: Callable[[str, Transaction], Context | None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._context_of = context_of
        self._queue: asyncio.Queue[_Key] = asyncio.Queue(_QUEUE_LENGTH)
        self._failed_at: dict[_Key, int] = {}
        self._in_hand: set[_Key] = set()
        self._again: set[_Key] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Workers begin with the first user: most servers have none to read."""
        self._queue = asyncio.Queue(_QUEUE_LENGTH)
        self._failed_at.clear()
        self._in_hand.clear()
        self._again.clear()

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def want(self, instance_id: str, user_id: str) -> None:
        """The names of a user's wallets are read where they are due, and never at once."""
        key = (instance_id, user_id)
        if self._clock.now_ms() < self._failed_at.get(key, -_PAUSE) + _PAUSE:
            return
        if key in self._in_hand:
            self._again.add(key)  # a wallet may be there that was not when this reading began
            return
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._work(), name=f"greffier-wallet-names-{number}")
                for number in range(_AT_ONCE)
            ]
        try:
            self._queue.put_nowait(key)
        except asyncio.QueueFull:
            return  # the next sign-in asks again
        self._in_hand.add(key)

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            await self._read(key)
            self._in_hand.discard(key)
            if key in self._again:
                self._again.discard(key)
                self.want(*key)

    async def _read(self, key: _Key) -> None:
        from greffier.server.identifications.web3_wallets.rpc import Silent
        from greffier.server.users.wallet_profiles.reading import read_profile

        try:
            async with asyncio.timeout(_SECONDS):
                await read_profile(self._database, self._context_of, *key)
        except (Silent, TimeoutError):
            self._remember_failure(key)
        except DatabaseUnavailable as error:
            log.error("names of wallets cannot be kept: %s", error)
        except Exception:
            log.exception("names of wallets cannot be read")

    def _remember_failure(self, key: _Key) -> None:
        if len(self._failed_at) >= _REMEMBERED:
            self._failed_at.clear()
        self._failed_at[key] = self._clock.now_ms()
