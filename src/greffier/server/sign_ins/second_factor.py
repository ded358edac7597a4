"""The second step of a sign-in: the user's second factor, or proof on a device that they have never used."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications.emails import require_proof_of
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.enumeration.protection import hides_existence
from greffier.server.sign_ins.factors import second_factors, trust_factors
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies.strategy import Evidence, Factor, Subject
from greffier.server.web.context import Context


def _require_known_user(ctx: Context, row: SignInRow) -> None:
    """Raises: ApiError: 400 when it must not be told yet whether the sign-in has a user."""
    if hides_existence(ctx, row):
        flow.require_open(ctx, row)
        raise errors.sign_in_without_first_factor()


async def _offered(ctx: Context, row: SignInRow, subject: Subject) -> list[Factor]:
    """Raises: ApiError: 400 when the sign-in is over, or not at its second step."""
    flow.require_open(ctx, row)
    if subject.user is not None:
        if row.status == "needs_second_factor":
            return await second_factors(ctx, subject.user)
        if row.status == "needs_client_trust":
            return await trust_factors(ctx, subject.user)
    raise errors.sign_in_without_first_factor()


async def _subject(ctx: Context, row: SignInRow, name: str, email_address_id: str | None) -> Subject:
    """Raises: ApiError: 422 for a strategy that is unknown, or that this user does not have here."""
    flow.strategy_named(name)
    subject = await flow.subject_of(ctx, row, email_address_id)
    if name not in {factor.strategy for factor in await _offered(ctx, row, subject)}:
        raise errors.strategy_for_user_invalid()
    return subject


async def _only_address(ctx: Context, row: SignInRow, name: str) -> str | None:
    """The address of the first factor of this name, for callers that do not say which one they mean."""
    offered = await _offered(ctx, row, await flow.subject_of(ctx, row, None))
    ids = [factor.email_address_id for factor in offered if factor.strategy == name]
    return ids[0] if ids and isinstance(ids[0], str) else None


async def prepare_second_factor(
    ctx: Context,
    row: SignInRow,
    name: str,
    email_address_id: str | None,
    redirect_url: str | None = None,
) -> SignInRow:
    """Start the second step, for example send a code.

    Raises:
        ApiError: 400 before the first factor is proven; 422 when the strategy is not offered.
    """
    _require_known_user(ctx, row)
    email_address_id = email_address_id or await _only_address(ctx, row, name)
    subject = await _subject(ctx, row, name, email_address_id)
    subject = msgspec.structs.replace(subject, owner_id=row.id, redirect_url=redirect_url)
    verification = await flow.strategy_named(name).prepare(ctx, subject)
    locked = await attempts.lock(ctx, row)
    return await attempts.save(ctx, locked, second_factor_verification_id=verification.id)


async def attempt_second_factor(ctx: Context, row: SignInRow, name: str, evidence: Evidence) -> SignInRow:
    """Check the second step and let the session begin.

    Raises:
        ApiError: 400 before the first factor is proven; what the strategy says of the evidence.
    """
    _require_known_user(ctx, row)
    subject = await _subject(ctx, row, name, None)
    verification = await flow.attempt(ctx, name, subject, row.second_factor_verification_id, evidence)
    locked, user = await flow.lock_with_user(ctx, row)
    await _offered(ctx, locked, subject)  # nobody started over meanwhile
    await require_proof_of(ctx, user.id, verification)
    proven = await attempts.save(ctx, locked, second_factor_verification_id=verification.id)
    return await flow.begin_session(ctx, proven, user, name)
