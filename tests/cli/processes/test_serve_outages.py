"""A node outlives its database, and its workers."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.server import ENCRYPTION_KEY, LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY
from tests.support.services.databases import BreakablePostgres
from tests.support.services.ports import free_port
from tests.support.services.processes import GREFFIER, answers, greffier_serve
from tests.support.waiting import wait_until

KEYS = {
    "GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY,
    "GREFFIER_SECRET_KEY": LIVE_SECRET_KEY,
    "GREFFIER_DOMAIN": "example.com",
    "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY,
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
            return httpx.get(url, timeout=10, headers={"host": "clerk.example.com"}).status_code == status
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


def other_worker_answers(process: subprocess.Popen[str], killed: list[int], url: str) -> Callable[[], bool]:
    return lambda: (
        [worker.pid for worker in workers_of(process)] not in ([], killed) and answers(f"{url}/v1/health")
    )


def test_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with greffier_serve(f"sqlite:///{tmp_path / 'greffier.db'}", workers=1, **KEYS) as (process, url):
        for _ in range(2):
            killed = kill_workers(process)
            assert len(killed) == 1
            wait_until(other_worker_answers(process, killed, url), "another worker answers")
        assert process.poll() is None


UNREACHABLE = "postgresql://greffier:hunter2@127.0.0.1:1/greffier"


@pytest.mark.parametrize("arguments", [["migrate"], ["serve"], ["users", "list"], ["instances", "list"]])
@pytest.mark.parametrize("url", [UNREACHABLE, "postgresql://greffier:hunter2@nowhere.invalid/greffier"])
def test_database_that_cannot_be_reached_is_one_line(arguments: list[str], url: str) -> None:
    environ = {"GREFFIER_DATABASE_URL": url, "GREFFIER_DATABASE_WAIT": "0", **KEYS}

    refused = subprocess.run(
        [*GREFFIER, *arguments], capture_output=True, text=True, env=os.environ | environ, timeout=60
    )

    (line,) = [line for line in refused.stderr.splitlines() if not line.startswith("Warning:")]
    assert refused.returncode == 2
    assert "GREFFIER_DATABASE_URL" in line
    assert "hunter2" not in refused.stderr


def test_name_that_the_database_does_not_know_is_told_without_waiting(
    breakable_postgres: BreakablePostgres,
) -> None:
    url = breakable_postgres.url.replace("/postgres", "/mistyped")

    refused = subprocess.run(
        [*GREFFIER, "serve"],
        capture_output=True,
        text=True,
        env=os.environ | {"GREFFIER_DATABASE_URL": url, "GREFFIER_DATABASE_WAIT": "600", **KEYS},
        timeout=60,
    )

    assert refused.returncode == 2
    assert "no database of this name" in refused.stderr


def test_server_waits_for_a_database_that_starts_later(breakable_postgres: BreakablePostgres) -> None:
    breakable_postgres.stop()
    environ = {"GREFFIER_DATABASE_URL": breakable_postgres.url, "GREFFIER_DATABASE_WAIT": "60", **KEYS}
    port = free_port()
    command = [*GREFFIER, "serve", "--port", str(port)]

    with subprocess.Popen(command, env=os.environ | environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert "Waiting up to 60 s for the database" in process.stderr.readline()
        breakable_postgres.start()
        wait_until(lambda: answers(f"http://localhost:{port}/v1/health"), "it answers", seconds=60)
        process.terminate()
        process.communicate(timeout=60)
