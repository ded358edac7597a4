"""Lists in pages: `limit` and `offset`, and the two shapes that a list has on the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import msgspec

T = TypeVar("T")

MAX_LIMIT = 500
_LARGEST_OFFSET = 2**31 - 1


class PageQuery(msgspec.Struct, kw_only=True):
    """Contract: `LimitParameter` and `OffsetParameter`."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = 10
    offset: Annotated[int, msgspec.Meta(ge=0, le=_LARGEST_OFFSET)] = 0


class PaginatedQuery(PageQuery, kw_only=True):
    """Contract: `Paginated`. JavaScript SDKs always send it and read either shape; others want the array."""

    paginated: bool | None = None


class Page(msgspec.Struct, Generic[T]):
    """One page of a list, with the number of all its members."""

    data: list[T]
    total_count: int


async def page_of(
    query: PaginatedQuery, members: list[T], count: Callable[[], Awaitable[int]]
) -> list[T] | Page[T]:
    """The members as the caller asked for them; only a page costs the counting of all."""
    return Page(members, await count()) if query.paginated else members
