"""Lists in pages: `limit` and `offset`, and the two shapes that a list has on the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import msgspec

T = TypeVar("T")

MAX_LIMIT = 500

Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)]
"""Contract: `LimitParameter`; 10 when absent."""
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""Contract: `OffsetParameter`; 0 when absent."""


class PaginatedQuery(msgspec.Struct, kw_only=True):
    """The query of a list that can be paginated."""

    limit: Limit = 10
    offset: Offset = 0
    paginated: bool | None = None
    """JavaScript SDKs always send it and read either shape; others want the array."""


class Page(msgspec.Struct, Generic[T]):
    """One page of a list, with the number of all its members."""

    data: list[T]
    total_count: int


async def page_of(
    query: PaginatedQuery, members: list[T], count: Callable[[], Awaitable[int]]
) -> list[T] | Page[T]:
    """The members as the caller asked for them; only a page costs the counting of all."""
    return Page(members, await count()) if query.paginated else members
