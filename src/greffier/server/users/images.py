"""Profile images: checked, drawn anew so that nothing but the picture is kept, stored in the database."""

from __future__ import annotations

import asyncio
import base64
import binascii
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO

from greffier.server import errors
from greffier.server.store.ids import new_id
from greffier.server.users.queries import DELETE_IMAGES_OF_USER, INSERT_IMAGE
from greffier.server.users.tables import UserImageRow, UserRow
from greffier.server.users.update import get_user, lock_user, save_user
from greffier.server.web.context import Context

SIDE = 512
"""Pixels of the longer side of what is stored."""
MAX_PIXELS = 25_000_000
"""Of what is taken: a small file can hold a huge picture (decompression bombs)."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
"""No SVG: it can carry scripts."""


@cache
def _workers() -> ThreadPoolExecutor:
    """One, which bounds the memory that pictures take, and keeps the event loop free."""
    return ThreadPoolExecutor(1, "images")


async def set_profile_image(ctx: Context, user_id: str, upload: bytes) -> UserRow:
    """Give a user this picture in place of another.

    Raises:
        ApiError: 404 without such a user; 400 for what is no picture of a known format, or too large a one.
    """
    await get_user(ctx, user_id)  # before a picture is read for nobody
    content = await read_picture(upload)
    user = await lock_user(ctx, user_id)
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
    """What is kept of a picture that somebody sent: `redraw`, off the event loop.

    Raises:
        ApiError: 400 for what is no picture of a known format, or has too many pixels.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_workers(), redraw, _decoded(upload))


def _decoded(upload: bytes) -> bytes:
    """The bytes of a file; SDKs without files send them as base64, or as a `data:` URL (RFC 2397)."""
    text = upload.partition(b";base64,")[2] if upload.startswith(b"data:") else upload
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return upload


def redraw(data: bytes) -> bytes:
    """The picture as WebP, upright, at most `SIDE` pixels long, without what else the file carried.

    Raises:
        ApiError: 400 for what is no picture of a known format, or has too many pixels.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise errors.image_too_large(MAX_PIXELS)
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ImageOps.exif_transpose(picture)
            drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise errors.image_unreadable(FORMATS) from None
    drawn.thumbnail((SIDE, SIDE))
    drawn.info.clear()
    written = BytesIO()
    drawn.save(written, "WEBP", quality=85)
    return written.getvalue()
