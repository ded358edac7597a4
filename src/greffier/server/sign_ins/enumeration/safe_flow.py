"""The first factor of a sign-in that does not reveal whether there is an account.

Known and unknown identifiers take the same steps, run the same queries and write the same rows: the attempt
gets its user by the verification. Without an account the one difference is that no attempt succeeds. After it
`flow.py` goes on. The transfer of a verified address without an account to a sign-up is in
`verifications/transfers.py`.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.identifications.claims import find_identifying
from greffier.server.identifications.kinds import find_owner
from greffier.server.sessions.lifecycle import live_sessions
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.enumeration.protection import Decoy, check_identifier, decoy_for
from greffier.server.sign_ins.factors import (
    first_factors_offered,
    identification_id_in,
    require_factor,
)
from greffier.server.sign_ins.first_factors.shown import Shown
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.proofs import PasswordProof
from greffier.server.strategies.strategy import Subject
from greffier.server.users.lookup import find_user
from greffier.server.users.restrictions.lockout import (
    count_failure_silently,
    has_exception,
    is_known,
    is_locked,
)
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import delete_transfers, offer_transfer
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

PASSWORD = "password"  # noqa: S105 - the name of a strategy


async def start(
    ctx: Context, identifier: str, strategy: str | None, rest: Parameters, *, sign_up_if_missing: bool
) -> SignInRow:
    """Begin a sign-in, and prepare or attempt its first factor where the request has one.

    Raises:
        ApiError: 422 for an identifier that is malformed or a strategy that this instance does not offer;
            400 `identifier_already_signed_in`; errors of the strategy, which leave a sign-in behind.
    """
    check_identifier(ctx, identifier, sign_up_if_missing=sign_up_if_missing)
    decoy = decoy_for(ctx, identifier)
    await _refuse_signed_in(ctx, decoy)
    fields = {"identifier": identifier, "sign_up_if_missing": sign_up_if_missing or None}
    if strategy != PASSWORD and rest.read(PasswordProof).password is None:
        row = await _begin(ctx, **fields)
        if strategy is None:
            return row
        entered = decoy.identification.id if decoy.identification else None
        return await prepare(ctx, row, strategy, rest, identification_id=entered)
    _require_offered(ctx, decoy, PASSWORD)
    user_id = await _find_user_id(ctx, decoy)
    try:
        verification = await _check_password(ctx, user_id, decoy, rest)
    except ApiError as error:
        if error.failed_attempt:
            await _count_failure(ctx, await _begin(ctx, **fields), user_id, decoy)
        raise
    return await _complete(ctx, await _begin(ctx, **fields), user_id, verification)


async def _find_user_id(ctx: Context, decoy: Decoy) -> str | None:
    """Returns the user with this identifier."""
    owner = await find_owner(ctx, decoy.readings)
    return owner.user_id if owner else None


async def _find_proven_id(ctx: Context, decoy: Decoy) -> str | None:
    """Returns the user of the identifier that codes and links are sent to. What else the text may mean is not
    proven by them."""
    owner = await find_owner(ctx, [decoy.identifier])
    return owner.user_id if owner else None


async def _get_user(ctx: Context, user_id: str | None) -> UserRow | None:
    """Asks the database without a user, too."""
    return await find_user(ctx, user_id or "")


async def _refuse_signed_in(ctx: Context, decoy: Decoy) -> None:
    """Refuse accounts that are signed in here: this browser knows its own accounts, so nothing is
    revealed."""
    sessions = await live_sessions(ctx, ctx.client.id) if ctx.client else []
    user_id = await _find_user_id(ctx, decoy) if sessions else None
    for session in sessions:
        if session.user_id == user_id:
            raise errors.identifier_already_signed_in(session.id)


async def _begin(ctx: Context, **fields: object) -> SignInRow:
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    return await attempts.save(ctx, row, status="needs_first_factor", **fields)


async def prepare(
    ctx: Context, row: SignInRow, name: str, rest: Parameters, *, identification_id: str | None = None
) -> SignInRow:
    """Start a factor. An address without an account gets a notice, or a real code or link where it may sign
    up with it.

    Args:
        identification_id: where the request may not choose it.

    Raises:
        ApiError: 400 when the sign-in is over; 422 for a strategy or an identification that is not
            offered.
    """
    flow.require_open(ctx, row)
    decoy = decoy_for(ctx, row.identifier or "")
    _require_offered(ctx, decoy, name)
    param, given = identification_id_in(ctx, name, rest)
    identification_id = identification_id or given
    if identification_id and (decoy.identification is None or identification_id != decoy.identification.id):
        raise errors.invalid_params(errors.param_value_invalid(param, identification_id))
    strategy = strategy_named(ctx, name)
    if _proves_identifier(ctx, decoy, name):
        sign_up = bool(row.sign_up_if_missing) and not strategy.resets_password
        subject = await _recipient(ctx, decoy, sign_up=sign_up) if identification_id else Subject()
    else:
        user_id = await _find_user_id(ctx, decoy)
        subject = Subject(user=await _get_user(ctx, user_id) or decoy.user)
    former_id = row.first_factor_verification_id
    subject = msgspec.structs.replace(subject, owner_id=row.id, former_id=former_id, rest=rest)
    verification = await strategy.prepare(ctx, subject)
    await delete_transfers(ctx, row.client_id)
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    return await attempts.save(
        ctx, locked, status="needs_first_factor", first_factor_verification_id=verification.id
    )


async def _recipient(ctx: Context, decoy: Decoy, *, sign_up: bool) -> Subject:
    """Returns the recipient of a code or link, by the identifier that was entered. The message does not
    depend on the user, so that the user is not read.
    """
    found = await find_identifying(ctx, decoy.identifier)
    if found is not None:
        return Subject(user=decoy.user, identifier=found.identifier)
    return Subject(identifier=decoy.identifier, notice=None if sign_up else "no_account")


def _proves_identifier(ctx: Context, decoy: Decoy, name: str) -> bool:
    """Returns whether this factor is sent to the identifier, so that it verifies it."""
    factors = first_factors_offered(ctx, decoy)
    return any(factor.strategy == name and factor.identification is not None for factor in factors)


def _require_offered(ctx: Context, decoy: Decoy, name: str) -> None:
    strategy_named(ctx, name)
    require_factor(first_factors_offered(ctx, decoy), name)


async def attempt(ctx: Context, row: SignInRow, name: str, evidence: Parameters) -> SignInRow:
    """Check a factor and go on to what comes next.

    Raises:
        ApiError: 400 when the sign-in is over; 422 for a strategy that it does not offer; errors of the
            strategy; 422 `sign_up_if_missing_transfer` when it is right and there is no account.
    """
    flow.require_open(ctx, row)
    decoy = decoy_for(ctx, row.identifier or "")
    _require_offered(ctx, decoy, name)
    sent = _proves_identifier(ctx, decoy, name)
    user_id = await (_find_proven_id if sent else _find_user_id)(ctx, decoy)
    try:
        if name == PASSWORD:
            verification = await _check_password(ctx, user_id, decoy, evidence)
        else:
            user = decoy.user if sent else await _get_user(ctx, user_id) or decoy.user
            verification = await strategy_named(ctx, name).attempt(
                ctx, Subject(user=user, owner_id=row.id), row.first_factor_verification_id, evidence
            )
    except ApiError as error:
        if error.failed_attempt:
            await _count_failure(ctx, await attempts.lock(ctx, row), user_id, decoy)
        raise
    if user_id is None:
        await _offer_transfer(ctx, row, verification)
        raise errors.sign_up_if_missing_transfer()
    return await _complete(ctx, row, user_id, verification)


async def _count_failure(ctx: Context, row: SignInRow, user_id: str | None, decoy: Decoy) -> None:
    """The failure is written for decoys too, because the time of a commit would reveal it: where there is
    nothing to count, the attempt is written once more in its place. `row` must be locked.
    """
    row = await attempts.save(ctx, row)
    if not await count_failure_silently(ctx, user_id or decoy.user.id):
        await attempts.save(ctx, row)


async def resume(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Resume the sign-in after a callback verified the identifier. `row` must be locked. The sign-in has no
    user afterwards if no account has the identifier, but its verification is transferable.

    Raises:
        ApiError: the sign-in is over, went another way meanwhile, or its user may not sign in.
    """
    if row.first_factor_verification_id != verification.id:
        raise errors.verification_missing()
    user_id = await _find_proven_id(ctx, decoy_for(ctx, row.identifier or ""))
    if user_id is None:
        return await _offer_transfer(ctx, row, verification)
    return await _complete(ctx, row, user_id, verification)


async def _complete(
    ctx: Context, row: SignInRow, user_id: str | None, verification: VerificationRow
) -> SignInRow:
    """Complete a verified factor. After verifying an address the user may learn of a ban or lock; a guessed
    password of a locked user must not be confirmed.
    """
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    row = await attempts.save(ctx, locked, user_id=user_id)
    try:
        return await flow.complete(ctx, row, verification)
    except ApiError as error:
        if verification.strategy == PASSWORD and error.items[0].code == "user_locked":
            raise errors.password_or_identifier_incorrect() from None
        raise


async def _check_password(
    ctx: Context, user_id: str | None, decoy: Decoy, evidence: Parameters
) -> VerificationRow:
    """A password that is not there is wrong, and takes as long to check as one that is. So is a locked
    user's, right or not: a visible lock would reveal the account.

    Raises:
        ApiError: 422 when it is empty; 422 when it, or the identifier, is wrong.
    """
    user = await _get_user(ctx, user_id)
    checked = user if user is not None and user.password_digest is not None else decoy.user
    client_id = ctx.client.id if ctx.client else None
    known = await is_known(ctx, user_id or decoy.user.id, client_id)
    admitted = user is None or not is_locked(user, ctx.now) or (known and has_exception(ctx, user, client_id))
    locked = not admitted
    try:
        verification = await strategy_named(ctx, PASSWORD).attempt(ctx, Subject(user=checked), None, evidence)
    except ApiError as error:
        if error.failed_attempt or (locked and evidence.read(PasswordProof).password):
            raise errors.password_or_identifier_incorrect() from None
        raise
    if locked or checked is not user:
        raise errors.password_or_identifier_incorrect()
    return verification


async def _offer_transfer(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Offer the verified identifier without an account to a sign-up.

    Raises:
        ApiError: 400 when the sign-in is over, or went another way meanwhile.
    """
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    decoy = decoy_for(ctx, locked.identifier or "")
    proven = decoy.identification is not None and _proves_identifier(ctx, decoy, verification.strategy)
    if not locked.sign_up_if_missing or not proven:
        raise errors.verification_missing()
    if locked.first_factor_verification_id != verification.id:
        raise errors.verification_missing()
    await offer_transfer(ctx, locked.client_id, verification, decoy.identifier)
    return await attempts.save(ctx, locked)


async def show(ctx: Context, row: SignInRow) -> Shown:
    """Shows the factors of the decoy; nothing once the identifier's kind identifies no more, because the
    client's resource must not fail for a sign-in that is left behind."""
    try:
        decoy = decoy_for(ctx, row.identifier or "")
    except ApiError:
        return Shown()
    return Shown(decoy.user, first_factors_offered(ctx, decoy))


def require_second_step(ctx: Context, row: SignInRow) -> None:
    """Raises: ApiError: 400 always: there is none before the first factor is verified."""
    flow.require_open(ctx, row)
    raise errors.sign_in_without_first_factor()
