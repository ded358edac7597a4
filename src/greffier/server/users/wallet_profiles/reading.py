"""Reads the names of one user's wallets, and fills an empty profile with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from greffier.server.identifications.claims import of_user
from greffier.server.identifications.queries import LOCK_OF_USER, UPDATE
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.identifications.web3_wallets.chains.ethereum import CHAIN as ETHEREUM
from greffier.server.identifications.web3_wallets.ens.kept import KeptName, kept_of, with_kept
from greffier.server.identifications.web3_wallets.ens.resolving import FoundName, names_of
from greffier.server.identifications.web3_wallets.reading import NAME as WALLET
from greffier.server.store.database import Database, Transaction
from greffier.server.users.images.profile_images import delete_profile_image, keep_picture
from greffier.server.users.lookup import find_locked_user, find_user
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.users.wallet_profiles.pictures import picture_of
from greffier.server.web.context import Context
from greffier.server.web.instance.instance import Instance

_MOST_WALLETS = 10
"""Of one user: a limit on the questions that a user causes."""


class _Read(NamedTuple):
    """The answers about a user's wallets, by address, and the picture of the first one with a name, if
    that is a new one."""

    names: Mapping[str, FoundName]
    picture: bytes | None = None
    picture_failed: bool = False


async def read_profile(
    database: Database,
    context_of: Callable[[str, Transaction], Context | None],
    instance_id: str,
    user_id: str,
) -> None:
    """Does nothing while what is known is young enough. No transaction is open while others are asked.

    Raises:
        Silent: no server of the chain answers; what is known stays.
    """
    async with database.transaction() as db:
        ctx = context_of(instance_id, db)
        if ctx is None:
            return
        wallets = await _wallets(ctx, user_id)
        user = await find_user(ctx, user_id)
    if user is None or not _is_due(ctx.instance, wallets, ctx.now):
        return
    found = await _read(ctx.instance, user, wallets)
    async with database.transaction() as db:
        ctx = context_of(instance_id, db)
        if ctx is not None:
            await _keep(ctx, user_id, found)


def _is_due(instance: Instance, wallets: list[IdentificationRow], now: int) -> bool:
    rules = instance.settings.web3.ens
    oldest = now - rules.lifetime * 1000
    kept = [kept_of(wallet) for wallet in wallets]
    return rules.enabled and any(one is None or one.read_at <= oldest for one in kept)


async def _wallets(ctx: Context, user_id: str) -> list[IdentificationRow]:
    return _usable(one.row for one in await of_user(ctx, user_id))


def _usable(rows: Any) -> list[IdentificationRow]:
    """Returns the verified wallets of Ethereum, the primary one first."""
    found = [
        row
        for row in rows
        if row.kind == WALLET and row.claimed and not row.reserved and ETHEREUM.recognises(row.value)
    ]
    return sorted(found, key=lambda row: (not row.is_primary, row.created_at, row.id))[:_MOST_WALLETS]


async def _read(instance: Instance, user: UserRow, wallets: list[IdentificationRow]) -> _Read:
    names = await names_of(instance, [wallet.canonical for wallet in wallets])
    shown = _shown(wallets, names)
    if shown is None or not instance.settings.web3.ens.fill_profile:
        return _Read(names)
    kept, avatar = kept_of(shown), names[shown.canonical].avatar
    if avatar is None or not _has_picture_of(user, kept) or (kept and kept.avatar == _short(avatar)):
        return _Read(names)
    picture = await picture_of(avatar)
    return _Read(names, picture, picture_failed=picture is None)


def _shown(wallets: list[IdentificationRow], names: Mapping[str, FoundName]) -> IdentificationRow | None:
    """Returns the wallet whose name the user goes by."""
    return next((wallet for wallet in wallets if wallet.canonical in names), None)


def _has_picture_of(user: UserRow, kept: KeptName | None) -> bool:
    """Returns whether a user has chosen no picture."""
    return user.image_id is None or (kept is not None and user.image_id == kept.image_id)


def _short(avatar: str) -> str:
    """Returns a text by which a record is known again; a picture may stand in it."""
    return hashlib.sha256(avatar.encode()).hexdigest()


async def _keep(ctx: Context, user_id: str, found: _Read) -> None:
    """Wallets that were removed meanwhile are left out."""
    user = await find_locked_user(ctx, user_id)
    if user is None:
        return
    rows = await ctx.db.all(LOCK_OF_USER, instance_id=ctx.instance.id, user_id=user_id)
    wallets = _usable(rows)
    shown = _shown(wallets, found.names)
    if ctx.instance.settings.web3.ens.fill_profile:
        user = await _fill_name(ctx, user, wallets, shown and found.names[shown.canonical].name)
        user = await _fill_picture(ctx, user, wallets, found if shown else None)
    for wallet in wallets:
        name, former = found.names.get(wallet.canonical), kept_of(wallet)
        failed = wallet is shown and found.picture_failed
        kept = KeptName(
            read_at=ctx.now,
            name=name.name if name else None,
            avatar=_short(name.avatar) if name and name.avatar and not failed else None,
            image_id=_image_of(wallet, user, is_new=wallet is shown and found.picture is not None),
        )
        changed = kept.name != (former and former.name)
        updated_at = ctx.now if changed else wallet.updated_at
        await ctx.db.save(UPDATE, msgspec.structs.replace(with_kept(wallet, kept), updated_at=updated_at))


async def _fill_name(
    ctx: Context, user: UserRow, wallets: list[IdentificationRow], name: str | None
) -> UserRow:
    """A name that came from a wallet goes with it. Nothing happens while it stays the same, so that users can
    remove it."""
    former = {kept.name for wallet in wallets if (kept := kept_of(wallet)) and kept.name}
    is_free = user.first_name is None or user.first_name in former
    if name in former or not is_free or user.last_name or user.first_name == name:
        return user
    if not ctx.instance.settings.attribute("first_name").enabled:
        return user
    return await save_user(ctx, user, first_name=name)


async def _fill_picture(
    ctx: Context, user: UserRow, wallets: list[IdentificationRow], found: _Read | None
) -> UserRow:
    former = {kept.image_id for wallet in wallets if (kept := kept_of(wallet)) and kept.image_id}
    if user.image_id is not None and user.image_id not in former:
        return user
    if found is not None and found.picture is not None:
        return await keep_picture(ctx, user, found.picture)
    if found is None and user.image_id is not None:
        user, _ = await delete_profile_image(ctx, user.id)
    return user


def _image_of(wallet: IdentificationRow, user: UserRow, *, is_new: bool) -> str | None:
    """Returns the id of the user's picture if it came from this wallet."""
    kept = kept_of(wallet)
    of_wallet = is_new or (kept is not None and kept.image_id is not None and kept.image_id == user.image_id)
    return user.image_id if of_wallet else None
