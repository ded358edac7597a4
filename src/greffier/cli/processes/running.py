"""Running the development server under uvicorn, in this process."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from greffier.cli.processes.upgrades import RefusedUpgrade
from greffier.server.web.observability.logs import configure_logging

if TYPE_CHECKING:
    from greffier.server.app import Server

GRACE = 20
"""Seconds that requests in flight get when the server stops."""


class _DevelopmentServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: Server, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            # Imported objects stay; the garbage collector need not walk them again and again.
            gc.collect()
            gc.freeze()
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn waits for requests in flight, and an open inbox always has one.
        self._app.outbox.drain()
        await super().shutdown(sockets=sockets)


def run(
    app: Server,
    sockets: list[socket.socket],
    announce: Callable[[], None],
    *,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve until a signal says stop.

    Args:
        announce: called once, when connections are answered.
        certificate: a PEM file, to serve https; with its `key`.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        ws=RefusedUpgrade,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    configure_logging("text")
    _DevelopmentServer(config, app, announce).run(sockets=sockets)
