"""A user's second factors as an application's backend sees them."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.users.second_factors.administration import remove_backup_codes, require_code
from greffier.server.users.second_factors.changes import remove_factors, remove_totp
from greffier.server.users.second_factors.requests import VerifyTotpRequest
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api


class VerifiedTotp(msgspec.Struct, kw_only=True):
    code_type: Literal["totp", "backup_code"]
    verified: bool = True


class ChangedUser(msgspec.Struct):
    """Contract: the answer of `DisableMFA`, `DeleteTOTP` and `DeleteBackupCode`."""

    user_id: str


@backend_api.post("/v1/users/{user_id}/verify_totp")
async def verify_totp(ctx: Context, user_id: str, params: VerifyTotpRequest) -> VerifiedTotp:
    return VerifiedTotp(code_type=await require_code(ctx, user_id, params.code))


@backend_api.delete("/v1/users/{user_id}/mfa")
async def disable_mfa(ctx: Context, user_id: str) -> ChangedUser:
    return ChangedUser((await remove_factors(ctx, user_id)).id)


@backend_api.delete("/v1/users/{user_id}/totp")
async def delete_totp(ctx: Context, user_id: str) -> ChangedUser:
    """Backup codes go with it unless they stand in for another factor."""
    return ChangedUser((await remove_totp(ctx, user_id)).id)


@backend_api.delete("/v1/users/{user_id}/backup_code")
async def delete_backup_code(ctx: Context, user_id: str) -> ChangedUser:
    return ChangedUser((await remove_backup_codes(ctx, user_id)).id)
