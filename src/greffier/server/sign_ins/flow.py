"""The states of a sign-in: identifier, first factor, a second step where one is asked for, complete.

Evidence is checked before the attempt is locked, because checking a password takes as long as a hundred
requests; the lock then decides which of several parallel attempts completes the sign-in.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.tables import SignInTokenRow
from greffier.server.errors import ApiError
from greffier.server.identifications.claims import require_proof_of
from greffier.server.identifications.kinds import Owner, find_owner, readings
from greffier.server.sessions.lifecycle import create_session, live_sessions, require_admitted
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tasks import asks_for
from greffier.server.sign_ins import attempts
from greffier.server.sign_ins.second_factors.requirement import second_step
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import find_strategy, strategy_named
from greffier.server.strategies.strategy import Subject
from greffier.server.users.lookup import find_user
from greffier.server.users.passwords.policy import RESET_PASSWORD
from greffier.server.users.restrictions.lockout import count_failure
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import find_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def user_named(ctx: Context, identifier: str) -> tuple[UserRow, Owner]:
    """Returns the user with this identifier, and the identification that matched.

    Raises:
        ApiError: 422 when it is malformed, or no user has it; 403 when the user is banned or locked; 400
            `identifier_already_signed_in` when that user is signed in on this client.
    """
    owner = await find_owner(ctx, readings(ctx, identifier))
    user = await _user_of(ctx, owner)
    if user is None or owner is None:
        raise errors.identifier_not_found()
    await refuse_user(ctx, user)
    return user, owner


async def _user_of(ctx: Context, owner: Owner | None) -> UserRow | None:
    if owner is None:
        return None
    if isinstance(owner.user, UserRow):
        return owner.user
    return await find_user(ctx, owner.user_id)


async def refuse_user(
    ctx: Context, user: UserRow, client_id: str | None = None, *, despite_failures: bool = False
) -> None:
    """Args: client_id: where the user is about to sign in, if it is not the browser that asks.
    despite_failures: as `require_admitted`.

    Raises:
        ApiError: 403 when the user is banned or locked; 400 when signed in there already.
    """
    await require_admitted(ctx, user, client_id, despite_failures=despite_failures)
    client_id = client_id or (ctx.client.id if ctx.client else None)
    if client_id is not None:
        for session in await live_sessions(ctx, client_id):
            if session.user_id == user.id:
                raise errors.identifier_already_signed_in(session.id)


async def identify(ctx: Context, row: SignInRow, user: UserRow, identifier: str | None) -> SignInRow:
    """The attempt knows its user now."""
    return await attempts.save(ctx, row, status="needs_first_factor", identifier=identifier, user_id=user.id)


async def user_of(ctx: Context, row: SignInRow) -> UserRow:
    """Raises: ApiError: 400 when the sign-in has no identifier yet."""
    if row.user_id is None:
        raise errors.sign_in_without_identifier()
    user = await find_user(ctx, row.user_id)
    if user is None:
        raise errors.not_found("sign-in")
    return user


def require_open(ctx: Context, row: SignInRow) -> None:
    """Raises: ApiError: 400 when the sign-in is over."""
    if attempts.status_of(row, ctx.now) in ("complete", "abandoned"):
        raise errors.sign_in_is_over()


async def attempt(
    ctx: Context, name: str, subject: Subject, verification_id: str | None, evidence: Parameters
) -> VerificationRow:
    """Check evidence; a wrong one counts towards the user's lockout.

    Raises:
        ApiError: what the strategy says; 403 when the user is banned or locked, or is locked by this failure.
    """
    if subject.user is not None:
        await require_admitted(ctx, subject.user, despite_failures=_cannot_be_guessed(ctx, name))
    try:
        return await strategy_named(ctx, name).attempt(ctx, subject, verification_id, evidence)
    except ApiError as error:
        if error.failed_attempt and subject.user is not None:
            await count_failure(ctx, subject.user.id, error)
        raise


async def require_first_factor_of(ctx: Context, user_id: str, verification: VerificationRow) -> None:
    """Raises: ApiError: 400 when what was verified is not the user's now."""
    strategy = find_strategy(ctx, verification.strategy)  # a ticket, say, is none
    if strategy is None or not strategy.identifies:
        await require_proof_of(ctx, user_id, verification)
    elif await strategy.user_id_of(ctx, verification) != user_id:
        raise errors.verification_missing()


async def complete(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Complete a verified first factor: a session begins, once, unless there is another step before it.

    Raises:
        ApiError: as `lock_with_user`; 400 when the verified identifier is not the user's.
    """
    unguessable = _cannot_be_guessed(ctx, verification.strategy)
    locked, user = await lock_with_user(ctx, row, despite_failures=unguessable)
    await require_first_factor_of(ctx, user.id, verification)
    strategy = find_strategy(ctx, verification.strategy)
    connects = strategy is not None and strategy.connects
    proven = await attempts.save(
        ctx,
        locked,
        first_factor_verification_id=verification.id,
        account_verification_id=verification.id if connects else locked.account_verification_id,
    )
    if strategy is not None and strategy.resets_password:
        return await attempts.save(ctx, proven, status="needs_new_password")
    return await after_first_factor(ctx, proven, user, verification)


def _cannot_be_guessed(ctx: Context, name: str) -> bool:
    strategy = find_strategy(ctx, name)
    return strategy is not None and not strategy.guessable


async def lock_with_user(
    ctx: Context, row: SignInRow, *, despite_failures: bool = False
) -> tuple[SignInRow, UserRow]:
    """The attempt as it is now, held until the request ends, and its user.

    Args:
        despite_failures: as `require_admitted`.

    Raises:
        ApiError: 400 when the attempt is over or has no user; 403 when the user is banned or locked.
    """
    locked = await attempts.lock(ctx, row)
    require_open(ctx, locked)
    if locked.user_id is None:
        raise errors.sign_in_without_identifier()
    user = await find_user(ctx, locked.user_id)
    if user is None:
        raise errors.not_found("user")
    await refuse_user(ctx, user, row.client_id, despite_failures=despite_failures)
    return locked, user


async def after_first_factor(
    ctx: Context, row: SignInRow, user: UserRow, verification: VerificationRow
) -> SignInRow:
    """Ask for the second step if there is one, else let the session begin. `row` must be locked.

    A user with a compromised password chooses another one now, unless a session task will ask for it.
    """
    if user.password_compromised_at is not None and not asks_for(ctx, RESET_PASSWORD):
        return await attempts.save(ctx, row, status="needs_new_password")
    step = await second_step(ctx, user, row.client_id, verification.strategy)
    row = await attempts.save(ctx, row, client_trust_state=step.client_trust_state)
    if step.status is not None:
        return await attempts.save(ctx, row, status=step.status, second_factor_verification_id=None)
    return await begin_session(ctx, row, user, verification.strategy, both=step.satisfied)


async def begin_session(
    ctx: Context, row: SignInRow, user: UserRow, strategy: str, *, both: bool = False
) -> SignInRow:
    """Begin the session of a verified sign-in. `row` must be locked. Args: both: the first factor was the
    second one too."""
    both = both or row.status == "needs_second_factor"
    session = await create_session(
        ctx,
        user.id,
        row.client_id,
        second_factor=both,
        despite_failures=_cannot_be_guessed(ctx, strategy),
    )
    return await _finish(ctx, row, session, strategy)


async def begin_impersonation(
    ctx: Context, row: SignInRow, user: UserRow, verification: VerificationRow, token: SignInTokenRow
) -> SignInRow:
    """Begins a session in which an actor acts as the user, without the user's own factors."""
    session = await create_session(
        ctx, user.id, row.client_id, actor=token.actor, lifetime=token.session_lifetime
    )
    row = await attempts.save(ctx, row, first_factor_verification_id=verification.id)
    return await _finish(ctx, row, session, verification.strategy)


async def _finish(ctx: Context, row: SignInRow, session: SessionRow, strategy: str) -> SignInRow:
    await _connect_account(ctx, row, session.user_id)
    ctx.authentication_strategy = strategy
    return await attempts.save(ctx, row, status="complete", created_session_id=session.id)


async def _connect_account(ctx: Context, row: SignInRow, user_id: str) -> None:
    """Not before the session begins: who lacks the second factor changes nothing of the user's."""
    verification = await find_verification(ctx, row.account_verification_id)
    strategy = find_strategy(ctx, verification.strategy) if verification else None
    if verification is not None and strategy is not None:  # not switched off meanwhile
        await strategy.connect(ctx, user_id, verification)
