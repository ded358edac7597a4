"""The attempt itself: begun, found, written back, abandoned."""

from __future__ import annotations

from greffier.server.sign_ins.queries import ATTEMPTS
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.store.ids import new_id
from greffier.server.verifications.attempts.lifecycle import ABANDONED_AFTER, Attempts
from greffier.server.verifications.transfers import delete_transfers
from greffier.server.web.context import Context

_attempts = Attempts("sign-in", ATTEMPTS)
get = _attempts.get
save = _attempts.save
current_sign_in = _attempts.current
abandon_sign_ins = _attempts.abandon
lock = _attempts.lock
lock_of_client = _attempts.lock_of_client


async def begin(ctx: Context, client_id: str, *, beside_others: bool = False) -> SignInRow:
    """A new attempt; the client's former one is abandoned, so that it cannot steer the browser any more.

    Args:
        beside_others: the former one goes on all the same.
    """
    if not beside_others:
        await _attempts.abandon(ctx, client_id)
        await delete_transfers(ctx, client_id)
    row = SignInRow(
        id=new_id("sia", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        client_id=client_id,
        status="needs_identifier",
        identifier=None,
        user_id=None,
        first_factor_verification_id=None,
        second_factor_verification_id=None,
        client_trust_state=None,
        created_session_id=None,
        abandon_at=ctx.now + ABANDONED_AFTER,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    return await _attempts.insert(ctx, row)


def status_of(row: SignInRow, now: int) -> str:
    if row.status != "complete" and row.abandon_at <= now:
        return "abandoned"
    return row.status
