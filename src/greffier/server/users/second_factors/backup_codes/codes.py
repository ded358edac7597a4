"""Backup codes: ten, shown once, stored as digests, each good once. They stand in for another second factor.

A use locks them before the user, and so does everything that deletes them, so that requests do not wait for
each other.
"""

from __future__ import annotations

import secrets

import msgspec

from greffier.server.crypto.secrets import same
from greffier.server.store.ids import new_id
from greffier.server.users.queries import LOCK, UPDATE
from greffier.server.users.second_factors.backup_codes.queries import (
    CODES_OF_USER,
    DELETE_CODES,
    LOCK_CODES_OF_USER,
    UPDATE_CODES,
)
from greffier.server.users.second_factors.backup_codes.tables import BackupCodesRow
from greffier.server.verifications.codes import read_code
from greffier.server.web.context import Context

BACKUP_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike. Eight of them are 39 bits; ASVS 6.5.4 asks for 20."""
_LENGTH = 8


class Codes(msgspec.Struct, frozen=True):
    """New backup codes, which are shown this once."""

    row: BackupCodesRow
    codes: list[str]


def backup_codes_enabled(ctx: Context) -> bool:
    """Returns whether the instance has them."""
    return ctx.instance.settings.attribute("backup_code").enabled


async def new_codes(ctx: Context, user_id: str) -> Codes:
    """Not written yet: hashing them takes long, and holds no lock."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(BACKUP_CODES)]
    return Codes(await codes_row(ctx, user_id, codes), codes)


async def codes_row(ctx: Context, user_id: str, codes: list[str]) -> BackupCodesRow:
    """Args: codes: in canonical form, or digests of bcrypt."""
    salt = secrets.token_hex(16)
    derive = ctx.services.passwords.derive
    digests = [one if one.startswith("$2") else await derive(one, salt) for one in codes]
    return BackupCodesRow(
        id=new_id("buc", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user_id,
        salt=salt,
        digests=digests,
        created_at=ctx.now,
        updated_at=ctx.now,
    )


def canonical_code(code: str) -> str:
    """A backup code without its spaces and dashes, and in lower case.

    Raises:
        ApiError: 422 when nothing is left of it.
    """
    return read_code(code).lower()


async def use_backup_code(ctx: Context, user_id: str, code: str) -> bool:
    """Returns whether it is a backup code that the user has left. It is used up then.

    Raises:
        ApiError: 422 without a code.
    """
    of_user = {"instance_id": ctx.instance.id, "user_id": user_id}
    canonical = canonical_code(code)
    row = await ctx.db.one(CODES_OF_USER, **of_user)
    # Hashed before anything is locked: it takes as long as a hundred requests.
    digest = await _matching(ctx, row, canonical, code.strip()) if row else None
    if digest is None:
        return False
    locked = await ctx.db.one(LOCK_CODES_OF_USER, **of_user)
    if locked is None or digest not in locked.digests:
        return False
    left = [one for one in locked.digests if one != digest]
    if left:
        await ctx.db.save(UPDATE_CODES, msgspec.structs.replace(locked, digests=left, updated_at=ctx.now))
        return True
    await ctx.db.execute(DELETE_CODES, **of_user)
    user = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=user_id)
    if user is not None:
        await ctx.db.save(
            UPDATE, msgspec.structs.replace(user, backup_codes_enabled_at=None, updated_at=ctx.now)
        )
    return True


async def _matching(ctx: Context, row: BackupCodesRow, canonical: str, typed: str) -> str | None:
    """The digest of a code: one that was made here, or one of bcrypt that a backend has given."""
    own = await ctx.services.passwords.derive(canonical, row.salt)
    for digest in row.digests:
        if digest.startswith("$2"):
            if await ctx.services.passwords.verify(digest, typed):
                return digest
        elif same(digest, own):
            return digest
    return None
