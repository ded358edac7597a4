"""A node outlives its database, and its workers."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests.support.databases import BreakablePostgres
from tests.support.processes import answers, greffier_serve
from tests.support.server import LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY
from tests.support.waiting import wait_until

KEYS = {
    "GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY,
    "GREFFIER_SECRET_KEY": LIVE_SECRET_KEY,
    "GREFFIER_DOMAIN": "example.com",
}


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that answer; multiprocessing has another one that does not."""
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(_command_line(child))]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def kill_workers(process: subprocess.Popen[str]) -> list[int]:
    killed = [worker.pid for worker in workers_of(process)]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    return killed


def has_status(url: str, status: int) -> Callable[[], bool]:
    def asked() -> bool:
        try:
            return httpx.get(url, timeout=10).status_code == status
        except httpx.TransportError:
            return False

    return asked


def test_node_outlives_workers_that_die_while_its_database_is_down(
    breakable_postgres: BreakablePostgres,
) -> None:
    with greffier_serve(breakable_postgres.url, workers=2, **KEYS) as (process, url):
        breakable_postgres.stop()
        wait_until(
            has_status(f"{url}/v1/health", 503), "the server says that its database is gone", seconds=60
        )
        killed = kill_workers(process)
        wait_until(
            lambda: len([w for w in workers_of(process) if w.pid not in killed]) == 2, "others are started"
        )
        wait_until(
            has_status(f"{url}/v1/environment", 503),
            "they answer without having seen the database",
            seconds=60,
        )
        assert process.poll() is None

        breakable_postgres.start()
        wait_until(
            lambda: all(has_status(f"{url}/v1/environment", 200)() for _ in range(10)),
            "both have it again",
            seconds=60,
        )


def test_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with greffier_serve(f"sqlite:///{tmp_path / 'greffier.db'}", workers=1, **KEYS) as (process, url):
        for _ in range(2):
            killed = kill_workers(process)
            assert len(killed) == 1
            wait_until(
                lambda: (
                    [worker.pid for worker in workers_of(process)] not in ([], killed)  # noqa: B023
                    and answers(f"{url}/v1/health")
                ),
                "another worker answers",
            )
        assert process.poll() is None
