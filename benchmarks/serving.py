"""A server pinned to one core, and what its process costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


@dataclass(frozen=True)
class Serving:
    """A running `greffier dev`."""

    process: psutil.Process
    port: int
    publishable_key: str
    started_in: float
    """Seconds from the start of the process to the line that says it answers."""

    def resident_megabytes(self) -> float:
        return self.process.memory_info().rss / 1_000_000


@contextmanager
def serving(data: Path) -> Iterator[Serving]:
    """`greffier dev --json` on a free port, on one core. Its log of requests is discarded."""
    command = [sys.executable, "-m", "greffier.cli", "dev", "--json", "--port", "0", "--data", str(data)]
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
    ) as child:
        assert child.stdout
        facts = json.loads(child.stdout.readline())
        started_in = time.perf_counter() - began
        port = int(facts["frontend_api_url"].rpartition(":")[2])
        try:
            yield Serving(psutil.Process(child.pid), port, facts["publishable_key"], started_in)
        finally:
            child.terminate()
            child.wait()
