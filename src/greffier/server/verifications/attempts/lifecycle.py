"""Attempts are found, locked, written back and abandoned in the same way, whatever they attempt."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar, cast

import msgspec

from greffier.server import errors
from greffier.server.store.statements import Row
from greffier.server.verifications.attempts.queries import AttemptStatements
from greffier.server.web.context import Context

ABANDONED_AFTER = 24 * 3600 * 1000
"""Milliseconds that an attempt may take."""


class AttemptRow(Protocol):
    """The columns that every attempt has."""

    @property
    def id(self) -> str: ...

    @property
    def client_id(self) -> str: ...


R = TypeVar("R", bound=Row)


class Attempts(Generic[R]):
    """The attempts of one table.

    Args:
        noun: what an attempt is called in errors, such as "sign-in".
    """

    def __init__(self, noun: str, statements: AttemptStatements[R]) -> None:
        self._noun = noun
        self._statements = statements

    async def insert(self, ctx: Context, row: R) -> R:
        await ctx.db.insert(self._statements.insert, row)
        return row

    async def get(self, ctx: Context, attempt_id: str) -> R:
        """One of this client's attempts.

        Raises:
            ApiError: 401 without a client, 404 when the attempt is not this client's.
        """
        if ctx.client is None:
            raise errors.signed_out()
        keys = {"instance_id": ctx.instance.id, "client_id": ctx.client.id}
        return self._found(await ctx.db.one(self._statements.get, id=attempt_id, **keys))

    async def lock(self, ctx: Context, row: R) -> R:
        """The attempt as it is now, held until the request ends."""
        known = cast("AttemptRow", row)
        return await self.lock_of_client(ctx, known.client_id, known.id)

    async def lock_of_client(self, ctx: Context, client_id: str | None, attempt_id: str) -> R:
        """As `lock`.

        Raises:
            ApiError: 404 when the attempt is not this client's.
        """
        keys = {"instance_id": ctx.instance.id, "client_id": client_id}
        return self._found(await ctx.db.one(self._statements.lock, id=attempt_id, **keys))

    async def save(self, ctx: Context, row: R, **changes: Any) -> R:
        changed = msgspec.structs.replace(row, updated_at=ctx.now, **changes)
        await ctx.db.save(self._statements.update, changed)
        return changed

    async def current(self, ctx: Context, client_id: str) -> R | None:
        """The attempt that the client is in the middle of."""
        keys = {"instance_id": ctx.instance.id, "client_id": client_id}
        return await ctx.db.one(self._statements.current, now=ctx.now, **keys)

    async def abandon(self, ctx: Context, client_id: str) -> None:
        """Abandons what the client is in the middle of."""
        keys = {"instance_id": ctx.instance.id, "client_id": client_id}
        await ctx.db.execute(self._statements.abandon, now=ctx.now, **keys)

    def _found(self, row: R | None) -> R:
        if row is None:
            raise errors.not_found(self._noun)
        return row
