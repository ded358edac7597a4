"""The test server at a port of this machine, for browsers and for apps in other processes."""

from __future__ import annotations

import asyncio
import socket
from typing import Any


class Listener:
    """Serves an ASGI app at a port, from `start` to `stop`, in the running event loop."""

    def __init__(self, app: Any, port: int) -> None:
        import uvicorn

        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://localhost:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The socket accepts already: who connects before all is ready waits."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
