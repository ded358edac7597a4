"""What a sign-in looks like on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import OF_USER
from greffier.server.sign_ins.attempts import status_of
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import strategies
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
    has_image: bool = False


class SignIn(msgspec.Struct, kw_only=True):
    """Contract: `Client.SignIn`."""

    object: Literal["sign_in_attempt"] = "sign_in_attempt"
    id: str
    status: str
    supported_identifiers: list[str]
    supported_first_factors: list[Factor] | None
    supported_second_factors: list[Factor] | None = None
    first_factor_verification: Verification | None
    second_factor_verification: None = None
    identifier: str | None
    user_data: UserData | None
    created_session_id: str | None
    abandon_at: int


async def supported_first_factors(ctx: Context, user: UserRow, identifier: str | None) -> list[Factor]:
    """What this user may sign in with. Strategies speak in alphabetical order, but a password goes first."""
    rows = await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=user.id)
    emails = [row.email for row in rows]
    ordered = sorted(strategies().values(), key=lambda s: (s.name != "password", s.name))
    return [f for s in ordered for f in s.factors(ctx, user, emails, identifier)]


def _user_data(ctx: Context, user: UserRow) -> UserData:
    return UserData(first_name=user.first_name, last_name=user.last_name, image_url=image_url(ctx, user.id))


async def sign_in_resource(ctx: Context, row: SignInRow) -> SignIn:
    user = await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=row.user_id) if row.user_id else None
    verification = (
        await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=row.first_factor_verification_id)
        if row.first_factor_verification_id
        else None
    )
    factors = await supported_first_factors(ctx, user, row.identifier) if user else None
    return SignIn(
        id=row.id,
        status=status_of(row, ctx.now),
        supported_identifiers=["email_address"],
        supported_first_factors=factors,
        first_factor_verification=verification_resource(verification, now=ctx.now) if verification else None,
        identifier=row.identifier,
        user_data=_user_data(ctx, user) if user else None,
        created_session_id=row.created_session_id,
        abandon_at=row.abandon_at,
    )
