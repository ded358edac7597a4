"""The states of a sign-up: fields, verification, and the user at the end."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.invitations import accept_invitation
from greffier.server.identifications.claims import give, require_unclaimed
from greffier.server.identifications.kinds import kind_named, kinds, verifiable_kinds
from greffier.server.identifications.notices import notice_if_taken
from greffier.server.sessions.lifecycle import create_session
from greffier.server.sign_ups import attempts, external_accounts
from greffier.server.sign_ups.changes import Changes
from greffier.server.sign_ups.requirements import is_of_account, requirements
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.users.creation import insert_user, new_user
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.queries import GET as GET_VERIFICATION
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import take_transfer
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def apply(ctx: Context, row: SignUpRow, changes: Changes) -> SignUpRow:
    """Write the changes; a sign-up that has everything then becomes a user."""
    return await complete_if_possible(ctx, await attempts.save(ctx, row, **changes.applied_to(row)))


async def verifications_of(ctx: Context, row: SignUpRow) -> dict[str, VerificationRow]:
    """The verifications of what the sign-up has now, by kind; an account at another site is of one too."""
    known = {kind.name: kind for kind in verifiable_kinds()}
    found: dict[str, VerificationRow] = {}
    for name in row.identifications:
        value, one = row.value_of(name), await verification_of(ctx, row, name)
        if value is None or one is None:
            continue
        identifier = known[name].identifier(value) if name in known else Identifier(name, value, value)
        if one.proves(identifier):
            found[name] = one
    return found


async def verification_of(ctx: Context, row: SignUpRow, kind: str) -> VerificationRow | None:
    """Returns the last verification of this kind that the sign-up asked for."""
    verification_id = row.verification_id_of(kind)
    if verification_id is None:
        return None
    return await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=verification_id)


def _to_verify(ctx: Context, row: SignUpRow, name: str) -> tuple[Strategy, Identifier]:
    """The strategy, and what it is to verify.

    Raises:
        ApiError: 422 when the strategy is not on, or the sign-up has nothing for it.
    """
    strategy = strategy_named(ctx, name)
    if strategy.kind is None or name not in ctx.instance.settings.attribute(strategy.kind).verifications:
        raise errors.strategy_invalid(name)
    value = row.value_of(strategy.kind)
    if value is None:
        raise errors.invalid_params(errors.param_missing(strategy.kind))
    return strategy, kind_named(strategy.kind).identifier(value)


async def prepare(ctx: Context, row: SignUpRow, name: str, rest: Parameters) -> SignUpRow:
    """Start verifying what the strategy is for.

    Raises:
        ApiError: 422 for a strategy that is not on, or that has nothing to verify; 400 when it is verified
            already.
    """
    locked = await attempts.lock(ctx, row)
    strategy = strategy_named(ctx, name)
    if strategy.connects:
        return await _ask_for_account(ctx, locked, strategy, rest)
    strategy, identifier = _to_verify(ctx, locked, name)
    verification = (await verifications_of(ctx, locked)).get(identifier.kind)
    if verification is not None and verification.status == "verified":
        raise errors.verification_already_verified()
    notice = await notice_if_taken(ctx, identifier)
    former_id = locked.verification_id_of(identifier.kind)
    subject = Subject(
        identifier=identifier, owner_id=locked.id, former_id=former_id, notice=notice, rest=rest
    )
    prepared = await strategy.prepare(ctx, subject)
    changed = locked.with_verification(identifier.kind, prepared.id)
    return await attempts.save(ctx, locked, identifications=changed)


async def _ask_for_account(
    ctx: Context, locked: SignUpRow, strategy: Strategy, rest: Parameters
) -> SignUpRow:
    """Send the browser to another site, unless the request has brought the proof of an account there."""
    strategy.require_identifying()
    verification = await strategy.prepare(ctx, Subject(owner_id=locked.id, rest=rest))
    changed = locked.with_verification(strategy.kind or strategy.name, verification.id)
    row = await attempts.save(ctx, locked, identifications=changed)
    return row if verification.status != "verified" else await take_account(ctx, row, verification)


async def attempt(ctx: Context, row: SignUpRow, name: str, evidence: Parameters) -> SignUpRow:
    """Attempt the verification; a sign-up that has everything then becomes a user. Evidence is checked before
    the sign-up is locked, because the strategy may ask other servers.

    Raises:
        ApiError: 400 when the sign-up is over, or has another verification by then; what the strategy says.
    """
    if attempts.status_of(row, ctx.now) != "missing_requirements":
        raise errors.sign_up_is_over()
    strategy, identifier = _to_verify(ctx, row, name)
    former = row.verification_id_of(identifier.kind)
    subject = Subject(identifier=identifier, owner_id=row.id)
    verification = await strategy.attempt(ctx, subject, former, evidence)
    locked = await attempts.lock(ctx, row)
    if locked.verification_id_of(identifier.kind) != former:
        raise errors.verification_missing()
    changed = locked.with_verification(identifier.kind, verification.id)
    return await complete_if_possible(ctx, await attempts.save(ctx, locked, identifications=changed))


async def transfer(ctx: Context, row: SignUpRow, changes: Changes) -> SignUpRow:
    """Write the changes of a sign-up that begins with an identifier that this client verified in a sign-in.

    Raises:
        ApiError: 400 when there is nothing; 422 when a user was given it meanwhile; 403 when it is
            not allowed.
    """
    taken, verification = await take_transfer(ctx)
    if strategy_named(ctx, verification.strategy).connects:
        return await take_account(ctx, row, verification, changes)
    kind = kind_named(taken.kind)
    identifier = kind.identifier(taken.value)
    await require_unclaimed(ctx, identifier)
    await kind.require_allowed(ctx, identifier)
    changes.set_verified(identifier, verification.id)
    return await apply(ctx, row, changes)


async def resume(ctx: Context, row: SignUpRow, verification: VerificationRow) -> SignUpRow:
    """Resume the sign-up after a callback. `row` must be locked.

    Raises:
        ApiError: 400 when it has something else to verify meanwhile; as `take_account`.
    """
    if verification.id not in [row.verification_id_of(kind) for kind in row.identifications]:
        raise errors.verification_missing()
    if strategy_named(ctx, verification.strategy).connects:
        return await take_account(ctx, row, verification)
    return await complete_if_possible(ctx, await attempts.save(ctx, row))


async def take_account(
    ctx: Context, row: SignUpRow, verification: VerificationRow, changes: Changes | None = None
) -> SignUpRow:
    """Write what another site says of the person. An account that is for a user who is there is offered to a
    sign-in instead.

    Args:
        changes: what the person has entered, which counts for more.

    Raises:
        ApiError: 403 for an address that is not allowed; 400 when accounts of the site sign up no more.
    """
    strategy_named(ctx, verification.strategy).require_identifying()
    if await external_accounts.is_taken(ctx, row, verification):
        return await attempts.save(ctx, row)
    found = await external_accounts.changes_of(ctx, row, verification)
    return await apply(ctx, row, found if changes is None else found.overridden_by(changes))


async def complete_if_possible(ctx: Context, row: SignUpRow) -> SignUpRow:
    """Make the user and the session once nothing is missing.

    Raises:
        ApiError: 422 `form_identifier_exists` when another user was given an identifier meanwhile; 400 when
            the invitation was used or revoked meanwhile, or has expired.
    """
    verifications = await verifications_of(ctx, row)
    if not requirements(ctx, row, verifications).fulfilled:
        return row
    if row.invitation_id is not None:
        await accept_invitation(ctx, row.invitation_id)
    user_id = await _create_user(ctx, row, verifications)
    session = await create_session(ctx, user_id, row.client_id)
    accounts = _accounts(ctx, verifications)
    first = next(iter(accounts or verifications.values()), None)
    ctx.authentication_strategy = first.strategy if first else "password"
    return await attempts.save(
        ctx, row, status="complete", created_user_id=user_id, created_session_id=session.id
    )


async def _create_user(ctx: Context, row: SignUpRow, verifications: dict[str, VerificationRow]) -> str:
    columns = {
        name: value for kind in kinds() for name, value in kind.columns(row.value_of(kind.name)).items()
    }
    user = new_user(
        ctx,
        first_name=row.first_name,
        last_name=row.last_name,
        locale=row.locale,
        password_digest=row.password_digest,
        password_updated_at=ctx.now if row.password_digest else None,
        unsafe_metadata=row.unsafe_metadata,
        public_metadata=row.public_metadata or {},
        legal_accepted_at=row.legal_accepted_at,
        **columns,
    )
    await insert_user(ctx, user)
    for kind in verifiable_kinds():
        value = row.value_of(kind.name)
        if value is not None:
            await give(ctx, user.id, kind.identifier(value), verification=verifications.get(kind.name))
    for one in _accounts(ctx, verifications):
        strategy = strategy_named(ctx, one.strategy)
        await strategy.connect(ctx, user.id, one)
        _copy_picture(ctx, user.id, strategy.introduce(one).picture_url)
    return user.id


def _copy_picture(ctx: Context, user_id: str, url: str | None) -> None:
    """Later: the person does not wait for another site, nor for what it answers."""
    if url is not None:
        copy = ctx.services.ports.pictures.copy
        ctx.db.after_commit(lambda: copy(ctx.instance.id, user_id, url))


def _accounts(ctx: Context, verifications: dict[str, VerificationRow]) -> list[VerificationRow]:
    """Returns those of accounts at other sites."""
    return [one for one in verifications.values() if is_of_account(ctx, one)]
