"""External accounts: found, connected to a user, and described anew by their site."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.external_accounts.links import link
from greffier.server.users.external_accounts.provider_tokens.keeping import give, give_up_of_user
from greffier.server.users.external_accounts.queries import (
    DELETE_OF_USER,
    FIND,
    INSERT,
    OF_USER,
    UPDATE,
)
from greffier.server.users.external_accounts.tables import ExternalAccountRow
from greffier.server.users.lookup import lock_user
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

ACCOUNT_ID = "eac"
"""The prefix of ids of external accounts."""
KIND = "external_account"
"""The kind of identifier that a verification of such an account has: `google:1234`."""


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its site has just described it. `tokens_id`: of the tokens that came with it."""

    provider: str
    provider_user_id: str
    email_address: str | None = None
    email_verified: bool = False
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    image_url: str | None = None
    approved_scopes: str = ""
    tokens_id: str | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """Those of the account's row."""
        fields = msgspec.structs.asdict(self)
        del fields["tokens_id"]
        return fields

    @property
    def identifier(self) -> Identifier:
        name = f"{self.provider}:{self.provider_user_id}"
        return Identifier(KIND, name, name)


def described_in(verification: VerificationRow) -> Described:
    """The account that a verification of an external account is about."""
    return msgspec.convert((verification.details or {})["account"], Described)


async def find_account(ctx: Context, described: Described) -> ExternalAccountRow | None:
    """Returns the account of this instance with the site's own id; an address never finds one."""
    return await ctx.db.one(
        FIND,
        instance_id=ctx.instance.id,
        provider=described.provider,
        provider_user_id=described.provider_user_id,
    )


async def accounts_of(ctx: Context, user_id: str) -> list[ExternalAccountRow]:
    """Returns a user's accounts, oldest first."""
    return await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def accounts_as_identifications(ctx: Context, user_id: str) -> list[IdentificationRow]:
    """Returns a user's connected accounts as what identifies them; the value is the strategy."""
    if not ctx.instance.settings.social:
        return []
    return [
        IdentificationRow(
            id=one.id,
            instance_id=one.instance_id,
            user_id=one.user_id,
            kind=KIND,
            value=one.strategy,
            canonical=one.strategy,
            claimed=True,
            reserved=False,
            is_primary=False,
            verification_id=None,
            created_at=one.created_at,
            updated_at=one.updated_at,
        )
        for one in await accounts_of(ctx, user_id)
        if one.connected
    ]


async def delete_accounts_of(ctx: Context, user_id: str) -> None:
    """Take all accounts from a user."""
    await give_up_of_user(ctx, user_id)
    await ctx.db.execute(DELETE_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def connect_or_describe(ctx: Context, user_id: str, described: Described) -> ExternalAccountRow:
    """Give a user the account, unless it is theirs already. Of two first sign-ins at once, one connects it,
    and the other finds it.

    Raises:
        ApiError: as `connect`.
    """
    await lock_user(ctx, user_id)
    account = await find_account(ctx, described)
    if account is None or account.user_id != user_id:
        return await connect(ctx, user_id, described)
    return await describe_anew(ctx, account, described)


async def connect(ctx: Context, user_id: str, described: Described) -> ExternalAccountRow:
    """Give a user the account.

    Raises:
        ApiError: 400 when it is another user's, or the user has another one at this site: the site may have
            given the address to another person since.
    """
    row = ExternalAccountRow(
        id=new_id(ACCOUNT_ID, now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user_id,
        verification_id=None,
        reconnect_since=None,
        created_at=ctx.now,
        updated_at=ctx.now,
        **described.columns,
    )
    if any(one.connected and one.provider == row.provider for one in await accounts_of(ctx, user_id)):
        raise errors.oauth_account_already_connected()
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation:
        raise errors.oauth_identification_claimed() from None
    await link(ctx, row)
    await give(ctx, row, described.tokens_id)
    return row


async def describe_anew(ctx: Context, row: ExternalAccountRow, described: Described) -> ExternalAccountRow:
    """Write what the site says now. Scopes that were granted before stay. With new tokens there is no need to
    connect the account once more."""
    scopes = " ".join(dict.fromkeys((*row.approved_scopes.split(), *described.approved_scopes.split())))
    since = row.reconnect_since if described.tokens_id is None else None
    changed = msgspec.structs.replace(
        row, **described.columns | {"approved_scopes": scopes, "reconnect_since": since}
    )
    if changed != row:
        changed = msgspec.structs.replace(changed, updated_at=ctx.now)
        try:
            await ctx.db.save(UPDATE, changed, former=row)
        except UniqueViolation:
            raise errors.oauth_identification_claimed() from None
    if not row.connected:
        await link(ctx, changed)
    await give(ctx, changed, described.tokens_id)
    return changed
