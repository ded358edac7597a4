"""The holder of an address takes over the account that another person may have made with it."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.claims import claim, delete_unclaimed_of
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.machines.api_keys.lifecycle import revoke_keys_of_user
from greffier.server.sessions.lifecycle import revoke_sessions_of_user
from greffier.server.strategies.oauth.linking import is_unproven
from greffier.server.users.external_accounts.accounts import delete_accounts_of
from greffier.server.users.lookup import lock_user
from greffier.server.users.passwords.policy import password_columns
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


async def take_over(ctx: Context, address: IdentificationRow, verification: VerificationRow) -> UserRow:
    """Verify the address, and end every way in that its user had before: password, sessions, grants, API
    keys, accounts at other sites, and what else was never verified.

    Raises:
        ApiError: 400 when the user has proven something else meanwhile; 422 when another user was first.
    """
    user = await lock_user(ctx, address.user_id)
    if not await is_unproven(ctx, address):
        raise errors.verification_missing()
    await claim(ctx, address, verification)
    await delete_unclaimed_of(ctx, user.id)
    await delete_accounts_of(ctx, user.id)
    await revoke_sessions_of_user(ctx, user.id)
    await ctx.services.ports.oauth_grants.end_grants_of_user(ctx, user.id)
    await revoke_keys_of_user(ctx, user.id, "The holder of the address took the account over.")
    return await save_user(ctx, user, **password_columns(None, ctx.now))
