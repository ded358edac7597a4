"""Reverification: a signed-in user verifies a factor once more, before a sensitive action.

Applications ask for it when a session's factors were verified too long ago. It lives with sign-ins and not
with sessions, because it takes the same factors, whose strategies are above sessions.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server import errors
from greffier.server.sessions.lifecycle import lock_session, record_factors, usable_session
from greffier.server.sessions.tables import SessionRow
from greffier.server.sign_ins.factors import (
    choose_factor,
    require_proof,
    second_factors,
    supported_first_factors,
    trust_factors,
)
from greffier.server.sign_ins.flow import attempt
from greffier.server.sign_ins.queries import (
    DELETE_REVERIFICATION,
    INSERT_REVERIFICATION,
    REVERIFICATION_OF_SESSION,
    UPDATE_REVERIFICATION,
)
from greffier.server.sign_ins.second_factors.requirement import satisfies_second_factor
from greffier.server.sign_ins.tables import ReverificationRow
from greffier.server.store.ids import new_id
from greffier.server.strategies import strategies, strategy_named
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.lookup import find_user
from greffier.server.users.restrictions.lockout import require_unlocked
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import find_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

Level = Literal["first_factor", "second_factor", "multi_factor"]
Step = Literal["needs_first_factor", "needs_second_factor"]
STEPS: tuple[Step, ...] = ("needs_first_factor", "needs_second_factor")


async def start(ctx: Context, session_id: str, level: Level) -> tuple[ReverificationRow, SessionRow]:
    """Begin; what was begun before in this session is over.

    Raises:
        ApiError: 401 when the session is over, 404 when it is not this client's.
    """
    session = await lock_session(ctx, await usable_session(ctx, session_id))
    await ctx.db.execute(DELETE_REVERIFICATION, **_of(ctx, session))
    if level != "first_factor" and not await second_factors_of(ctx, None, await _user(ctx, session)):
        level = "first_factor"
    row = ReverificationRow(
        id=new_id("rev", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        session_id=session.id,
        level=level,
        status="needs_second_factor" if level == "second_factor" else "needs_first_factor",
        first_factor_verification_id=None,
        second_factor_verification_id=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_REVERIFICATION, row)
    return row, session


async def prepare(
    ctx: Context, session_id: str, step: Step, name: str | None, rest: Parameters
) -> tuple[ReverificationRow, SessionRow]:
    """Start a factor, for example send a code.

    Raises:
        ApiError: as `start`; 400 when nothing was begun or it is at another step; 422 when the strategy is
            unknown or not this user's, or the address is not; 403 when the user is locked.
    """
    session = await usable_session(ctx, session_id)
    row = await _at(ctx, session, step)
    user = await _user(ctx, session)
    await require_unlocked(ctx, user)
    factor = await _offered(ctx, row, user, step, name, rest)
    identifier = factor.identification.identifier if factor.identification else None
    subject = Subject(
        user=user,
        identifier=identifier,
        owner_id=session.id,
        former_id=getattr(row, _column(step)),
        rest=rest,
    )
    verification = await strategy_named(ctx, factor.strategy).prepare(ctx, subject)
    session = await lock_session(ctx, session)
    row = await _at(ctx, session, step)
    return await _save(ctx, row, **{_column(step): verification.id}), session


async def attempt_factor(
    ctx: Context, session_id: str, step: Step, name: str | None, evidence: Parameters
) -> tuple[ReverificationRow, SessionRow]:
    """Check a factor. The session's tokens say from then on that it was verified now.

    Raises:
        ApiError: as `prepare`, and errors of the strategy; a wrong one counts towards the
            user's lockout.
    """
    session = await usable_session(ctx, session_id)
    row = await _at(ctx, session, step)
    user = await _user(ctx, session)
    factor = await _offered(ctx, row, user, step, name, Parameters())
    # Before the session is locked: checking a password takes as long as a hundred requests.
    verification = await attempt(
        ctx, factor.strategy, Subject(user=user), getattr(row, _column(step)), evidence
    )
    session = await lock_session(ctx, session)
    return await _complete(ctx, await _at(ctx, session, step), session, step, verification)


async def resume_factor(ctx: Context, session: SessionRow, verification: VerificationRow) -> None:
    """Resume after a callback verified the factor that was prepared last. `session` must be locked.

    Raises:
        ApiError: 400 when another factor was prepared or begun meanwhile.
    """
    row = await ctx.db.one(REVERIFICATION_OF_SESSION, **_of(ctx, session))
    step: Step | None = next((step for step in STEPS if row and row.status == step), None)
    if row is None or step is None or getattr(row, _column(step)) != verification.id:
        raise errors.verification_missing()
    await _complete(ctx, row, session, step, verification)


async def _complete(
    ctx: Context, row: ReverificationRow, session: SessionRow, step: Step, verification: VerificationRow
) -> tuple[ReverificationRow, SessionRow]:
    user = await _user(ctx, session)
    require_proof(await _factors(ctx, row, user, step), verification)
    first = step == "needs_first_factor"
    second = not first or await _satisfies_both(ctx, user, verification.strategy)
    session = await record_factors(ctx, session, first=first, second=second)
    first_by = verification.strategy
    more = row.level == "multi_factor" and not second and await _second_factors(ctx, user, first_by)
    status = "needs_second_factor" if more else "complete"
    return await _save(ctx, row, status=status, **{_column(step): verification.id}), session


async def _satisfies_both(ctx: Context, user: UserRow, name: str) -> bool:
    """Returns whether the strategy of a first factor is the second one too, of a user who has such."""
    return satisfies_second_factor(ctx, name) and bool(await second_factors(ctx, user, name))


async def first_factors(ctx: Context, user: UserRow) -> list[Factor]:
    """Returns the user's factors for reverification, a part of those that sign in: the contract has no links
    here, and a reset verifies nothing. A user with none of them can be sent a code.
    """
    allowed = {strategy.name for strategy in strategies(ctx) if strategy.reverifies}
    own = [one for one in await supported_first_factors(ctx, user, None) if one.strategy in allowed]
    return own or [one for one in await trust_factors(ctx, user) if one.strategy in allowed]


async def second_factors_of(ctx: Context, row: ReverificationRow | None, user: UserRow) -> list[Factor]:
    """Returns the user's second factors for a reverification, without links.

    Args:
        row: `None` before it begins.
    """
    first = await find_verification(ctx, row.first_factor_verification_id) if row else None
    return await _second_factors(ctx, user, first.strategy if first else None)


async def _second_factors(ctx: Context, user: UserRow, first: str | None) -> list[Factor]:
    offered = await second_factors(ctx, user, first)
    allowed = {strategy.name for strategy in strategies(ctx) if strategy.reverifies}
    return [one for one in offered if one.identification is None or one.strategy in allowed]


def _of(ctx: Context, session: SessionRow) -> dict[str, Any]:
    return {"instance_id": ctx.instance.id, "session_id": session.id}


def _column(step: Step) -> str:
    return "first_factor_verification_id" if step == "needs_first_factor" else "second_factor_verification_id"


async def _at(ctx: Context, session: SessionRow, step: Step) -> ReverificationRow:
    """Raises: ApiError: 400 when nothing was begun, or it is at another step."""
    row = await ctx.db.one(REVERIFICATION_OF_SESSION, **_of(ctx, session))
    if row is None or row.status != step:
        raise errors.verification_missing()
    return row


async def _user(ctx: Context, session: SessionRow) -> UserRow:
    user = await find_user(ctx, session.user_id)
    if user is None:
        raise errors.session_not_found()
    return user


async def _offered(
    ctx: Context, row: ReverificationRow, user: UserRow, step: Step, name: str | None, rest: Parameters
) -> Factor:
    """The factor named by the request, or the first one of the strategy.

    Raises:
        ApiError: 400 for a strategy that is not this user's; 422 for one that is unknown, or another's
            identification.
    """
    if not name:
        raise errors.invalid_params(errors.param_missing("strategy"))
    return choose_factor(ctx, await _factors(ctx, row, user, step), name, rest)


async def _factors(ctx: Context, row: ReverificationRow, user: UserRow, step: Step) -> list[Factor]:
    if step == "needs_first_factor":
        return await first_factors(ctx, user)
    return await second_factors_of(ctx, row, user)


async def _save(ctx: Context, row: ReverificationRow, **changes: Any) -> ReverificationRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now, **changes)
    await ctx.db.save(UPDATE_REVERIFICATION, changed)
    return changed
