"""Sign-in tokens, actor tokens, testing tokens and invitations on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.admission.invitations import status_of
from greffier.server.admission.tables import InvitationRow, SignInTokenRow


class SignInToken(msgspec.Struct, kw_only=True):
    """Contract: `SignInToken`. `token` and `url` are returned once, at creation."""

    object: Literal["sign_in_token"] = "sign_in_token"
    id: str
    status: str
    user_id: str
    token: str | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    created_at: int
    updated_at: int


class ActorToken(msgspec.Struct, kw_only=True):
    """Contract: `ActorToken`. `token` and `url` are returned once, at creation."""

    object: Literal["actor_token"] = "actor_token"
    id: str
    status: str
    user_id: str
    actor: dict[str, Any] | None
    token: str | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    created_at: int
    updated_at: int


class TestingToken(msgspec.Struct, kw_only=True):
    """Contract: `TestingToken`. `expires_at` is in milliseconds."""

    __test__ = False

    object: Literal["testing_token"] = "testing_token"
    token: str
    expires_at: int


def sign_in_token(row: SignInTokenRow) -> SignInToken:
    return SignInToken(
        id=row.id,
        status=row.status,
        user_id=row.user_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def actor_token(row: SignInTokenRow) -> ActorToken:
    return ActorToken(
        id=row.id,
        status=row.status,
        user_id=row.user_id,
        actor=row.actor,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


class Invitation(msgspec.Struct, kw_only=True):
    """Contract: `Invitation`. `url` is returned once, at creation; `expires_at` is in milliseconds."""

    object: Literal["invitation"] = "invitation"
    id: str
    email_address: str
    public_metadata: dict[str, Any]
    revoked: bool
    status: str
    url: str | msgspec.UnsetType = msgspec.UNSET
    expires_at: int
    created_at: int
    updated_at: int


def invitation(row: InvitationRow, now: int, url: str | msgspec.UnsetType = msgspec.UNSET) -> Invitation:
    """Args: now: milliseconds since the epoch, which decide whether it has expired."""
    status = status_of(row, now)
    return Invitation(
        id=row.id,
        email_address=row.email_address,
        public_metadata=row.public_metadata,
        revoked=status == "revoked",
        status=status,
        url=url,
        expires_at=row.expire_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
