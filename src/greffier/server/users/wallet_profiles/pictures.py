"""Pictures that names of wallets come with."""

from __future__ import annotations

import logging

from greffier.server.errors import ApiError
from greffier.server.outgoing import Unreachable
from greffier.server.users.images.copying import fetch_picture
from greffier.server.users.images.profile_images import read_picture

log = logging.getLogger("greffier.web3")

_LONGEST_URL = 2048


async def picture_of(avatar: str) -> bytes | None:
    """Returns the picture of an avatar record, drawn anew; `None` if it cannot be had.

    Args:
        avatar: as `ens.records.read_avatar` returns it.
    """
    try:
        if avatar.startswith("data:"):
            return await read_picture(avatar.encode())
        return await read_picture(await fetch_picture(avatar)) if len(avatar) <= _LONGEST_URL else None
    except (ApiError, Unreachable) as error:
        log.info("a name of a wallet has no picture: %s", type(error).__name__)
        return None
