"""The settings as the instance's own backend reads and changes them."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.instances.administration import lock_instance, save_instance
from greffier.server.instances.queries import GET_INSTANCE
from greffier.server.web.context import Context
from greffier.server.web.instance.protection_settings import ProtectRules
from greffier.server.web.instance.settings import InstanceSettings


class InstanceProtect(msgspec.Struct, kw_only=True):
    """Contract: `InstanceProtect`."""

    object: Literal["instance_protect"] = "instance_protect"
    rules_enabled: bool
    specter_enabled: bool
    checks_bypassed: bool = False


class ProtectPatch(msgspec.Struct, kw_only=True):
    """Contract: the body of `UpdateInstanceProtect`. `None` leaves a value as it is."""

    rules_enabled: bool | None = None
    specter_enabled: bool | None = None


async def get_protect(ctx: Context) -> InstanceProtect:
    row = await ctx.db.one(GET_INSTANCE, id=ctx.instance.id)
    if row is None:
        raise errors.not_found("instance")
    return _shown(msgspec.convert(row.settings, InstanceSettings).protect)


async def change_protect(ctx: Context, patch: ProtectPatch) -> InstanceProtect:
    row = await lock_instance(ctx.db, ctx.instance.id)
    former = msgspec.convert(row.settings, InstanceSettings)
    given = {"rules_enabled": patch.rules_enabled, "specter_enabled": patch.specter_enabled}
    changes = {name: value for name, value in given.items() if value is not None}
    rules = msgspec.structs.replace(former.protect, **changes)
    await save_instance(ctx.db, row, ctx.now, settings=msgspec.structs.replace(former, protect=rules))
    return _shown(rules)


def _shown(rules: ProtectRules) -> InstanceProtect:
    return InstanceProtect(rules_enabled=rules.rules_enabled, specter_enabled=rules.specter_enabled)
