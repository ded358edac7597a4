"""The first factor of a sign-in that may reveal whether there is an account. `enumeration/safe_flow.py` has
the same steps for one that must not; `selection.py` chooses.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.kinds import Owner
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.factors import (
    choose_factor,
    identification_id_in,
    require_factor,
    require_proof,
    supported_first_factors,
)
from greffier.server.sign_ins.first_factors.shown import Shown
from greffier.server.sign_ins.second_factors.requirement import factors_of_step
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.proofs import PasswordProof
from greffier.server.strategies.strategy import Subject
from greffier.server.users.lookup import find_user
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def start(
    ctx: Context, identifier: str, strategy: str | None, rest: Parameters, *, sign_up_if_missing: bool
) -> SignInRow:
    """Begin a sign-in, and prepare or attempt its first factor where the request has one.

    Raises:
        ApiError: as `flow.user_named` and the strategy do; nothing is left behind then.
    """
    user, owner = await flow.user_named(ctx, identifier)
    if strategy == "password" or rest.read(PasswordProof).password is not None:
        return await _with_password(ctx, user, identifier, rest)
    row = await begin(ctx, user, identifier)
    if strategy is None:
        return row
    identification_id = await _identification_id(ctx, user, owner, strategy)
    return await prepare(ctx, row, strategy, rest, identification_id=identification_id)


async def begin(ctx: Context, user: UserRow, identifier: str) -> SignInRow:
    client = await ctx.require_client()
    return await flow.identify(ctx, await attempts.begin(ctx, client.id), user, identifier)


async def _with_password(ctx: Context, user: UserRow, identifier: str, rest: Parameters) -> SignInRow:
    """The password is checked before the attempt is written, so that hashing holds no lock."""
    verification = await flow.attempt(ctx, "password", Subject(user=user), None, rest)
    return await flow.complete(ctx, await begin(ctx, user, identifier), verification)


async def _identification_id(ctx: Context, user: UserRow, owner: Owner, strategy: str) -> str | None:
    """The entered identification; for one of another kind, the user's primary one of the strategy's kind."""
    factors = await supported_first_factors(ctx, user, None)
    offered = [one.identification for one in factors if one.strategy == strategy and one.identification]
    found = [one for one in offered if owner.identification and one.id == owner.identification.id]
    found += [one for one in offered if one.is_primary]
    return found[0].id if found else None


async def prepare(
    ctx: Context, row: SignInRow, name: str, rest: Parameters, *, identification_id: str | None = None
) -> SignInRow:
    """Start a factor, for example send a code.

    Args:
        identification_id: where the request may not choose it.

    Raises:
        ApiError: 400 when the strategy is not this user's; 422 when it is unknown, or the identification is
            not offered with it.
    """
    flow.require_open(ctx, row)
    user = await flow.user_of(ctx, row)
    offered = await supported_first_factors(ctx, user, row.identifier)
    _, given = identification_id_in(ctx, name, rest)
    factor = choose_factor(ctx, offered, name, rest, identification_id)
    named = factor.identification if identification_id or given else None
    subject = Subject(
        user=user,
        identifier=named.identifier if named else None,
        owner_id=row.id,
        former_id=row.first_factor_verification_id,
        rest=rest,
    )
    verification = await strategy_named(ctx, name).prepare(ctx, subject)
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    # Preparing another factor starts over: an earlier verification no longer counts.
    return await attempts.save(
        ctx,
        locked,
        status="needs_first_factor",
        first_factor_verification_id=verification.id,
        account_verification_id=None,
    )


async def _require_offered(ctx: Context, row: SignInRow, user: UserRow, name: str) -> None:
    strategy_named(ctx, name)
    require_factor(await supported_first_factors(ctx, user, row.identifier), name)


async def attempt(ctx: Context, row: SignInRow, name: str, evidence: Parameters) -> SignInRow:
    """Check a factor and go on to what comes next."""
    flow.require_open(ctx, row)
    user = await flow.user_of(ctx, row)
    await _require_offered(ctx, row, user, name)
    subject = Subject(user=user, owner_id=row.id)
    verification = await flow.attempt(ctx, name, subject, row.first_factor_verification_id, evidence)
    return await flow.complete(ctx, row, verification)


async def resume(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Resume the sign-in after a callback verified the first factor, or the second step.

    Raises:
        ApiError: the sign-in is over, went another way meanwhile, or its user may not sign in.
    """
    locked, user = await flow.lock_with_user(ctx, row)
    if locked.status == "needs_first_factor" and locked.first_factor_verification_id == verification.id:
        return await flow.complete(ctx, locked, verification)
    second = locked.status in ("needs_second_factor", "needs_client_trust")
    if second and locked.second_factor_verification_id == verification.id:
        require_proof(await factors_of_step(ctx, locked, user) or [], verification)
        return await flow.begin_session(ctx, locked, user, verification.strategy)
    raise errors.verification_missing()


async def show(ctx: Context, row: SignInRow) -> Shown:
    """The user with the identifier, and their factors."""
    user = await find_user(ctx, row.user_id) if row.user_id else None
    if user is None:
        return Shown()
    factors = await supported_first_factors(ctx, user, row.identifier)
    return Shown(user, factors, await factors_of_step(ctx, row, user))


def require_second_step(ctx: Context, row: SignInRow) -> None:
    """Refuses nothing: the factors decide whether there is a second step."""
