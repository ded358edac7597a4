"""Authenticator apps on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.crypto.time_based_codes import provisioning_uri
from greffier.server.users.resources import name_of_account
from greffier.server.users.second_factors.totp.tables import TotpRow
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class Totp(msgspec.Struct, kw_only=True):
    """Contract: `TOTP`. `secret` and `uri` are shown until the secret is verified, the codes once."""

    object: Literal["totp"] = "totp"
    id: str
    secret: str | None
    uri: str | None
    verified: bool
    backup_codes: list[str] | None
    created_at: int
    updated_at: int


async def new_totp(ctx: Context, row: TotpRow, secret: str, user: UserRow) -> Totp:
    issuer = ctx.instance.settings.application_name
    uri = provisioning_uri(secret, account=await name_of_account(ctx, user), issuer=issuer)
    return _totp(row, secret, uri, None)


def verified_totp(row: TotpRow, codes: list[str] | None) -> Totp:
    return _totp(row, None, None, codes)


def _totp(row: TotpRow, secret: str | None, uri: str | None, codes: list[str] | None) -> Totp:
    return Totp(
        id=row.id,
        secret=secret,
        uri=uri,
        verified=row.verified,
        backup_codes=codes,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
