"""Profile images: checked, drawn anew so that nothing but the picture is kept, stored in the database."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from math import ceil
from pathlib import Path
from weakref import WeakKeyDictionary

from greffier.server import errors
from greffier.server.store.ids import new_id
from greffier.server.users.images.redrawing import FORMATS, TOO_LARGE, UNREADABLE
from greffier.server.users.lookup import get_user, lock_user
from greffier.server.users.queries import DELETE_IMAGES_OF_USER, INSERT_IMAGE
from greffier.server.users.tables import UserImageRow, UserRow
from greffier.server.users.update import save_user
from greffier.server.web.context import Context

SIDE = 512
"""Pixels of the longer side of what is stored."""
MAX_PIXELS = 25_000_000
"""Of what is taken: a small file can hold a huge picture (decompression bombs)."""
_MEMORY = 512 * 1024 * 1024
"""Bytes of the process that draws one picture. A picture of `MAX_PIXELS` takes about 200 MiB."""
_SECONDS = 20.0
_PROGRAM = Path(__file__).with_name("redrawing.py")
_WAITING = 20
"""Pictures that wait for their turn; one more is asked to come back."""

log = logging.getLogger("greffier.users")


class _DrawingQueue:
    """Serializes the drawing: one picture at a time, across all requests."""

    def __init__(self) -> None:
        self.waiting = 0
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def take(self) -> AsyncGenerator[None]:
        if self.waiting >= _WAITING:
            raise errors.too_many_requests(ceil(_SECONDS))
        self.waiting += 1
        try:
            async with self._one:
                yield
        finally:
            self.waiting -= 1


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _DrawingQueue] = WeakKeyDictionary()


async def set_profile_image(ctx: Context, user_id: str, upload: bytes) -> UserRow:
    """Give a user this picture in place of another.

    Raises:
        ApiError: 404 without such a user; 400 for what is no picture of a known format, or too large a one.
    """
    await get_user(ctx, user_id)  # before a picture is read in vain
    content = await read_picture(upload)
    return await keep_picture(ctx, await lock_user(ctx, user_id), content)


async def give_first_picture(ctx: Context, user_id: str, upload: bytes) -> None:
    """As `set_profile_image`, for a user who has chosen none meanwhile."""
    content = await read_picture(upload)
    user = await lock_user(ctx, user_id)
    if user.image_id is None:
        await keep_picture(ctx, user, content)


async def keep_picture(ctx: Context, user: UserRow, content: bytes) -> UserRow:
    """Give a locked user a picture that `read_picture` returned."""
    await ctx.db.execute(DELETE_IMAGES_OF_USER, instance_id=ctx.instance.id, user_id=user.id)
    image_id = new_id("img", now_ms=ctx.now)
    await ctx.db.insert(INSERT_IMAGE, UserImageRow(image_id, ctx.instance.id, user.id, content, ctx.now))
    return await save_user(ctx, user, image_id=image_id)


async def delete_profile_image(ctx: Context, user_id: str) -> tuple[UserRow, str]:
    """Take the picture away; the user, and the id that the picture had.

    Raises:
        ApiError: 404 without such a user, or a picture.
    """
    user = await lock_user(ctx, user_id)
    if user.image_id is None:
        raise errors.not_found("profile image")
    await ctx.db.execute(DELETE_IMAGES_OF_USER, instance_id=ctx.instance.id, user_id=user.id)
    return await save_user(ctx, user, image_id=None), user.image_id


async def read_picture(upload: bytes) -> bytes:
    """The stored form of an uploaded picture: WebP, upright, at most `SIDE` pixels long.

    Raises:
        ApiError: 400 for what is no picture of a known format, 413 for one with too many pixels, 429 when too
            many others wait.
    """
    turns = _turns.setdefault(asyncio.get_running_loop(), _DrawingQueue())
    async with turns.take():
        status, drawn = await _run(_decoded(upload))
    if status == 0:
        return drawn
    if status == TOO_LARGE:
        raise errors.image_too_large(MAX_PIXELS)
    if status != UNREADABLE:
        log.warning("a picture could not be drawn: exit status %s", status)
    raise errors.image_unreadable(FORMATS)


async def _run(data: bytes) -> tuple[int | None, bytes]:
    """Exit status and output of the program that draws; it is ended when it takes too long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_PROGRAM),
        *map(str, (SIDE, MAX_PIXELS, _MEMORY)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            drawn, _ = await process.communicate(data)
    except TimeoutError:
        return None, b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, drawn


def _decoded(upload: bytes) -> bytes:
    """The bytes of a file; SDKs without files send them as base64, or as a `data:` URL (RFC 2397)."""
    text = upload.partition(b";base64,")[2] if upload.startswith(b"data:") else upload
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return upload
