"""Authenticator apps and backup codes that a backend gives to a user, such as one who used another server."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.digests import digest_problem
from greffier.server.crypto.time_based_codes import read_totp_secret
from greffier.server.errors import ErrorItem
from greffier.server.store.ids import new_id
from greffier.server.users.requests import UserFields
from greffier.server.users.second_factors.backup_codes.codes import (
    BACKUP_CODES,
    backup_codes_enabled,
    canonical_code,
    codes_row,
)
from greffier.server.users.second_factors.backup_codes.queries import DELETE_CODES, INSERT_CODES
from greffier.server.users.second_factors.backup_codes.tables import BackupCodesRow
from greffier.server.users.second_factors.state import second_factor_columns
from greffier.server.users.second_factors.totp.queries import DELETE_TOTP, INSERT_TOTP
from greffier.server.users.second_factors.totp.sealing import seal
from greffier.server.users.second_factors.totp.tables import TotpRow
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context

_MAX_LENGTH = 72


class GivenFactors(msgspec.Struct, frozen=True):
    """Rows to be written; `None` where nothing was given."""

    totp: TotpRow | None
    codes: BackupCodesRow | None


def given_factor_problems(ctx: Context, fields: UserFields) -> list[ErrorItem]:
    """Entries for what is wrong with the secret and with the codes."""
    problems: list[ErrorItem] = []
    if fields.totp_secret:
        if not ctx.instance.settings.attribute("authenticator_app").enabled:
            problems.append(errors.param_not_enabled("totp_secret"))
        elif read_totp_secret(fields.totp_secret) is None:
            problems.append(errors.totp_secret_invalid())
    if fields.backup_codes:
        if not backup_codes_enabled(ctx):
            problems.append(errors.param_not_enabled("backup_codes"))
        elif why := _codes_problem(fields.backup_codes):
            problems.append(errors.param_format_invalid("backup_codes", f"backup_codes {why}."))
    return problems


def _codes_problem(codes: list[str]) -> str | None:
    if len(codes) > BACKUP_CODES or len(set(codes)) < len(codes):
        return f"must be at most {BACKUP_CODES} different codes"
    for code in codes:
        if code.startswith("$2"):
            if why := digest_problem("bcrypt", code):
                return f"has a digest that {why}"
        elif len(code) > _MAX_LENGTH or not any(character.isalnum() for character in code):
            return f"must have letters or digits, and at most {_MAX_LENGTH} characters each"
    return None


async def read_given_factors(ctx: Context, fields: UserFields, user_id: str) -> GivenFactors:
    """The rows of what was given and has been checked. Hashing holds no lock: call it before writing.

    Raises:
        ApiError: 403 when the server has no key to encrypt a secret with.
    """
    totp = codes = None
    if secret := read_totp_secret(fields.totp_secret or ""):
        totp = TotpRow(
            id=new_id("totp", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            user_id=user_id,
            secret=seal(ctx, secret, user_id),
            verified=True,
            last_step=None,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    if fields.backup_codes:
        canonical = [one if one.startswith("$2") else canonical_code(one) for one in fields.backup_codes]
        codes = await codes_row(ctx, user_id, canonical)
    return GivenFactors(totp, codes)


async def delete_replaced(ctx: Context, given: GivenFactors, user_id: str) -> None:
    """Delete what will be replaced. Before the user is locked, as a use of a code locks that first."""
    of_user = {"instance_id": ctx.instance.id, "user_id": user_id}
    if given.totp is not None:
        await ctx.db.execute(DELETE_TOTP, **of_user)
    if given.codes is not None:
        await ctx.db.execute(DELETE_CODES, **of_user)


def given_factor_columns(given: GivenFactors, user: UserRow, now: int) -> dict[str, Any]:
    """Columns of the user, whose row must be locked or new. Args: now: milliseconds since the epoch."""
    columns: dict[str, Any] = {}
    if given.totp is not None:
        columns["totp_enabled_at"] = now
    if given.codes is not None:
        columns["backup_codes_enabled_at"] = now
    return second_factor_columns(user, now=now, **columns)


async def insert_given_factors(ctx: Context, given: GivenFactors, user_id: str) -> None:
    """Write the rows. The user must be locked or new."""
    await delete_replaced(ctx, given, user_id)
    if given.totp is not None:
        await ctx.db.insert(INSERT_TOTP, given.totp)
    if given.codes is not None:
        await ctx.db.insert(INSERT_CODES, given.codes)
