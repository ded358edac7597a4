"""Bodies that carry a file."""

from __future__ import annotations

import msgspec


class ImageRequest(msgspec.Struct, kw_only=True):
    """A picture."""

    file: bytes


class LogoRequest(ImageRequest, kw_only=True):
    """A logo, and on the Backend API the user who uploads it."""

    uploader_user_id: str | None = None
