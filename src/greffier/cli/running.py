"""Running an ASGI application under uvicorn, in this process."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

GRACE = 20
"""Seconds that requests in flight get when the server stops."""


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            # What was imported stays; the garbage collector need not walk it again and again.
            gc.collect()
            gc.freeze()
            self._announce()


def run(app: Any, sockets: list[socket.socket], announce: Callable[[], None]) -> None:
    """Serve until a signal says stop.

    Args:
        announce: called once, when connections are answered.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    _Announcing(config, announce).run(sockets=sockets)
