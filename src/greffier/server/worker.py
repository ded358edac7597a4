"""One worker process of a production server: it outlives its database."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from greffier.server import errors
from greffier.server.app import Server
from greffier.server.store.database import DatabaseUnavailable
from greffier.server.web.http.reply import RETRY_AFTER, error_reply, send_reply

log = logging.getLogger("greffier.serve")

_FIRST_PAUSE = 0.5
_MAX_PAUSE = 5.0


class Worker:
    """The server as an ASGI application that starts without its database: until that can be reached, requests
    are answered with 503.

    Args:
        pause: seconds to wait before try number 1, 2, ... to reach the database again.
    """

    def __init__(self, server: Server, pause: Callable[[int], float] | None = None) -> None:
        self._server = server
        self._pause = pause or _pause
        self._starting: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and not self._server.running:
            await send_reply(error_reply(errors.service_unavailable(RETRY_AFTER)), send)
        else:
            await self._server(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            await self._start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._server.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> None:
        try:
            await self._server.start()
        except DatabaseUnavailable as error:
            log.error("the database does not answer (%s): waiting for it", error)
            self._starting = asyncio.create_task(self._start_later(), name="greffier-start")

    async def _start_later(self) -> None:
        tries = 0
        while not self._server.running:
            tries += 1
            await asyncio.sleep(self._pause(tries))
            try:
                await self._server.start()
            except DatabaseUnavailable as error:
                log.error("the database does not answer (%s): tried %d times", error, tries + 1)
            except Exception:
                log.exception("the server cannot start; it will be tried again")
        log.info("the database answers")


def _pause(tries: int) -> float:
    """Spread, so that the workers of a node do not come all at once."""
    longest = min(_FIRST_PAUSE * 2 ** min(tries - 1, 10), _MAX_PAUSE)
    return longest * random.uniform(0.6, 1.0)  # noqa: S311 - no secret
