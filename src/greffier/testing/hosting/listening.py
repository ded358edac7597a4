"""ASGI apps at ports of this machine: the test server, and the app under test, for browsers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal

from greffier.testing.hosting.background import BackgroundLoop


class Listener:
    """Serves an ASGI app at a port, from `start` to `stop`, in the running event loop.

    Args:
        port: 0 for any free one.
        lifespan: whether the app is told of start and end, as uvicorn understands it.
    """

    def __init__(self, app: Any, port: int, *, lifespan: Literal["auto", "off"] = "off") -> None:
        import uvicorn

        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://localhost:{self._socket.getsockname()[1]}"
        self._ready = ready = asyncio.Event()

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                try:
                    await super().startup(sockets)
                except SystemExit:  # uvicorn's way to say no; it would end the thread
                    self.should_exit = True
                else:
                    ready.set()

        self._server = Server(uvicorn.Config(app, lifespan=lifespan, log_config=None, access_log=False))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises `RuntimeError` when the app does not start; uvicorn has logged why."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            self._socket.close()
            raise RuntimeError("the app did not start")

    async def stop(self) -> None:
        """End all connections."""
        self._server.should_exit = self._server.force_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


@contextmanager
def serving(app: Any, *, port: int = 0) -> Generator[str]:
    """The ASGI app under test at a port of this machine, in a thread of its own: `with serving(app) as url`.

    Raises:
        RuntimeError: it does not start.
    """
    background = BackgroundLoop()
    background.start()
    try:
        listener = Listener(app, port, lifespan="auto")
        background.run(listener.start())
        try:
            yield listener.url
        finally:
            background.run(listener.stop())
    finally:
        background.stop()
