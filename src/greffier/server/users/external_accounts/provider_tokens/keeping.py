"""Tokens of other sites: kept sealed from the answer of the site on, given to the account, and given up."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from greffier.server.crypto.encryption import Undecryptable
from greffier.server.store.ids import new_id
from greffier.server.store.sealing import Sealed, seal, unseal
from greffier.server.users.external_accounts.provider_tokens.queries import (
    DELETE,
    GIVE_UP,
    GIVE_UP_OF_USER,
    INSERT,
    LOCK,
    LOCK_OF_ACCOUNT,
    UPDATE,
)
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow, provider_tokens
from greffier.server.users.external_accounts.tables import ExternalAccountRow
from greffier.server.verifications.attempts.lifecycle import ABANDONED_AFTER
from greffier.server.web.context import Context

log = logging.getLogger(__name__)

_KEPT_FOR = ABANDONED_AFTER + 3600 * 1000
"""Milliseconds until tokens are revoked that no account has got."""
_SECRETS = ("access_token", "refresh_token", "id_token")


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens in clear. `expire_at`, of the access token, is in milliseconds; `scopes` are those that the site
    granted. `client_id`: as `ProviderTokensRow` says."""

    access_token: str
    refresh_token: str | None = None
    id_token: str | None = None
    expire_at: int | None = None
    scopes: tuple[str, ...] = ()
    client_id: str | None = None

    def __repr__(self) -> str:
        return "Tokens(...)"  # never in a log or a traceback


async def keep(ctx: Context, provider: str, provider_user_id: str, tokens: Tokens) -> str | None:
    """Keep what a site has just given, until `give` says for which account; returns the id of the row. If it
    never does, because the sign-in or sign-up is abandoned, the site is asked to revoke them.

    Nothing is kept, and nothing returned, by a server without an encryption key: tokens are never stored in
    clear.
    """
    if ctx.db.encryption.current is None:
        log.warning("tokens of %s are not kept, because there is no encryption key", provider)
        return None
    id = new_id("ptk", now_ms=ctx.now)
    row = ProviderTokensRow(
        id=id,
        instance_id=ctx.instance.id,
        account_id=None,
        provider=provider,
        provider_user_id=provider_user_id,
        client_id=tokens.client_id,
        scopes=" ".join(tokens.scopes),
        expire_at=tokens.expire_at,
        refreshing_until=None,
        refresh_failed_at=None,
        revoke_at=ctx.now + _KEPT_FOR,
        attempts=0,
        created_at=ctx.now,
        updated_at=ctx.now,
        **sealed(ctx.db, id, tokens),
    )
    await ctx.db.insert(INSERT, row)
    return id


async def give(ctx: Context, account: ExternalAccountRow, tokens_id: str | None) -> None:
    """Give an account the tokens that came with its description. They replace the former ones, except:

    - a former refresh token stays when there is no new one, because many sites give it once;
    - tokens with which an application can do less do not replace those that can be refreshed: a sign-in asks
      for fewer scopes than a user has granted meanwhile;
    - neither do those of another registration, such as a native app's, that cannot be refreshed.
    """
    new = tokens_id and await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=tokens_id)
    named = (account.provider, account.provider_user_id)
    if not new or new.account_id or (new.provider, new.provider_user_id) != named:
        return
    if new.revoke_at is not None and new.revoke_at <= ctx.now:
        return
    former = await ctx.db.one(LOCK_OF_ACCOUNT, instance_id=ctx.instance.id, account_id=account.id)
    if former is None:
        await ctx.db.save(
            UPDATE, msgspec.structs.replace(new, account_id=account.id, revoke_at=None, updated_at=ctx.now)
        )
        return
    await ctx.db.execute(DELETE, instance_id=ctx.instance.id, id=new.id)
    refreshable = former.refresh_token is not None and _is_readable(ctx, former)
    if _is_readable(ctx, new) and not (refreshable and (_is_less(new, former) or _is_elsewhere(new, former))):
        await _replace(ctx, former, new, former.refresh_token if refreshable else None)


def _is_readable(ctx: Context, row: ProviderTokensRow) -> bool:
    try:
        in_clear(ctx.db, row)
    except Undecryptable as error:
        log.warning("tokens %s: %s", row.id, error)
        return False
    return True


def _is_less(new: ProviderTokensRow, former: ProviderTokensRow) -> bool:
    return set(new.scopes.split()) < set(former.scopes.split())


def _is_elsewhere(new: ProviderTokensRow, former: ProviderTokensRow) -> bool:
    return new.refresh_token is None and new.client_id != former.client_id


async def _replace(
    ctx: Context, former: ProviderTokensRow, new: ProviderTokensRow, refresh_token: str | None
) -> None:
    """Args: refresh_token: the former one as it is stored, which a refresh under way knows it by."""
    stored = sealed(ctx.db, former.id, in_clear(ctx.db, new))
    stored["refresh_token"] = stored["refresh_token"] or refresh_token
    changed = msgspec.structs.replace(
        former,
        scopes=new.scopes,
        client_id=new.client_id,
        expire_at=new.expire_at,
        refresh_failed_at=None,
        updated_at=ctx.now,
        **stored,
    )
    await ctx.db.save(UPDATE, changed)


async def give_up(ctx: Context, account_id: str) -> bool:
    """Take an account its tokens. The site is asked to revoke them once the request is over.

    Returns:
        Whether there were any.
    """
    given_up = await ctx.db.execute(GIVE_UP, instance_id=ctx.instance.id, account_id=account_id, now=ctx.now)
    ctx.db.after_commit(ctx.services.ports.revoker.wake)
    return bool(given_up)


async def give_up_of_user(ctx: Context, user_id: str) -> None:
    """As `give_up`, with all accounts of a user."""
    await ctx.db.execute(GIVE_UP_OF_USER, instance_id=ctx.instance.id, user_id=user_id, now=ctx.now)
    ctx.db.after_commit(ctx.services.ports.revoker.wake)


def sealed(db: Sealed, row_id: str, tokens: Tokens) -> dict[str, Any]:
    """The tokens as they are stored in this row."""
    values = {name: getattr(tokens, name) for name in _SECRETS}
    return {
        name: value and seal(db, provider_tokens.c[name], value, id=row_id) for name, value in values.items()
    }


def in_clear(db: Sealed, row: ProviderTokensRow) -> Tokens:
    """Raises: Undecryptable: the encryption key is not there."""
    values = {name: getattr(row, name) for name in _SECRETS}
    columns = provider_tokens.c
    clear = {name: text and unseal(db, columns[name], text, id=row.id) for name, text in values.items()}
    scopes = tuple(row.scopes.split())
    return Tokens(expire_at=row.expire_at, scopes=scopes, client_id=row.client_id, **clear)
