"""Pictures that other sites have of people: copied for users who have just signed up, after the request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from greffier.server import outgoing
from greffier.server.errors import ApiError
from greffier.server.outgoing import Unreachable
from greffier.server.store.database import Database, DatabaseUnavailable, Transaction
from greffier.server.users.images.profile_images import give_first_picture
from greffier.server.web.context import Context

log = logging.getLogger("greffier.users")

_SECONDS = 10.0
_AT_ONCE = 2
_WAITING = 100
"""Pictures that wait for their turn; further ones are not copied."""


class PictureCopier:
    """Copies in the background, and gives up what does not work: a user without a picture is shown one that
    is made of their name.

    Args:
        context_of: of a job for this instance; `None` when that is not there any more.
    """

    def __init__(self, database: Database, context_of: Callable[[str, Transaction], Context | None]) -> None:
        self._database = database
        self._context_of = context_of
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def copy(self, instance_id: str, user_id: str, url: str) -> None:
        """Copy a picture in a while. Called in the event loop's thread, once the user is there."""
        if not url.startswith("https://") or len(self._tasks) >= _WAITING:
            return
        task = asyncio.create_task(self._copy(instance_id, user_id, url), name="greffier-picture")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """Pictures are being copied, or wait for it."""
        return bool(self._tasks)

    async def stop(self) -> None:
        """Stop; what is not copied yet never will be."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)

    async def _copy(self, instance_id: str, user_id: str, url: str) -> None:
        """The log names neither the URL, which may be known to few, nor its host."""
        try:
            async with self._turns, self._database.transaction() as db:
                ctx = self._context_of(instance_id, db)
                if ctx is not None:
                    await give_first_picture(ctx, user_id, await fetch_picture(url))
        except (Unreachable, ApiError, DatabaseUnavailable) as error:
            log.info("the picture of user %s is not copied: %s", user_id, _reason(error))
        except Exception:
            log.exception("the picture of user %s is not copied", user_id)


async def fetch_picture(url: str) -> bytes:
    """The file at a public address, which a stranger may have chosen.

    Raises:
        Unreachable: there is none.
    """
    accept = {"accept": "image/*"}
    answer = await outgoing.request("GET", url, headers=accept, seconds=_SECONDS, public_only=True)
    if answer.status != 200:
        raise Unreachable(f"status {answer.status}")
    return answer.body


def _reason(error: Exception) -> str:
    return error.items[0].code if isinstance(error, ApiError) else str(error)
