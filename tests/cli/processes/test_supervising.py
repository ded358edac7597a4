"""The supervisor of worker processes notices at once what happens to a worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Pipe
from types import SimpleNamespace
from typing import Any

import pytest

from greffier.cli.processes import supervising

SPAWN = get_context("spawn")


class Worker:
    """As uvicorn's `Process` is: a process, and both ends of its pipe held open by the parent."""

    def __init__(self, target: Any) -> None:
        self.parent_conn, self.child_conn = Pipe()
        self.process = SPAWN.Process(target=target, args=(self.child_conn,))
        self.process.start()


def _never_answers(connection: Any) -> None:
    connection.recv()
    time.sleep(600)


def _answers(connection: Any) -> None:
    while True:
        connection.recv()
        connection.send(True)


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    found: list[Worker] = []
    yield found
    for worker in found:
        worker.process.kill()
        worker.process.join()


def test_worker_that_dies_during_its_health_check_is_noticed_at_once(workers: list[Worker]) -> None:
    workers.append(worker := Worker(_never_answers))
    worker.process.kill()
    dying = SimpleNamespace(
        parent_conn=worker.parent_conn,
        # Its end is known by the sentinel before anything else is asked.
        process=SimpleNamespace(is_alive=lambda: True, sentinel=worker.process.sentinel),
    )

    assert supervising._has_started(dying) is None  # pyright: ignore[reportPrivateUsage]


def test_worker_that_answers_is_ready(workers: list[Worker]) -> None:
    workers.append(worker := Worker(_answers))

    assert supervising._has_started(worker) is True  # pyright: ignore[reportPrivateUsage]


def test_worker_that_does_not_answer_in_time_counts_as_ended(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "_READY", 0.2)
    workers.append(worker := Worker(_never_answers))

    assert supervising._has_started(worker) is None  # pyright: ignore[reportPrivateUsage]
