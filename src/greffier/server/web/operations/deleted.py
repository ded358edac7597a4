"""The answer of most deletions."""

from __future__ import annotations

import msgspec


class DeletedObject(msgspec.Struct, kw_only=True):
    """Contract: `DeletedObject`, and the shapes of single resources that have the same fields."""

    object: str
    id: str
    slug: str | msgspec.UnsetType = msgspec.UNSET
    deleted: bool = True
    external_id: str | msgspec.UnsetType = msgspec.UNSET
