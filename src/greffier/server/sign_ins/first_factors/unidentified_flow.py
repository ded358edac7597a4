"""The first factor of a sign-in without an identifier: a strategy says by itself who signs in."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.first_factors import linking_flow
from greffier.server.sign_ins.first_factors.shown import Shown
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import find_strategy, strategy_named
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.verifications.callbacks import save_verification, with_error
from greffier.server.verifications.records import find_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import offer_transfer
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def start(ctx: Context, name: str, rest: Parameters) -> SignInRow:
    """Begin a sign-in with a strategy alone.

    Raises:
        ApiError: what the strategy says, for example that it needs an identifier.
    """
    strategy = strategy_named(ctx, name)
    strategy.require_identifying()
    await strategy.get_ready(ctx)
    client = await ctx.require_client()
    row = await attempts.begin(ctx, client.id, beside_others=strategy.begun_by_pages)
    row = await prepare(ctx, row, name, rest)
    verification = await find_verification(ctx, row.first_factor_verification_id)
    brought = verification is not None and verification.status == "verified"
    return await resume(ctx, row, verification) if verification and brought else row


def _require_identifying(ctx: Context, row: SignInRow, name: str) -> Strategy:
    """Raises: ApiError: 400 when the sign-in is over, or the strategy needs an identifier."""
    flow.require_open(ctx, row)
    strategy = find_strategy(ctx, name)
    if strategy is None or not strategy.identifies:
        raise errors.sign_in_without_identifier()
    return strategy


async def prepare(ctx: Context, row: SignInRow, name: str, rest: Parameters) -> SignInRow:
    """Start the factor, for example with a challenge for a passkey.

    Raises:
        ApiError: 400 when the sign-in is over, or the strategy needs an identifier.
    """
    strategy = _require_identifying(ctx, row, name)
    verification = await strategy.prepare(ctx, Subject(owner_id=row.id, rest=rest))
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    return await attempts.save(ctx, locked, first_factor_verification_id=verification.id)


async def attempt(ctx: Context, row: SignInRow, name: str, evidence: Parameters) -> SignInRow:
    """Check the factor and go on to what comes next.

    Raises:
        ApiError: as `prepare`; errors of the strategy; 422 when it is right and of no user.
    """
    strategy = _require_identifying(ctx, row, name)
    subject = Subject(owner_id=row.id)
    verification = await strategy.attempt(ctx, subject, row.first_factor_verification_id, evidence)
    user_id = await strategy.user_id_of(ctx, verification)
    if user_id is None:
        raise errors.identifier_not_found()
    return await _complete(ctx, row, user_id, verification)


async def resume(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Resume the sign-in after a callback. `row` must be locked.

    Raises:
        ApiError: the sign-in is over, went another way meanwhile, or its user may not sign in.
    """
    if row.first_factor_verification_id != verification.id:
        raise errors.verification_missing()
    strategy = strategy_named(ctx, verification.strategy)
    strategy.require_identifying()
    user_id = await strategy.user_id_of(ctx, verification)
    if user_id is not None:
        return await _complete(ctx, row, user_id, verification)
    address = await strategy.address_to_prove(ctx, verification)
    if address is not None:
        return await linking_flow.begin(ctx, row, verification, address)
    return await _offer_transfer(ctx, row, verification)


async def _offer_transfer(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Offer what no user has to a sign-up. The page to which the browser returns makes that.

    Raises:
        ApiError: 404 where sign-ups are restricted, or the strategy's pages expect that.
    """
    identifier = verification.identifier
    offers = strategy_named(ctx, verification.strategy).offers_transfer
    if identifier is None or not offers or ctx.instance.settings.sign_up.mode != "public":
        raise errors.external_account_not_found()
    flow.require_open(ctx, row)
    offered = await offer_transfer(ctx, row.client_id, verification, identifier)
    await save_verification(ctx, with_error(offered, offered.status, errors.external_account_not_found()))
    return await attempts.save(ctx, row)


async def _complete(ctx: Context, row: SignInRow, user_id: str, verification: VerificationRow) -> SignInRow:
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    if locked.user_id is not None or locked.identifier is not None:
        raise errors.verification_missing()
    return await flow.complete(ctx, await attempts.save(ctx, locked, user_id=user_id), verification)


async def show(ctx: Context, row: SignInRow) -> Shown:
    """Nothing is known yet."""
    return Shown()


def require_second_step(ctx: Context, row: SignInRow) -> None:
    """Raises: ApiError: 400 always: there is none before the first factor is verified."""
    flow.require_open(ctx, row)
    raise errors.sign_in_without_identifier()
