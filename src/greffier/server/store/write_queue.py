"""A fair queue of all processes that write to one SQLite file.

SQLite has one writer. Left to itself, the fastest retry wins, and a process with many requests starves the
others. Here each process queues for a lock on a file beside the database: its holder alone asks SQLite for
the write lock, and lets the next one into that place as soon as it has it. The kernel keeps the queue, and
ends a place in it with the process that had it.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: processes ask SQLite again and again, without an order
    fcntl = None


class WriteQueue:
    """The place of this process in the queue. One task at a time uses it.

    Args:
        path: the database; the lock is on `<path>-queue`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + "-queue")
        self._file: int | None = None
        self._thread = ThreadPoolExecutor(1, "greffier-write-queue")
        self._waiting: asyncio.Future[None] | None = None
        self._wanted = False

    def open(self) -> None:
        if fcntl is not None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._thread.shutdown(wait=False)

    async def enter(self) -> None:
        """Wait for the first place, which the caller gives back with `leave`. A wait that is cancelled keeps
        its place for the next one who waits, or gives it back when it comes."""
        if fcntl is None or self._file is None:
            return
        if self._waiting is None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._waiting = self._wait(self._file)
            else:
                return
        waiting, self._wanted = self._waiting, True
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            self._wanted = False
            if waiting.done():
                self._give_up(waiting)
            raise
        self._waiting = None

    def leave(self) -> None:
        """Let the next process into the first place."""
        if fcntl is not None and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _wait(self, file: int) -> asyncio.Future[None]:
        assert fcntl is not None  # noqa: S101 - `enter` has looked
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(self._thread, fcntl.flock, file, fcntl.LOCK_EX)
        waiting.add_done_callback(self._give_up)
        return waiting

    def _give_up(self, waiting: asyncio.Future[None]) -> None:
        """Leave the first place again when it comes, if the task that waited was cancelled."""
        if not self._wanted and self._waiting is waiting:
            self._waiting = None
            self.leave()
