"""An event loop in a thread of its own, where the test server lives.

Tests call it from plain functions, from their own event loops and from the threads of a WSGI server alike,
and no loop of a caller has to run for the server to answer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

THREAD_NAME = "greffier-test-server"


class BackgroundLoop:
    """Runs coroutines for other threads, from `start` to `stop`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Raises `RuntimeError` when it has been started."""
        if self._loop is not None:
            raise RuntimeError("the test server has been started already")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=THREAD_NAME, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there and wait.

        Raises:
            RuntimeError: called from within the loop, which would wait for itself.
        """
        return self._submit(work).result()

    async def run_async(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there without blocking the caller's own loop."""
        return await asyncio.wrap_future(self._submit(work))

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        if self._loop is None or threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError(
                "the test server is not running" if self._loop is None else "the test server waits for itself"
            )
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Cancel what is left and end the thread. Idempotent."""
        if self._loop is None or self._thread is None:
            return
        self.run(_cancel_the_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None


async def _cancel_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
