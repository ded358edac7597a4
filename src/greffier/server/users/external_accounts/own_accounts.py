"""A user's own external accounts: connected, asked for more scopes, and removed."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import of_user
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.store.ids import new_id
from greffier.server.users.external_accounts.accounts import (
    ACCOUNT_ID,
    Described,
    describe_anew,
    described_in,
    find_account,
)
from greffier.server.users.external_accounts.links import unlink
from greffier.server.users.external_accounts.provider_tokens.keeping import give_up
from greffier.server.users.external_accounts.queries import (
    DELETE,
    DELETE_UNFINISHED,
    GET_OF_USER,
    INSERT,
    LOCK,
    OF_USER,
    UPDATE,
)
from greffier.server.users.external_accounts.tables import STRATEGY_PREFIX, ExternalAccountRow
from greffier.server.users.lookup import lock_user
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

_BROUGHT = "token_"
"""In names of strategies whose proof is in the request."""


async def get_account(ctx: Context, user_id: str, account_id: str) -> ExternalAccountRow:
    """Raises: ApiError: 404 when it is not the user's."""
    found = await ctx.db.one(GET_OF_USER, instance_id=ctx.instance.id, user_id=user_id, id=account_id)
    if found is None:
        raise errors.not_found("external account")
    return found


async def accounts_at(ctx: Context, user_id: str, provider: str) -> list[ExternalAccountRow]:
    """The accounts that the user has connected at this site."""
    accounts = await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=user_id)
    return [one for one in accounts if one.provider == provider and one.connected]


async def begin_connecting(
    ctx: Context, user_id: str, strategy: str, rest: Parameters
) -> tuple[ExternalAccountRow, VerificationRow]:
    """Send the browser to another site, to connect the account there, unless the request has brought the
    proof of it. One that is connected already is asked for anew.

    Raises:
        ApiError: 422 when the instance has no such strategy; what the strategy says.
    """
    if not strategy.startswith(STRATEGY_PREFIX):
        raise errors.strategy_invalid(strategy)
    await ctx.services.ports.strategies.get_ready(ctx, strategy)
    provider = strategy.removeprefix(STRATEGY_PREFIX).removeprefix(_BROUGHT)
    await ctx.db.execute(DELETE_UNFINISHED, instance_id=ctx.instance.id, user_id=user_id, provider=provider)
    accounts = await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=user_id)
    row = next((one for one in accounts if one.provider == provider), None)
    row, verification = await _ask(ctx, row or await _insert(ctx, user_id, provider), strategy, rest)
    if verification.status == "verified":
        await finish_connecting(ctx, row.id, verification, described_in(verification), [user_id])
        row = await get_account(ctx, user_id, row.id)
    return row, verification


async def reauthorize(
    ctx: Context, user_id: str, account_id: str, rest: Parameters
) -> tuple[ExternalAccountRow, VerificationRow]:
    """Ask the site for more scopes.

    Raises:
        ApiError: as `get_account`; what the strategy says.
    """
    row = await get_account(ctx, user_id, account_id)
    await ctx.services.ports.strategies.get_ready(ctx, row.strategy)
    return await _ask(ctx, row, row.strategy, rest)


async def _insert(ctx: Context, user_id: str, provider: str) -> ExternalAccountRow:
    row = ExternalAccountRow(
        id=new_id(ACCOUNT_ID, now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user_id,
        provider=provider,
        provider_user_id=None,
        email_address=None,
        email_verified=False,
        first_name=None,
        last_name=None,
        username=None,
        image_url=None,
        approved_scopes="",
        verification_id=None,
        reconnect_since=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT, row)
    return row


async def _ask(
    ctx: Context, row: ExternalAccountRow, strategy: str, rest: Parameters
) -> tuple[ExternalAccountRow, VerificationRow]:
    verification = await ctx.services.ports.strategies.prepare(
        ctx, strategy, None, owner_id=row.id, rest=rest
    )
    changed = msgspec.structs.replace(row, verification_id=verification.id, updated_at=ctx.now)
    await ctx.db.save(UPDATE, changed, former=row)
    return changed, verification


async def finish_connecting(
    ctx: Context, account_id: str, verification: VerificationRow, described: Described, users: list[str]
) -> None:
    """Connect the account that the site has described.

    Args:
        users: those who are signed in at the browser that came back. The account is connected to one who is
            here, not to one who has left.

    Raises:
        ApiError: 400 when something else was asked for meanwhile, the account is another user's, or the user
            has another one at this site; 401 when the user is not signed in any more; 403 when its address is
            another one than the user's, who has that for good.
    """
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=account_id)
    if row is None or row.verification_id != verification.id:
        raise errors.verification_missing()
    if row.user_id not in users:
        raise errors.signed_out()
    known = await find_account(ctx, described)
    if known is not None and known.id != row.id:
        raise errors.oauth_identification_claimed()
    if row.connected and row.provider_user_id != described.provider_user_id:
        raise errors.oauth_account_already_connected()
    if not row.connected:
        await _require_same_address(ctx, row.user_id, described)
    await describe_anew(ctx, row, described)


async def _require_same_address(ctx: Context, user_id: str, described: Described) -> None:
    """Raises: ApiError: 403 when the account has another address than the user, who has theirs for good."""
    address = described.email_address
    kind = next((kind for kind in verifiable_kinds() if address and kind.recognises(address)), None)
    if kind is None or address is None or not kind.is_immutable(ctx):
        return
    own = {one.row.canonical for one in await of_user(ctx, user_id) if one.row.kind == kind.name}
    if own and kind.identifier(address).canonical not in own:
        raise errors.connection_blocked_by_immutable_attribute(kind.name)


async def revoke_tokens(ctx: Context, user_id: str, account_id: str) -> None:
    """Take an account its tokens: the application can do nothing there any more, and the user still signs in
    with it. Twice is as good as once.

    Raises:
        ApiError: as `get_account`.
    """
    await lock_user(ctx, user_id)
    row = await get_account(ctx, user_id, account_id)
    if await give_up(ctx, row.id):
        changed = msgspec.structs.replace(row, approved_scopes="", reconnect_since=None, updated_at=ctx.now)
        await ctx.db.save(UPDATE, changed, former=row)


async def delete_own(ctx: Context, user_id: str, account_id: str) -> None:
    """Remove an account of the caller.

    Raises:
        ApiError: as `get_account`; 400 when the user could not sign in without it.
    """
    await lock_user(ctx, user_id)
    row = await get_account(ctx, user_id, account_id)
    strategies = ctx.services.ports.strategies
    could = row.connected and await strategies.can_sign_in(ctx, user_id)
    await delete_account(ctx, row)
    if could and not await strategies.can_sign_in(ctx, user_id):
        raise errors.last_identification()


async def delete_account(ctx: Context, row: ExternalAccountRow) -> None:
    await give_up(ctx, row.id)
    await unlink(ctx, row)
    await ctx.db.remove(DELETE, row)
