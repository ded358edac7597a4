"""What a sign-in looks like on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.sign_ins.attempts import status_of
from greffier.server.sign_ins.enumeration.protection import decoy_for, hides_existence
from greffier.server.sign_ins.factors import (
    first_factors_offered,
    second_factors,
    supported_first_factors,
    trust_factors,
)
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies.strategy import Factor
from greffier.server.users.queries import GET as GET_USER
from greffier.server.users.resources import image_url
from greffier.server.users.tables import UserRow
from greffier.server.verifications.queries import GET as GET_VERIFICATION
from greffier.server.verifications.resources import Verification, verification_resource
from greffier.server.web.context import Context


class UserData(msgspec.Struct, kw_only=True):
    """What a sign-in shows of its user before anything is proven."""

    first_name: str | None
    last_name: str | None
    image_url: str
    has_image: bool


class SignIn(msgspec.Struct, kw_only=True):
    """Contract: `Client.SignIn`."""

    object: Literal["sign_in_attempt"] = "sign_in_attempt"
    id: str
    status: str
    supported_identifiers: list[str]
    supported_first_factors: list[Factor] | None
    supported_second_factors: list[Factor] | None
    first_factor_verification: Verification | None
    second_factor_verification: Verification | None
    client_trust_state: Literal["pending", "new", "known"] | None
    identifier: str | None
    user_data: UserData | None
    created_session_id: str | None
    abandon_at: int


async def _second_step(ctx: Context, row: SignInRow, user: UserRow) -> list[Factor] | None:
    match row.status:
        case "needs_second_factor":
            return await second_factors(ctx, user)
        case "needs_client_trust":
            return await trust_factors(ctx, user)
        case _:
            return None


async def verification_shown(ctx: Context, verification_id: str | None) -> Verification | None:
    if verification_id is None:
        return None
    row = await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=verification_id)
    if row is None:
        return None
    return verification_resource(row, now=ctx.now, with_client=row.strategy == "email_link")


def _user_data(ctx: Context, user: UserRow) -> UserData:
    return UserData(
        first_name=user.first_name,
        last_name=user.last_name,
        image_url=image_url(ctx, user),
        has_image=user.image_id is not None,
    )


async def sign_in_resource(ctx: Context, row: SignInRow) -> SignIn:
    nobody = decoy_for(ctx, row.identifier) if row.identifier and hides_existence(ctx, row) else None
    if nobody is not None:
        return await _resource(ctx, row, nobody.user, first_factors_offered(ctx, nobody), None)
    user = await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=row.user_id) if row.user_id else None
    if user is None:
        return await _resource(ctx, row, None, None, None)
    factors = await supported_first_factors(ctx, user, row.identifier)
    return await _resource(ctx, row, user, factors, await _second_step(ctx, row, user))


async def _resource(
    ctx: Context,
    row: SignInRow,
    user: UserRow | None,
    first_factors: list[Factor] | None,
    second_step: list[Factor] | None,
) -> SignIn:
    return SignIn(
        id=row.id,
        status=status_of(row, ctx.now),
        supported_identifiers=list(ctx.instance.settings.identifiers),
        supported_first_factors=first_factors,
        supported_second_factors=second_step,
        first_factor_verification=await verification_shown(ctx, row.first_factor_verification_id),
        second_factor_verification=await verification_shown(ctx, row.second_factor_verification_id),
        identifier=row.identifier,
        user_data=_user_data(ctx, user) if user else None,
        created_session_id=row.created_session_id,
        client_trust_state=row.client_trust_state,  # pyright: ignore[reportArgumentType]
        abandon_at=row.abandon_at,
    )
