"""Worker processes: started, kept alive, replaced at SIGHUP, stopped in peace."""

from __future__ import annotations

import sys
from collections.abc import Callable

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from greffier.cli.running import GRACE

_READY = 30
"""Seconds that a worker may take to start, or to say that it lives, on a busy machine."""


class _Supervisor(Multiprocess):
    def __init__(self, config: uvicorn.Config, reconfigure: Callable[[], bool]) -> None:
        super().__init__(config, [config.bind_socket()])
        self._reconfigure = reconfigure

    def handle_hup(self) -> None:
        if self._reconfigure():
            super().handle_hup()


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
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=_READY,
    )
    supervisor = _Supervisor(config, reconfigure)
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)
