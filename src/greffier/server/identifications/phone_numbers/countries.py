"""The countries that the instance sends text messages to, as its own backend reads and changes them.

The settings have a list of those that are allowed; the contract names the others. Other processes, and this
one, go by what was changed a second or so later.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.instances.administration import lock_instance, save_instance
from greffier.server.instances.queries import GET_INSTANCE
from greffier.server.web.context import Context
from greffier.server.web.instance.settings import InstanceSettings


class InstanceCommunication(msgspec.Struct, kw_only=True):
    """Contract: `InstanceCommunication`."""

    object: Literal["instance_communication"] = "instance_communication"
    blocked_country_codes: list[str]


async def get_communication(ctx: Context) -> InstanceCommunication:
    row = await ctx.db.one(GET_INSTANCE, id=ctx.instance.id)
    if row is None:
        raise errors.not_found("instance")
    return _shown(msgspec.convert(row.settings, InstanceSettings))


async def block_countries(ctx: Context, blocked: tuple[str, ...]) -> InstanceCommunication:
    """Let text messages go to all countries but these. Codes of no country are dropped.

    Raises:
        ApiError: 422 when a code is there twice.
    """
    if len(set(blocked)) < len(blocked):
        problem = errors.param_format_invalid("blocked_country_codes", "Each country may be there once.")
        raise errors.invalid_params(problem)
    row = await lock_instance(ctx.db, ctx.instance.id)
    former = msgspec.convert(row.settings, InstanceSettings)
    allowed = tuple(country for country in _all_countries() if country not in blocked)
    rules = msgspec.structs.replace(former.phone_numbers, countries=allowed)
    settings = msgspec.structs.replace(former, phone_numbers=rules)
    await save_instance(ctx.db, row, ctx.now, settings=settings)
    return _shown(settings)


def _shown(settings: InstanceSettings) -> InstanceCommunication:
    allowed = settings.phone_numbers.countries
    return InstanceCommunication(
        blocked_country_codes=[country for country in _all_countries() if country not in allowed]
    )


def _all_countries() -> list[str]:
    """Every country that has phone numbers (ISO 3166-1, two letters)."""
    import phonenumbers

    return sorted(phonenumbers.SUPPORTED_REGIONS)
