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
from greffier.server.sign_ups.requirements import requirements
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.oauth.strategy import described_in
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.users.creation import insert_user, new_user
from greffier.server.users.external_accounts.accounts import KIND, connect
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
    """The verifications of what the sign-up has now, by kind."""
    found: dict[str, VerificationRow] = {}
    for kind in verifiable_kinds():
        value, verification_id = row.value_of(kind.name), row.verification_id_of(kind.name)
        if value is None or verification_id is None:
            continue
        one = await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=verification_id)
        if one is not None and one.proves(kind.identifier(value)):
            found[kind.name] = one
    return found


async def external_account_of(ctx: Context, row: SignUpRow) -> VerificationRow | None:
    """Returns the verification of the account at another site, if the sign-up asked for one."""
    verification_id = row.verification_id_of(KIND)
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
    if strategy_named(ctx, name).kind == KIND:
        return await external_accounts.prepare(ctx, row, name, rest)
    locked = await attempts.lock(ctx, row)
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


async def attempt(ctx: Context, row: SignUpRow, name: str, evidence: Parameters) -> SignUpRow:
    """Attempt the verification; a sign-up that has everything then becomes a user."""
    locked = await attempts.lock(ctx, row)
    strategy, identifier = _to_verify(ctx, locked, name)
    subject = Subject(identifier=identifier, owner_id=locked.id)
    former = locked.verification_id_of(identifier.kind)
    verification = await strategy.attempt(ctx, subject, former, evidence)
    changed = locked.with_verification(identifier.kind, verification.id)
    return await complete_if_possible(ctx, await attempts.save(ctx, locked, identifications=changed))


async def transfer(ctx: Context, row: SignUpRow, changes: Changes) -> SignUpRow:
    """Write the changes of a sign-up that begins with an identifier that this client verified in a sign-in.

    Raises:
        ApiError: 400 when there is nothing; 422 when a user was given it meanwhile; 403 when it is
            not allowed.
    """
    taken, verification = await take_transfer(ctx)
    if taken.kind == KIND:
        return await take_external_account(ctx, row, verification, changes)
    kind = kind_named(taken.kind)
    identifier = kind.identifier(taken.value)
    await require_unclaimed(ctx, identifier)
    await kind.require_allowed(ctx, identifier)
    changes.set_verified(identifier, verification.id)
    return await apply(ctx, row, changes)


async def take_external_account(
    ctx: Context, row: SignUpRow, verification: VerificationRow, changes: Changes | None = None
) -> SignUpRow:
    """Write what another site says of the person. An account that a user has is offered to a sign-in instead.

    Args:
        changes: what the person has entered, which counts for more.

    Raises:
        ApiError: 403 for an address that is not allowed.
    """
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
    if not requirements(ctx.instance.settings, row, verifications).fulfilled:
        return row
    if row.invitation_id is not None:
        await accept_invitation(ctx, row.invitation_id)
    user_id = await _create_user(ctx, row, verifications)
    session = await create_session(ctx, user_id, row.client_id)
    external = await external_account_of(ctx, row)
    first = external or next(iter(verifications.values()), None)
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
    external = await external_account_of(ctx, row)
    if external is not None and external.status == "verified":
        await connect(ctx, user.id, described_in(external))
    return user.id
