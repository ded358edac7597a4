"""The signed-in user's backup codes."""

from __future__ import annotations

from greffier.server.users.second_factors.backup_codes.own_codes import create_codes
from greffier.server.users.second_factors.backup_codes.resources import BackupCodes, backup_codes_resource
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api


@frontend_api.post("/v1/me/backup_codes", limit=per_address(5), reverification=REVERIFIED)
async def create_backup_codes(ctx: Context) -> BackupCodes:
    caller = await ctx.require_session()
    return backup_codes_resource(await create_codes(ctx, caller))
