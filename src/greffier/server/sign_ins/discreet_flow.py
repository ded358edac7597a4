"""The first factor of a sign-in that does not tell whether there is an account.

Known and unknown identifiers take the same steps, ask the database the same questions and write the same: the
attempt learns its user from a proof. What differs for somebody who does not exist is that no proof is right.
After it `flow.py` goes on. How a proven address without an account becomes a sign-up is in
`verifications/transfers.py`.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.delivery.messages import no_account_message
from greffier.server.errors import ApiError
from greffier.server.identifications.emails import find_claimed
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.sessions.lifecycle import live_sessions
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.discretion import StandIn, address_in, check_identifier, stand_in
from greffier.server.sign_ins.factors import first_factors_of_anybody
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies.strategy import Evidence, Subject
from greffier.server.users.lockout import count_failure_silently, is_locked
from greffier.server.users.queries import GET as GET_USER
from greffier.server.users.tables import UserRow
from greffier.server.users.usernames import find_by_username
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import forget_transfers, offer_transfer
from greffier.server.web.context import Context

PASSWORD = "password"  # noqa: S105 - the name of a strategy


async def start(
    ctx: Context,
    identifier: str,
    strategy: str | None,
    password: str | None,
    redirect_url: str | None,
    *,
    sign_up_if_missing: bool,
) -> SignInRow:
    """Begin a sign-in, with a proof of the first factor or the start of one where they are given.

    Raises:
        ApiError: 422 for an identifier that is malformed or a strategy that this instance does not offer;
            400 `identifier_already_signed_in`; what is wrong with the proof, which leaves an attempt behind.
    """
    check_identifier(ctx, identifier, sign_up_if_missing=sign_up_if_missing)
    nobody = stand_in(ctx, identifier)
    await _refuse_signed_in(ctx, nobody, identifier)
    fields = {"identifier": identifier, "sign_up_if_missing": sign_up_if_missing or None}
    if password is None and strategy != PASSWORD:
        row = await _begin(ctx, **fields)
        if strategy is None:
            return row
        return await prepare(ctx, row, strategy, nobody.email.id if nobody.email else None, redirect_url)
    _require_offered(ctx, nobody, PASSWORD)
    user = await _find_user(ctx, nobody, identifier)
    try:
        verification = await _check(ctx, user, nobody, PASSWORD, None, Evidence(password=password))
    except ApiError as error:
        if error.failed_proof:
            # Written for everybody: counting the failure of somebody who exists takes a commit.
            await _begin(ctx, **fields)
            await count_failure_silently(ctx, user or nobody.user)
        raise
    return await _complete(ctx, await _begin(ctx, **fields), user, verification)


async def _find_email(ctx: Context, nobody: StandIn) -> EmailAddressRow | None:
    return await find_claimed(ctx, nobody.email.email_address) if nobody.email else None


async def _find_user(ctx: Context, nobody: StandIn, identifier: str) -> UserRow | None:
    """Whom an identifier names. The database is asked for nobody, too."""
    if nobody.email is None:
        return await find_by_username(ctx, identifier)
    email = await _find_email(ctx, nobody)
    return await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=email.user_id if email else "")


async def _refuse_signed_in(ctx: Context, nobody: StandIn, identifier: str) -> None:
    """This browser knows its own accounts, and only it is told of them."""
    sessions = await live_sessions(ctx, ctx.client.id) if ctx.client else []
    user = await _find_user(ctx, nobody, identifier) if sessions else None
    for session in sessions:
        if user is not None and session.user_id == user.id:
            raise errors.identifier_already_signed_in(session.id)


async def _begin(ctx: Context, **fields: object) -> SignInRow:
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    return await attempts.save(ctx, row, status="needs_first_factor", **fields)


async def prepare(
    ctx: Context, row: SignInRow, name: str, email_address_id: str | None, redirect_url: str | None
) -> SignInRow:
    """Start a factor. Who has no account is mailed that, or a real code where they may sign up with it.

    Raises:
        ApiError: 400 when the sign-in is over; 422 for a strategy or an address that it does not offer.
    """
    flow.require_open(ctx, row)
    nobody = stand_in(ctx, row.identifier or "")
    _require_offered(ctx, nobody, name)
    if email_address_id and (nobody.email is None or email_address_id != nobody.email.id):
        raise errors.invalid_params(errors.param_value_invalid("email_address_id", email_address_id))
    subject = Subject(owner_id=row.id, redirect_url=redirect_url)
    if email_address_id:
        subject = await _with_address(ctx, subject, row, nobody)
    verification = await flow.strategy_named(name).prepare(ctx, subject)
    await forget_transfers(ctx, row.client_id)
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    return await attempts.save(
        ctx, locked, status="needs_first_factor", first_factor_verification_id=verification.id
    )


async def _with_address(ctx: Context, subject: Subject, row: SignInRow, nobody: StandIn) -> Subject:
    email = await _find_email(ctx, nobody)
    if email is not None:
        return msgspec.structs.replace(subject, user=nobody.user, email=email)
    address = nobody.email.email_address if nobody.email else None
    notice = None if row.sign_up_if_missing else no_account_message
    return msgspec.structs.replace(subject, address=address, notice=notice)


def _require_offered(ctx: Context, nobody: StandIn, name: str) -> None:
    flow.strategy_named(name)
    if name not in {factor.strategy for factor in first_factors_of_anybody(ctx, nobody)}:
        raise errors.strategy_for_user_invalid()


async def attempt(ctx: Context, row: SignInRow, name: str, evidence: Evidence) -> SignInRow:
    """Check a factor and go on to what comes next.

    Raises:
        ApiError: 400 when the sign-in is over; 422 for a strategy that it does not offer; what is wrong with
            the proof; 422 `sign_up_if_missing_transfer` when it is right and there is no account.
    """
    flow.require_open(ctx, row)
    nobody = stand_in(ctx, row.identifier or "")
    _require_offered(ctx, nobody, name)
    user = await _find_user(ctx, nobody, row.identifier or "")
    try:
        verification = await _check(ctx, user, nobody, name, row.first_factor_verification_id, evidence)
    except ApiError as error:
        if error.failed_proof:
            await attempts.save(ctx, await attempts.lock(ctx, row))
            await count_failure_silently(ctx, user or nobody.user)
        raise
    if user is None:
        await _offer_transfer(ctx, row, verification)
        raise errors.sign_up_if_missing_transfer()
    return await _complete(ctx, row, user, verification)


async def go_on_by_link(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """The address is proven by a link. `row` must be locked. The sign-in has no user afterwards if nobody has
    the address, but its verification is transferable.

    Raises:
        ApiError: the sign-in is over, went another way meanwhile, or its user may not sign in.
    """
    if row.first_factor_verification_id != verification.id:
        raise errors.verification_missing()
    user = await _find_user(ctx, stand_in(ctx, row.identifier or ""), row.identifier or "")
    if user is None:
        return await _offer_transfer(ctx, row, verification)
    return await _complete(ctx, row, user, verification)


async def _complete(
    ctx: Context, row: SignInRow, user: UserRow | None, verification: VerificationRow
) -> SignInRow:
    """A proof is right. Who proved an address may learn that they are banned or locked; who found a password
    while it was locked must not learn that it is right."""
    if user is None:
        raise errors.password_or_identifier_incorrect()
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    row = await attempts.save(ctx, locked, user_id=user.id)
    try:
        return await flow.complete(ctx, row, verification)
    except ApiError as error:
        if verification.strategy == PASSWORD and error.items[0].code == "user_locked":
            raise errors.password_or_identifier_incorrect() from None
        raise


async def _check(
    ctx: Context,
    user: UserRow | None,
    nobody: StandIn,
    name: str,
    verification_id: str | None,
    evidence: Evidence,
) -> VerificationRow:
    """Check evidence. A password that is not there is wrong, and takes as long to check as one that is. So
    is a locked user's, right or not: a lock that showed would tell that there is somebody.

    Raises:
        ApiError: what the strategy says; that a password is wrong is said of the identifier as well.
    """
    subject = Subject(user=user or nobody.user)
    if user is None or user.password_digest is None:
        digest = nobody.user.password_digest
        subject = Subject(user=msgspec.structs.replace(user or nobody.user, password_digest=digest))
    locked = user is not None and is_locked(user, ctx.now)
    try:
        verification = await flow.strategy_named(name).attempt(ctx, subject, verification_id, evidence)
    except ApiError as error:
        if name == PASSWORD and (error.failed_proof or (locked and evidence.password)):
            raise errors.password_or_identifier_incorrect() from None
        raise
    if name == PASSWORD and locked:
        raise errors.password_or_identifier_incorrect()
    return verification


async def _offer_transfer(ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
    """An address is proven that no account had: its owner may sign up with it.

    Raises:
        ApiError: 400 when the sign-in is over, or went another way meanwhile.
    """
    locked = await attempts.lock(ctx, row)
    flow.require_open(ctx, locked)
    address = address_in(locked.identifier or "")
    if not locked.sign_up_if_missing or address is None:
        raise errors.verification_missing()
    if locked.first_factor_verification_id != verification.id:
        raise errors.verification_missing()
    await offer_transfer(ctx, locked.client_id, verification, address)
    return await attempts.save(ctx, locked)
