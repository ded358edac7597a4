"""Worker processes: started, kept alive, replaced at SIGHUP, stopped in peace."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from pickle import UnpicklingError
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from greffier.cli.processes.running import GRACE
from greffier.cli.processes.upgrades import RefusedUpgrade

_READY = 30
"""Seconds that a worker may take to start, or to say that it lives, on a busy machine."""


_FIRST_PAUSE = 0.5
_MAX_PAUSE = 30.0
"""Seconds between the end of a worker and the start of its successor, doubled each time."""
_STABLE_AFTER = 60.0
"""After so many seconds a worker counts as one that works, and the next pause is the first again."""

log = logging.getLogger("greffier.serve")


class _Slot:
    """The place of one worker: when its process began, and when the next one may."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.begin_again_at: float | None = None
        self._pause = _FIRST_PAUSE

    def ended(self) -> float:
        """Note the end of the process; seconds until the next one."""
        now = time.monotonic()
        if now - self.began > _STABLE_AFTER:
            self._pause = _FIRST_PAUSE
        pause, self._pause = self._pause, min(2 * self._pause, _MAX_PAUSE)
        self.begin_again_at = now + pause
        return pause

    def begin(self) -> None:
        self.began, self.begin_again_at = time.monotonic(), None


class _Supervisor(Multiprocess):
    """Replaces workers that end for as long as it lives. Only if none has ever served it gives up, because
    then the configuration is wrong and would be so each time."""

    def __init__(self, config: uvicorn.Config, reconfigure: Callable[[], bool]) -> None:
        super().__init__(config, [config.bind_socket()])
        self._reconfigure = reconfigure
        self._slots: dict[int, _Slot] = {}
        self._has_served = False
        self.failed = False
        """No worker could start."""

    def handle_hup(self) -> None:
        if self._reconfigure():
            super().handle_hup()

    def keep_subprocess_alive(self) -> None:
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            slot = self._slots.setdefault(index, _Slot())
            if slot.begin_again_at is not None:
                if time.monotonic() >= slot.begin_again_at:
                    self._begin(index, slot)
                continue
            started = _has_started(process)
            if started is None:
                self._finish(process, slot)
            self._has_served = self._has_served or bool(started)

    def _finish(self, process: Process, slot: _Slot) -> None:
        process.kill()  # it may hang
        process.join()
        if process.exitcode == STARTUP_FAILURE and not self._has_served:
            log.error("worker %s cannot start: stopping", process.pid)
            self.failed = True
            self.should_exit.set()
            return
        pause = slot.ended()
        log.error("worker %s ended (%s): another one starts in %g s", process.pid, process.exitcode, pause)

    def _begin(self, index: int, slot: _Slot) -> None:
        process = Process(self.config, self.sockets)
        process.start()
        self.processes[index] = process
        slot.begin()


def _has_started(process: Process) -> bool | None:
    """Whether a worker is ready to serve; `None` when it has ended, or does not answer in time.

    The health check of uvicorn waits its whole time for a worker that dies meanwhile, and for as long no
    other worker is looked after.
    """
    worker = process.process
    if not worker.is_alive():
        return None
    try:
        process.parent_conn.send(b"ping")
        ready = wait([process.parent_conn, worker.sentinel], timeout=_READY)
        return bool(process.parent_conn.recv()) if process.parent_conn in ready else None
    except (OSError, EOFError, UnpicklingError):
        return None


def http_protocol() -> Any:
    """The HTTP protocol class for every connection: with bounds where `httptools` is installed, which it is
    except on Windows.
    """
    try:
        from greffier.cli.processes.connections import BoundedProtocol
    except ImportError:
        return "auto"
    return BoundedProtocol


def supervise(factory: str, *, host: str, port: int, workers: int, reconfigure: Callable[[], bool]) -> None:
    """Serve until a signal says stop.

    Args:
        factory: `module:function` that makes one worker's application.
        reconfigure: called at SIGHUP; whether workers shall be replaced, one after the other.
    """
    config = uvicorn.Config(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="info",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        http=http_protocol(),
        ws=RefusedUpgrade,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=_READY,
    )
    supervisor = _Supervisor(config, reconfigure)
    supervisor.run()
    if supervisor.failed:
        sys.exit(STARTUP_FAILURE)
