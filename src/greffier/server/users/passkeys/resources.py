"""Passkeys on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.users.passkeys.queries import registered_of_users
from greffier.server.users.passkeys.tables import PasskeyRow
from greffier.server.users.passkeys.webauthn_ceremonies.challenges import CHALLENGE_LIFETIME, STRATEGY
from greffier.server.users.tables import UserRow
from greffier.server.verifications.queries import GET as GET_VERIFICATION
from greffier.server.verifications.resources import Verification, kind_of, verification_shown
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class FrontendPasskey(msgspec.Struct, kw_only=True):
    """Contract: `Client.Passkey`."""

    object: Literal["passkey"] = "passkey"
    id: str
    name: str
    verification: Verification | None
    last_used_at: int | None
    created_at: int
    updated_at: int


class BackendPasskey(msgspec.Struct, kw_only=True):
    """Contract: `Passkey`, whose `last_used_at` is never null: a passkey that never signed in was used when
    it was registered."""

    object: Literal["passkey"] = "passkey"
    id: str
    name: str
    last_used_at: int
    verification: Verification


async def passkey_resource(
    ctx: Context, row: PasskeyRow, verification: VerificationRow | None = None
) -> FrontendPasskey:
    """Args: verification: of a passkey that is not registered yet, if it is at hand."""
    if row.registered:
        return frontend_passkey(row)
    if verification is None:
        keys = {"instance_id": ctx.instance.id, "id": row.verification_id}
        verification = await ctx.db.one(GET_VERIFICATION, **keys)
    return _frontend(row, verification_shown(verification, now=ctx.now))


def frontend_passkey(row: PasskeyRow) -> FrontendPasskey:
    """A registered one."""
    return _frontend(row, _verified(row))


def _frontend(row: PasskeyRow, verification: Verification | None) -> FrontendPasskey:
    return FrontendPasskey(
        id=row.id,
        name=row.name,
        verification=verification,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def backend_passkey(row: PasskeyRow) -> BackendPasskey:
    """A registered one."""
    return BackendPasskey(
        id=row.id,
        name=row.name,
        last_used_at=row.last_used_at or row.created_at,
        verification=_verified(row),
    )


def _verified(row: PasskeyRow) -> Verification:
    """The verification of a registered passkey: that of its challenge is purged some day."""
    return Verification(
        object=kind_of(STRATEGY),
        status="verified",
        strategy=STRATEGY,
        attempts=None,
        expire_at=row.created_at + CHALLENGE_LIFETIME,
    )


async def passkeys_by_user(ctx: Context, users: list[UserRow]) -> dict[str, list[PasskeyRow]]:
    """Returns the registered passkeys of these users, with one query, or none if none has any."""
    having = [user.id for user in users if user.passkeys_enabled_at is not None]
    found: dict[str, list[PasskeyRow]] = {}
    if having:
        for row in await ctx.db.select(registered_of_users(ctx.instance.id, having), PasskeyRow):
            found.setdefault(row.user_id, []).append(row)
    return found
