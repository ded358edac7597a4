"""The first request of a sign-in, which may bring everything at once: identifier, strategy, evidence."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.invitations import find_invitation, invited_identifier, require_pending
from greffier.server.admission.sign_in_tokens import accept_ticket
from greffier.server.admission.tables import InvitationRow
from greffier.server.identifications.claims import find_claimed
from greffier.server.sessions.lifecycle import (
    finish_sessions_of_client,
    refuse_second_session,
    require_admitted,
)
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.first_factors import plain_flow, unidentified_flow
from greffier.server.sign_ins.first_factors.selection import flow_to_start
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.proofs import PasswordProof
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.transfers import take_transfer
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def start(
    ctx: Context,
    strategy: str | None,
    identifier: str | None,
    rest: Parameters,
    *,
    sign_up_if_missing: bool = False,
) -> SignInRow:
    """Begin a sign-in with whatever is known.

    Args:
        sign_up_if_missing: an unknown identifier may be verified all the same, for a sign-up.

    Raises:
        ApiError: as the flow and the strategy do.
    """
    if strategy is not None and strategy_named(ctx, strategy).connects:
        identifier = None  # the other site says who signs in
    if identifier is None:
        if strategy is not None:
            return await unidentified_flow.start(ctx, strategy, rest)
        if rest.read(PasswordProof).password is not None:
            raise errors.invalid_params(errors.param_missing("identifier"))
        return await attempts.begin(ctx, (await ctx.require_client()).id)
    chosen = flow_to_start(ctx, sign_up_if_missing=sign_up_if_missing)
    return await chosen.start(ctx, identifier, strategy, rest, sign_up_if_missing=sign_up_if_missing)


async def transfer(ctx: Context) -> SignInRow:
    """Sign in with an account at another site that this client has verified in a sign-up.

    Raises:
        ApiError: 400 when there is none; as the first factor does.
    """
    client = await ctx.require_client()
    _, verification = await take_transfer(ctx)
    if not strategy_named(ctx, verification.strategy).identifies:
        raise errors.nothing_to_transfer()
    row = await attempts.begin(ctx, client.id)
    row = await attempts.save(ctx, row, first_factor_verification_id=verification.id)
    return await unidentified_flow.resume(ctx, row, verification)


async def start_with_ticket(ctx: Context, ticket: str | None) -> SignInRow:
    """Sign in with a sign-in token or an actor token of the Backend API, or begin to with an invitation.

    Raises:
        ApiError: 422 without a ticket, 400 when it is not, or no longer, good; 400 when a user is signed in
            already whom this would sign in again, unless it is an actor token.
    """
    if not ticket:
        raise errors.invalid_params(errors.param_missing("ticket"))
    invitation = await find_invitation(ctx, ticket)
    if invitation is not None:
        await refuse_second_session(ctx)
        return await _start_invited(ctx, invitation)
    user, token = await accept_ticket(ctx, ticket)
    if token.actor is not None:
        await _end_sessions_for_actor(ctx, user)
    else:
        await refuse_second_session(ctx)
        await flow.refuse_user(ctx, user)
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    row = await flow.identify(ctx, row, user, None)
    verification = await record_verified(ctx, "ticket")
    if token.actor is not None:
        return await flow.begin_impersonation(ctx, row, user, verification, token)
    return await flow.complete(ctx, row, verification)


async def _end_sessions_for_actor(ctx: Context, user: UserRow) -> None:
    """An actor may be signed in as that user too, or as themselves, which ends where a browser
    has one session.

    Raises:
        ApiError: 403 when the user is banned or locked.
    """
    await require_admitted(ctx, user)
    if ctx.client is not None and ctx.instance.settings.session.single_session:
        await finish_sessions_of_client(ctx, ctx.client.id, "replaced")


async def _start_invited(ctx: Context, invitation: InvitationRow) -> SignInRow:
    """The invited person has an account by now: the ticket identifies them and verifies nothing. It is in a
    mailbox for weeks, and mails are passed on.

    Raises:
        ApiError: 400 `invitation_account_not_exists` when no account has the address: forms then sign up.
    """
    require_pending(invitation, ctx.now)
    found = await find_claimed(ctx, invited_identifier(invitation))
    if found is None:
        raise errors.invitation_account_not_exists()
    user, _ = await flow.user_named(ctx, found.value)
    return await plain_flow.begin(ctx, user, found.value)
