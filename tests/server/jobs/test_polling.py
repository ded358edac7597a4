"""The loop of background jobs: it works, waits, is woken, stops, and goes on after failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from greffier.server.jobs.polling import PollingJob, jittered
from greffier.server.store.database import DatabaseUnavailable

NEVER = 3600.0
"""Seconds between polls for which no test waits."""


class Queue:
    """Parts of work, and what becomes of each."""

    def __init__(self, parts: int = 0) -> None:
        self.parts = parts
        self.polls = self.done = 0
        self.failure: Exception | None = None
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def work(self) -> bool:
        self.polls += 1
        if self.failure is not None:
            raise self.failure
        if not self.parts:
            return False
        self.begun.set()
        await self.let_go.wait()
        self.parts -= 1
        self.done += 1
        return self.parts > 0


@asynccontextmanager
async def working(
    queue: Queue, *, every: float = NEVER, stop_seconds: float = 5
) -> AsyncIterator[PollingJob]:
    job = PollingJob("the queue", queue.work, poll_seconds=every, stop_seconds=stop_seconds)
    job.start()
    try:
        yield job
    finally:
        queue.let_go.set()
        await job.stop()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_everything_there_is_to_do_is_done_without_a_pause() -> None:
    queue = Queue(parts=3)

    async with working(queue):
        await until(lambda: queue.done == 3)

    assert queue.polls == 3


async def test_job_that_waits_is_woken() -> None:
    queue = Queue()

    async with working(queue) as job:
        await until(lambda: queue.polls == 1)
        queue.parts = 1
        job.wake()
        await until(lambda: queue.done == 1)


async def test_wake_in_the_middle_of_work_is_not_lost() -> None:
    queue = Queue(parts=1)
    queue.let_go.clear()

    async with working(queue) as job:
        await queue.begun.wait()
        job.wake()
        queue.let_go.set()
        await until(lambda: queue.polls == 2)


async def test_work_that_another_process_has_made_is_found_by_the_next_poll() -> None:
    queue = Queue()

    async with working(queue, every=0.01):
        await until(lambda: queue.polls == 1)
        queue.parts = 1  # without a wake in this process
        await until(lambda: queue.done == 1)


async def test_stop_lets_a_part_finish_and_begins_no_other() -> None:
    queue = Queue(parts=2)
    queue.let_go.clear()

    async with working(queue) as job:
        await queue.begun.wait()
        asyncio.get_running_loop().call_soon(queue.let_go.set)
        await job.stop()

    assert (queue.done, queue.parts) == (1, 1)


async def test_stop_gives_up_a_part_that_takes_too_long() -> None:
    queue = Queue(parts=1)
    queue.let_go.clear()

    async with working(queue, stop_seconds=0.01) as job:
        await queue.begun.wait()
        await asyncio.wait_for(job.stop(), timeout=5)

    assert queue.done == 0


async def test_job_that_waits_stops_at_once() -> None:
    queue = Queue()

    async with working(queue, stop_seconds=NEVER) as job:
        await until(lambda: queue.polls == 1)
        await asyncio.wait_for(job.stop(), timeout=5)

    assert queue.polls == 1


async def test_job_is_started_again_after_its_end() -> None:
    queue = Queue()

    async with working(queue) as job:
        await job.stop()
        queue.parts = 1
        job.start()
        await until(lambda: queue.done == 1)


async def test_failure_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue(parts=1)
    queue.failure = OSError("the disk is full")

    async with working(queue) as job:
        await until(lambda: "the queue could not be worked on" in caplog.text)
        queue.failure = None
        job.wake()
        await until(lambda: queue.done == 1)

    assert "the disk is full" in caplog.text


async def test_outage_of_the_database_is_left_to_requests_to_log(caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue(parts=1)
    queue.failure = DatabaseUnavailable("gone")

    async with working(queue, every=0.01):
        await until(lambda: queue.polls == 3)
        queue.failure = None
        await until(lambda: queue.done == 1)

    assert caplog.text == ""


def test_periods_of_processes_that_start_together_differ_within_bounds() -> None:
    periods = [jittered(100, by=0.4) for _ in range(200)]

    assert len(set(periods)) > 100
    assert 60 <= min(periods) < max(periods) <= 140
