"""The first factor of a sign-in with an account at another site whose address only one side has verified: the
person verifies that address here, and by nothing else, before the account is connected.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.claims import find_of_user, of_user
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.factors import choose_factor, require_factor
from greffier.server.sign_ins.first_factors.shown import Shown
from greffier.server.sign_ins.first_factors.taking_over import take_over
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import find_strategy, strategy_named
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.lookup import find_user
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import find_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


def is_linking(row: SignInRow) -> bool:
    """Returns whether the address of an account at another site is still to be verified."""
    return row.account_verification_id is not None and row.status == "needs_first_factor"


async def begin(
    ctx: Context, row: SignInRow, verification: VerificationRow, address: IdentificationRow
) -> SignInRow:
    """Let the person verify the address.

    Args:
        verification: of the account at the other site.

    Raises:
        ApiError: 400 when the sign-in is over, or no strategy verifies the address; 403 when the user is
            banned or locked; 400 when they are signed in here.
    """
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    user = await find_user(ctx, address.user_id)
    if user is None or not _factors(ctx, address):
        raise errors.external_account_address_unverified()
    await flow.refuse_user(ctx, user, row.client_id)
    return await attempts.save(
        ctx,
        locked,
        status="needs_first_factor",
        identifier=address.value,
        user_id=user.id,
        first_factor_verification_id=None,
        account_verification_id=verification.id,
    )


def _factors(ctx: Context, address: IdentificationRow | None) -> list[Factor]:
    """Returns those that verify the address: what else its user has proves nothing about it."""
    if address is None:
        return []
    settings = ctx.instance.settings.attribute(address.kind)
    named = dict.fromkeys((*settings.verifications, *settings.first_factors))
    found = [strategy for name in named if (strategy := find_strategy(ctx, name)) is not None]
    return [
        Factor(strategy=one.name, identification=address, safe_identifier=address.value)
        for one in found
        if one.kind == address.kind and not one.resets_password
    ]


async def _address(ctx: Context, row: SignInRow) -> IdentificationRow | None:
    """Returns the address, unless it was removed meanwhile."""
    owned = await of_user(ctx, row.user_id) if row.user_id else []
    return next((one.row for one in owned if one.row.value == row.identifier), None)


async def prepare(ctx: Context, row: SignInRow, name: str, rest: Parameters) -> SignInRow:
    """Send a code or a link to the address.

    Raises:
        ApiError: 400 when the sign-in is over, or the strategy does not verify the address.
    """
    flow.require_open(ctx, row)
    user = await flow.user_of(ctx, row)
    factor = choose_factor(ctx, _factors(ctx, await _address(ctx, row)), name, rest)
    subject = Subject(
        user=user,
        identifier=factor.identification.identifier if factor.identification else None,
        owner_id=row.id,
        former_id=row.first_factor_verification_id,
        rest=rest,
    )
    verification = await strategy_named(ctx, name).prepare(ctx, subject)
    locked = await attempts.lock(ctx, row)
    if not is_linking(locked):
        raise errors.verification_missing()
    return await attempts.save(ctx, locked, first_factor_verification_id=verification.id)


async def attempt(ctx: Context, row: SignInRow, name: str, evidence: Parameters) -> SignInRow:
    """Check the code and go on to what comes next.

    Raises:
        ApiError: as `prepare`; errors of the strategy.
    """
    flow.require_open(ctx, row)
    user = await flow.user_of(ctx, row)
    strategy_named(ctx, name)
    require_factor(_factors(ctx, await _address(ctx, row)), name)
    subject = Subject(user=user, owner_id=row.id)
    verification = await flow.attempt(ctx, name, subject, row.first_factor_verification_id, evidence)
    return await _complete(ctx, row, verification)


async def resume(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """Resume the sign-in after a link has verified the address. `row` must be locked.

    Raises:
        ApiError: 400 when the sign-in went another way meanwhile.
    """
    if row.first_factor_verification_id != verification.id:
        raise errors.verification_missing()
    return await _complete(ctx, row, verification)


async def _complete(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    locked, user = await flow.lock_with_user(ctx, row)
    proven = verification.identifier
    address = await find_of_user(ctx, user.id, proven) if proven else None
    if not is_linking(locked) or address is None:
        raise errors.verification_missing()
    if address.claimed and not address.reserved:
        return await flow.complete(ctx, locked, verification)
    had_password = user.password_digest is not None
    user = await take_over(ctx, address, verification)
    await _connect(ctx, locked, user)
    locked = await attempts.save(ctx, locked, first_factor_verification_id=verification.id)
    if had_password and ctx.instance.settings.attribute("password").enabled:
        return await attempts.save(ctx, locked, status="needs_new_password")
    return await flow.after_first_factor(ctx, locked, user, verification)


async def _connect(ctx: Context, row: SignInRow, user: UserRow) -> None:
    """At once: the password that was there is none any more, and the account is a way in."""
    verification = await find_verification(ctx, row.account_verification_id)
    if verification is not None:
        await strategy_named(ctx, verification.strategy).connect(ctx, user.id, verification)


async def show(ctx: Context, row: SignInRow) -> Shown:
    """The user with the address, and what verifies it."""
    user = await find_user(ctx, row.user_id) if row.user_id else None
    return Shown(user, _factors(ctx, await _address(ctx, row))) if user is not None else Shown()


def require_second_step(ctx: Context, row: SignInRow) -> None:
    """Raises: ApiError: 400 always: there is none before the first factor is verified."""
    flow.require_open(ctx, row)
    raise errors.sign_in_without_first_factor()
