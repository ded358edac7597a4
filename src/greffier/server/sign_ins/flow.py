"""The states of a sign-in: identifier, first factor, a second step where one is asked for, complete.

Evidence is checked before the attempt is locked, because checking a password takes as long as a hundred
requests; the lock then decides which of several parallel attempts completes the sign-in.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.admission.tables import SignInTokenRow
from greffier.server.errors import ApiError
from greffier.server.identifications.emails import find_claimed, read_email_address, require_proof_of
from greffier.server.identifications.queries import GET_OF_USER
from greffier.server.sessions.lifecycle import create_session, live_sessions, require_admitted
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tasks import asks_for
from greffier.server.sign_ins import attempts
from greffier.server.sign_ins.factors import supported_first_factors
from greffier.server.sign_ins.second_step import second_step
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import strategies
from greffier.server.strategies.strategy import Evidence, Strategy, Subject
from greffier.server.users.passwords.policy import RESET_PASSWORD
from greffier.server.users.profile.usernames import find_by_username
from greffier.server.users.queries import GET as GET_USER
from greffier.server.users.restrictions.lockout import count_failure
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


def strategy_named(name: str) -> Strategy:
    strategy = strategies().get(name)
    if strategy is None:
        raise errors.strategy_invalid(name)
    return strategy


async def find_user(ctx: Context, identifier: str) -> UserRow:
    """The user whom an identifier names.

    Raises:
        ApiError: 422 when it is malformed, or nobody has it; 403 when the user is banned or locked; 400
            `identifier_already_signed_in` when that user is signed in on this client.
    """
    user = await _named_user(ctx, identifier)
    if user is None:
        raise errors.identifier_not_found()
    await refuse_user(ctx, user)
    return user


async def _named_user(ctx: Context, identifier: str) -> UserRow | None:
    if "@" not in identifier and ctx.instance.settings.attribute("username").identifier:
        return await find_by_username(ctx, identifier)
    email = await find_claimed(ctx, read_email_address(identifier, "identifier"))
    return await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=email.user_id) if email else None


async def refuse_user(ctx: Context, user: UserRow, client_id: str | None = None) -> None:
    """Args: client_id: where the user is about to sign in, if it is not the browser that asks.

    Raises:
        ApiError: 403 when the user is banned or locked; 400 when signed in there already.
    """
    require_admitted(user, ctx.now)
    client_id = client_id or (ctx.client.id if ctx.client else None)
    if client_id is not None:
        for session in await live_sessions(ctx, client_id):
            if session.user_id == user.id:
                raise errors.identifier_already_signed_in(session.id)


async def identify(ctx: Context, row: SignInRow, user: UserRow, identifier: str | None) -> SignInRow:
    """The attempt knows its user now."""
    return await attempts.save(ctx, row, status="needs_first_factor", identifier=identifier, user_id=user.id)


async def subject_of(ctx: Context, row: SignInRow, email_address_id: str | None) -> Subject:
    """Whom a factor of this sign-in is about; the address must be the user's own.

    Raises:
        ApiError: 400 when the sign-in has no identifier yet, 422 for another's address.
    """
    if row.user_id is None:
        raise errors.sign_in_without_identifier()
    user = await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=row.user_id)
    if user is None:
        raise errors.not_found("sign-in")
    if not email_address_id:
        return Subject(user=user)
    email = await ctx.db.one(GET_OF_USER, instance_id=ctx.instance.id, user_id=user.id, id=email_address_id)
    if email is None or not email.email.claimed:
        raise errors.invalid_params(errors.param_value_invalid("email_address_id", email_address_id))
    return Subject(user=user, email=email.email)


def require_open(ctx: Context, row: SignInRow) -> None:
    """Raises: ApiError: 400 when the sign-in is over."""
    if attempts.status_of(row, ctx.now) in ("complete", "abandoned"):
        raise errors.sign_in_is_over()


async def prepare_first_factor(
    ctx: Context,
    row: SignInRow,
    name: str,
    email_address_id: str | None,
    redirect_url: str | None = None,
) -> SignInRow:
    """Start a factor, for example send a code.

    Raises:
        ApiError: 422 when the strategy is unknown or not this user's.
    """
    require_open(ctx, row)
    subject = await subject_of(ctx, row, email_address_id)
    await _require_offered(ctx, row, subject, name)
    subject = msgspec.structs.replace(subject, owner_id=row.id, redirect_url=redirect_url)
    verification = await strategy_named(name).prepare(ctx, subject)
    locked = await attempts.lock(ctx, row)
    require_open(ctx, locked)
    # Whoever prepares another factor starts over: what was proven before no longer counts.
    return await attempts.save(
        ctx,
        locked,
        status="needs_first_factor",
        first_factor_verification_id=verification.id,
    )


async def _require_offered(ctx: Context, row: SignInRow, subject: Subject, name: str) -> None:
    strategy_named(name)
    if subject.user is None:
        raise errors.sign_in_without_identifier()
    offered = await supported_first_factors(ctx, subject.user, row.identifier)
    if name not in {factor.strategy for factor in offered}:
        raise errors.strategy_for_user_invalid()


async def attempt_first_factor(ctx: Context, row: SignInRow, name: str, evidence: Evidence) -> SignInRow:
    """Check a factor and go on to what comes next."""
    require_open(ctx, row)
    subject = await subject_of(ctx, row, None)
    await _require_offered(ctx, row, subject, name)
    verification = await attempt(ctx, name, subject, row.first_factor_verification_id, evidence)
    return await complete(ctx, row, verification)


async def attempt(
    ctx: Context, name: str, subject: Subject, verification_id: str | None, evidence: Evidence
) -> VerificationRow:
    """Check evidence; a wrong one counts towards the user's lockout.

    Raises:
        ApiError: what the strategy says; 403 when the user is banned or locked, or is locked by this failure.
    """
    if subject.user is not None:
        require_admitted(subject.user, ctx.now)
    try:
        return await strategy_named(name).attempt(ctx, subject, verification_id, evidence)
    except ApiError as error:
        if error.failed_proof and subject.user is not None:
            await count_failure(ctx, subject.user.id)
        raise


async def complete(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """The first factor is proven: a session begins, once, unless there is another step before it.

    Raises:
        ApiError: as `lock_with_user`; 400 when what was proven is not the user's.
    """
    locked, user = await lock_with_user(ctx, row)
    await require_proof_of(ctx, user.id, verification)
    proven = await attempts.save(ctx, locked, first_factor_verification_id=verification.id)
    strategy = strategies().get(verification.strategy)  # a ticket, say, is none
    if strategy is not None and strategy.resets_password:
        return await attempts.save(ctx, proven, status="needs_new_password")
    return await after_first_factor(ctx, proven, user, verification)


async def lock_with_user(ctx: Context, row: SignInRow) -> tuple[SignInRow, UserRow]:
    """The attempt as it is now, held until the request ends, and its user.

    Raises:
        ApiError: 400 when the attempt is over or has no user; 403 when the user is banned or locked.
    """
    locked = await attempts.lock(ctx, row)
    require_open(ctx, locked)
    if locked.user_id is None:
        raise errors.sign_in_without_identifier()
    user = await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=locked.user_id)
    if user is None:
        raise errors.not_found("user")
    await refuse_user(ctx, user, row.client_id)
    return locked, user


async def after_first_factor(
    ctx: Context, row: SignInRow, user: UserRow, verification: VerificationRow
) -> SignInRow:
    """Ask for the second step if there is one, else let the session begin. `row` must be locked.

    Whose password is known to others chooses another one now, unless the session will ask for it.
    """
    if user.password_compromised_at is not None and not asks_for(ctx, RESET_PASSWORD):
        return await attempts.save(ctx, row, status="needs_new_password")
    step = await second_step(ctx, user, row.client_id, verification.strategy)
    row = await attempts.save(ctx, row, client_trust_state=step.client_trust_state)
    if step.status is not None:
        return await attempts.save(ctx, row, status=step.status, second_factor_verification_id=None)
    return await begin_session(ctx, row, user, verification.strategy)


async def begin_session(ctx: Context, row: SignInRow, user: UserRow, strategy: str) -> SignInRow:
    """Everything is proven. `row` must be locked."""
    both = row.status == "needs_second_factor"
    session = await create_session(ctx, user.id, row.client_id, second_factor=both)
    return await _finish(ctx, row, session, strategy)


async def begin_impersonation(
    ctx: Context, row: SignInRow, user: UserRow, verification: VerificationRow, token: SignInTokenRow
) -> SignInRow:
    """Somebody else acts as the user for a while, and proves nothing of the user's own factors."""
    session = await create_session(
        ctx, user.id, row.client_id, actor=token.actor, lifetime=token.session_lifetime
    )
    row = await attempts.save(ctx, row, first_factor_verification_id=verification.id)
    return await _finish(ctx, row, session, verification.strategy)


async def _finish(ctx: Context, row: SignInRow, session: SessionRow, strategy: str) -> SignInRow:
    ctx.authentication_strategy = strategy
    return await attempts.save(ctx, row, status="complete", created_session_id=session.id)
