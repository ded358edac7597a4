"""Phone numbers as second factors. One that is reserved for that identifies no more; one of them is the
default."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications import own
from greffier.server.identifications.claims import lock, make_default_second_factor, save
from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.users.second_factors.backup_codes.own_codes import first_codes, give_first_codes
from greffier.server.users.second_factors.changes import identifications_changed, lock_factors
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


def require_enabled(ctx: Context) -> None:
    """Raises: ApiError: 422 when numbers are no second factors in this instance."""
    if not ctx.instance.settings.attribute(KIND.name).second_factors:
        raise errors.invalid_params(errors.param_not_enabled("reserved_for_second_factor"))


async def add_own_number(ctx: Context, text: str, *, reserved: bool) -> Identification:
    """One more, which is to be verified, and may become a second factor then.

    Raises:
        ApiError: as `own.add_own`; 422 when numbers are no second factors.
    """
    if reserved:
        require_enabled(ctx)
    return await own.add_own(ctx, KIND, text, second_factor="reserved" if reserved else None)


async def verify_own_number(
    ctx: Context, identification_id: str, rest: Parameters
) -> tuple[Identification, list[str] | None]:
    """Attempt the verification.

    Returns:
        the number, and backup codes if it is the user's first second factor.

    Raises:
        ApiError: as `own.attempt_own`.
    """
    found = await own.get_own(ctx, KIND, identification_id)
    user_id = found.row.user_id
    codes = await first_codes(ctx, user_id) if found.row.second_factor else None
    verified = await own.attempt_own(ctx, KIND, identification_id, rest)
    return verified, await give_first_codes(ctx, user_id, codes)


async def change_own_number(
    ctx: Context, identification_id: str, *, reserved: bool | None, default: bool | None
) -> tuple[Identification, list[str] | None]:
    """As `change_number`, by its user.

    Raises:
        ApiError: as `own.get_own` and `change_number`; 422 for `default = False`: another becomes the default
            one instead.
    """
    found = await own.get_own(ctx, KIND, identification_id)
    if default is False:
        raise errors.default_second_factor_needed()
    if reserved is None and default is None:
        return found, None
    codes = await first_codes(ctx, found.row.user_id) if reserved else None
    await change_number(ctx, found.row, reserved=reserved, default=bool(default))
    shown = await give_first_codes(ctx, found.row.user_id, codes)
    return await own.get_own(ctx, KIND, identification_id), shown


async def change_number(
    ctx: Context, row: IdentificationRow, *, reserved: bool | None, default: bool = False
) -> None:
    """Make a number a second factor, or the default one, or let it identify again.

    Args:
        reserved: `None` leaves it as it is.
        default: only `True` changes anything.

    Raises:
        ApiError: 400 when it is not verified, when its user could not sign in any more, or when it is the
            last second factor and the instance demands one; 422 when numbers are no second factors, or it
            shall be the default one and is none.
    """
    user = await lock_factors(ctx, row.user_id)
    row = await lock(ctx, row)
    wanted = row.second_factor is not None if reserved is None else reserved
    if reserved:
        require_enabled(ctx)
    if (wanted or default) and (not row.claimed or row.reserved):
        raise errors.second_factor_unverified("update")
    if default and not wanted:
        raise errors.invalid_params(errors.param_value_invalid("default_second_factor", "true"))
    can_sign_in = ctx.services.ports.strategies.can_sign_in
    could = await can_sign_in(ctx, user.id)
    value = (row.second_factor or "reserved") if wanted else None
    if value != row.second_factor:
        await save(ctx, msgspec.structs.replace(row, second_factor=value, updated_at=ctx.now), former=row)
    if could and not await can_sign_in(ctx, user.id):
        raise errors.last_identification_reserved()
    if default:
        await make_default_second_factor(ctx, row)
    await identifications_changed(ctx, user.id)
