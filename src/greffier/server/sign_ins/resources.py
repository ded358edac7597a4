"""Wire resource of a sign-in."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.sign_ins.attempts import status_of
from greffier.server.sign_ins.factors import resources
from greffier.server.sign_ins.first_factors.selection import first_factor_flow
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.users.resources import image_url
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import find_verification
from greffier.server.verifications.resources import Verification, verification_shown
from greffier.server.web.context import Context


class UserData(msgspec.Struct, kw_only=True):
    """The part of a user that a sign-in shows before any verification."""

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
    supported_first_factors: list[dict[str, Any]] | None
    supported_second_factors: list[dict[str, Any]] | None
    first_factor_verification: Verification | None
    second_factor_verification: Verification | None
    client_trust_state: Literal["pending", "new", "known"] | None
    identifier: str | None
    user_data: UserData | None
    created_session_id: str | None
    abandon_at: int


async def verification_by_id(ctx: Context, verification_id: str | None) -> Verification | None:
    return verification_shown(await find_verification(ctx, verification_id), now=ctx.now)


def _user_data(ctx: Context, user: UserRow) -> UserData:
    return UserData(
        first_name=user.first_name,
        last_name=user.last_name,
        image_url=image_url(ctx, user),
        has_image=user.image_id is not None,
    )


async def sign_in_resource(ctx: Context, row: SignInRow) -> SignIn:
    shown = await first_factor_flow(ctx, row).show(ctx, row)
    return SignIn(
        id=row.id,
        status=status_of(row, ctx.now),
        supported_identifiers=list(ctx.instance.settings.identifiers),
        supported_first_factors=None if shown.first_factors is None else resources(shown.first_factors),
        supported_second_factors=None if shown.second_step is None else resources(shown.second_step),
        first_factor_verification=await verification_by_id(ctx, row.first_factor_verification_id),
        second_factor_verification=await verification_by_id(ctx, row.second_factor_verification_id),
        identifier=row.identifier,
        user_data=_user_data(ctx, shown.user) if shown.user else None,
        created_session_id=row.created_session_id,
        client_trust_state=row.client_trust_state,  # pyright: ignore[reportArgumentType]
        abandon_at=row.abandon_at,
    )
