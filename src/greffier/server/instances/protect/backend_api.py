"""Settings of the risk assessment, for an application's backend."""

from __future__ import annotations

from greffier.server.instances.protect.rules import (
    InstanceProtect,
    ProtectPatch,
    change_protect,
    get_protect,
)
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api


@backend_api.get("/v1/instance/protect")
async def get_instance_protect(ctx: Context) -> InstanceProtect:
    return await get_protect(ctx)


@backend_api.patch("/v1/instance/protect")
async def update_instance_protect(ctx: Context, params: ProtectPatch) -> InstanceProtect:
    """Stored, and without any effect: the assessment is not built."""
    return await change_protect(ctx, params)
