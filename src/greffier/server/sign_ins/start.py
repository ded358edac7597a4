"""The first request of a sign-in, which may bring everything at once: identifier, strategy, proof."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.invitations import find_invitation, require_pending
from greffier.server.admission.sign_in_tokens import accept_ticket
from greffier.server.admission.tables import InvitationRow
from greffier.server.identifications.emails import find_claimed, primary_of, read_email_address
from greffier.server.sessions.lifecycle import (
    finish_sessions_of_client,
    refuse_second_session,
    require_admitted,
)
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.enumeration import safe_flow
from greffier.server.sign_ins.enumeration.protection import begins_hidden
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies.strategy import Evidence, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.codes import record_verified
from greffier.server.web.context import Context


async def start(
    ctx: Context,
    strategy: str | None,
    identifier: str | None,
    password: str | None,
    redirect_url: str | None = None,
    *,
    sign_up_if_missing: bool = False,
) -> SignInRow:
    """Begin a sign-in with whatever is known.

    Args:
        sign_up_if_missing: who has no account may prove their address all the same, and sign up with it.

    Raises:
        ApiError: as `flow.find_user` and the strategy do; nothing is left behind then.
    """
    if strategy is not None:
        flow.strategy_named(strategy)
    if identifier is None:
        if strategy is not None or password is not None:
            raise errors.invalid_params(errors.param_missing("identifier"))
        return await attempts.begin(ctx, (await ctx.require_client()).id)
    if begins_hidden(ctx, sign_up_if_missing=sign_up_if_missing):
        return await safe_flow.start(
            ctx, identifier, strategy, password, redirect_url, sign_up_if_missing=sign_up_if_missing
        )
    user = await flow.find_user(ctx, identifier)
    if password is not None or strategy == "password":
        return await _with_password(ctx, user, identifier, password)
    row = await _begin(ctx, user, identifier)
    if strategy is None:
        return row
    address_id = await _address_id(ctx, user, identifier)
    return await flow.prepare_first_factor(ctx, row, strategy, address_id, redirect_url)


async def _begin(ctx: Context, user: UserRow, identifier: str) -> SignInRow:
    client = await ctx.require_client()
    return await flow.identify(ctx, await attempts.begin(ctx, client.id), user, identifier)


async def _with_password(ctx: Context, user: UserRow, identifier: str, password: str | None) -> SignInRow:
    """The password is checked before the attempt is written, so that hashing holds no lock."""
    evidence = Evidence(password=password)
    verification = await flow.attempt(ctx, "password", Subject(user=user), None, evidence)
    return await flow.complete(ctx, await _begin(ctx, user, identifier), verification)


async def _address_id(ctx: Context, user: UserRow, identifier: str) -> str | None:
    """The address that the person typed; who typed a username is sent mail to their primary address."""
    if "@" not in identifier:
        email = await primary_of(ctx, user.id)
    else:
        email = await find_claimed(ctx, read_email_address(identifier, "identifier"))
    return email.id if email else None


async def start_with_ticket(ctx: Context, ticket: str | None) -> SignInRow:
    """Sign in with a sign-in token or an actor token of the Backend API, or begin to with an invitation.

    Raises:
        ApiError: 422 without a ticket, 400 when it is not, or no longer, good; 400 when somebody is signed in
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
        await _make_way_for_actor(ctx, user)
    else:
        await refuse_second_session(ctx)
        await flow.refuse_user(ctx, user)
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    row = await flow.identify(ctx, row, user, None)
    verification = await record_verified(ctx, "ticket")
    if token.actor is not None:
        return await flow.begin_impersonation(ctx, row, user, verification, token)
    return await flow.complete(ctx, row, verification)


async def _make_way_for_actor(ctx: Context, user: UserRow) -> None:
    """Whoever acts as a user may be signed in as that user too, or as themselves, which ends where a browser
    has one session.

    Raises:
        ApiError: 403 when the user is banned or locked.
    """
    require_admitted(user, ctx.now)
    if ctx.client is not None and ctx.instance.settings.session.single_session:
        await finish_sessions_of_client(ctx, ctx.client.id, "replaced")


async def _start_invited(ctx: Context, invitation: InvitationRow) -> SignInRow:
    """Somebody was invited who has an account by now: the ticket says who they are and proves nothing. It is
    in a mailbox for weeks, and mails are passed on.

    Raises:
        ApiError: 400 `invitation_account_not_exists` when nobody has the address: forms then sign up.
    """
    require_pending(invitation, ctx.now)
    email = await find_claimed(ctx, invitation.email_address)
    if email is None:
        raise errors.invitation_account_not_exists()
    return await _begin(ctx, await flow.find_user(ctx, email.email_address), email.email_address)
