"""The attempt itself: begun, found, written back, abandoned."""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.sign_ups.queries import ATTEMPTS
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.store.ids import new_id
from greffier.server.verifications.attempts.lifecycle import ABANDONED_AFTER, Attempts
from greffier.server.web.context import Context

_attempts = Attempts("sign-up", ATTEMPTS)
get = _attempts.get
save = _attempts.save
current_sign_up = _attempts.current
abandon_sign_ups = _attempts.abandon


async def begin(ctx: Context, client_id: str) -> SignUpRow:
    """A new attempt; the client's former one is abandoned."""
    await _attempts.abandon(ctx, client_id)
    fields: dict[str, Any] = dict.fromkeys(SignUpRow.__struct_fields__)
    fields |= {
        "id": new_id("sua", now_ms=ctx.now),
        "instance_id": ctx.instance.id,
        "client_id": client_id,
        "status": "missing_requirements",
        "identifications": {},
        "unsafe_metadata": {},
        "abandon_at": ctx.now + ABANDONED_AFTER,
        "created_at": ctx.now,
        "updated_at": ctx.now,
    }
    row = SignUpRow(**fields)
    return await _attempts.insert(ctx, row)


async def lock(ctx: Context, row: SignUpRow) -> SignUpRow:
    """As `lock_of_client`."""
    return await lock_of_client(ctx, row.client_id, row.id)


async def lock_of_client(ctx: Context, client_id: str | None, sign_up_id: str) -> SignUpRow:
    """The attempt as it is now, held until the request ends.

    Raises:
        ApiError: 404 when it is not this client's; 400 when it is complete or abandoned.
    """
    locked = await _attempts.lock_of_client(ctx, client_id, sign_up_id)
    if status_of(locked, ctx.now) != "missing_requirements":
        raise errors.sign_up_is_over()
    return locked


def status_of(row: SignUpRow, now: int) -> str:
    if row.status == "missing_requirements" and row.abandon_at <= now:
        return "abandoned"
    return row.status
