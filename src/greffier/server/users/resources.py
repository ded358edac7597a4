"""Users on the wire: `UserBase` has the fields of both faces; `private_metadata` exists only on the Backend
API's struct and so cannot leak. The Backend API's input is in `requests.py`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.identifications.claims import by_user, of_user
from greffier.server.identifications.kinds import verifiable_kinds, with_fields_of_kinds
from greffier.server.identifications.queries import Identification
from greffier.server.users.external_accounts.resources import ExternalAccount, external_accounts_by_user
from greffier.server.users.passkeys.resources import backend_passkey, frontend_passkey, passkeys_by_user
from greffier.server.users.passkeys.tables import PasskeyRow
from greffier.server.users.restrictions.lockout import (
    attempts_remaining,
    is_locked,
    lockout_expires_in_seconds,
)
from greffier.server.users.second_factors.state import has_second_factor
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class UserBase(msgspec.Struct, kw_only=True):
    id: str
    object: Literal["user"] = "user"
    username: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    image_url: str
    profile_image_url: str
    has_image: bool
    primary_email_address_id: str | None
    primary_phone_number_id: str | None = None
    primary_web3_wallet_id: str | None = None
    password_enabled: bool
    two_factor_enabled: bool
    totp_enabled: bool
    backup_code_enabled: bool
    email_addresses: list[Any]
    phone_numbers: list[Any] = []
    web3_wallets: list[Any] = []
    passkeys: list[Any]
    external_accounts: list[Any]
    saml_accounts: list[None] = []
    enterprise_accounts: list[None] = []
    password_last_updated_at: int | None
    public_metadata: dict[str, Any]
    unsafe_metadata: dict[str, Any]
    external_id: str | None
    last_sign_in_at: int | None
    banned: bool
    locked: bool
    deprovisioned: bool = False
    lockout_expires_in_seconds: int | None
    verification_attempts_remaining: int | None
    created_at: int
    updated_at: int
    delete_self_enabled: bool
    create_organization_enabled: bool
    last_active_at: int | None
    mfa_enabled_at: int | None
    mfa_disabled_at: int | None
    legal_accepted_at: int | None


class FrontendUser(UserBase, kw_only=True):
    """Contract: `Client.User`."""

    organization_memberships: list[Any]
    create_organizations_limit: int | msgspec.UnsetType = msgspec.UNSET


class BackendUser(UserBase, kw_only=True):
    """Contract: `User`."""

    private_metadata: dict[str, Any]
    create_organizations_limit: int | None
    bypass_client_trust: bool


class PublicUserData(msgspec.Struct, kw_only=True):
    """The data of a user that other users may see."""

    first_name: str | None
    last_name: str | None
    image_url: str
    profile_image_url: str
    has_image: bool
    identifier: str
    user_id: str
    username: str | None
    banned: bool


def image_url(ctx: Context, user: UserRow) -> str:
    """The URL of a user's picture: their own, or one that is drawn for them."""
    name = f"{user.image_id}.webp" if user.image_id else f"{user.id}.svg"
    return f"{ctx.public_url}/avatars/{name}"


def _identifications(ctx: Context, owned: list[Identification], struct: type[UserBase]) -> dict[str, Any]:
    """Returns the fields of a user about identifications."""
    shown: dict[str, Any] = {}
    for kind in verifiable_kinds():
        if kind.plural not in struct.__struct_fields__:
            continue
        own = [one for one in owned if one.row.kind == kind.name]
        shown[kind.plural] = [kind.resource(one, now=ctx.now) for one in own]
        primary = next((one.row.id for one in own if one.row.is_primary), None)
        shown[f"primary_{kind.name}_id"] = primary
    return shown


def _common(
    ctx: Context,
    row: UserRow,
    owned: list[Identification],
    passkeys: list[Any],
    external_accounts: list[Any],
    struct: type[UserBase],
) -> dict[str, Any]:
    picture = image_url(ctx, row)
    return _identifications(ctx, owned, struct) | {
        "passkeys": passkeys,
        "external_accounts": external_accounts,
        "id": row.id,
        "image_url": picture,
        "profile_image_url": picture,
        "has_image": row.image_id is not None,
        "username": row.username,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "locale": row.locale,
        "password_enabled": row.password_digest is not None,
        "two_factor_enabled": has_second_factor(row),
        "totp_enabled": row.totp_enabled_at is not None,
        "backup_code_enabled": row.backup_codes_enabled_at is not None,
        "mfa_enabled_at": row.mfa_enabled_at,
        "mfa_disabled_at": row.mfa_disabled_at,
        "password_last_updated_at": row.password_updated_at,
        "public_metadata": row.public_metadata,
        "unsafe_metadata": row.unsafe_metadata,
        "external_id": row.external_id,
        "last_sign_in_at": row.last_sign_in_at,
        "banned": row.banned,
        "locked": is_locked(row, ctx.now),
        "lockout_expires_in_seconds": lockout_expires_in_seconds(row, ctx.now),
        "verification_attempts_remaining": attempts_remaining(ctx.instance, row, ctx.now),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "delete_self_enabled": row.delete_self_enabled,
        "create_organization_enabled": row.create_organization_enabled,
        "last_active_at": row.last_active_at,
        "legal_accepted_at": row.legal_accepted_at,
    }


def may_delete_self(ctx: Context, user: UserRow) -> bool:
    """The instance allows it, and so does what was set for this user."""
    return user.delete_self_enabled and ctx.instance.settings.actions.delete_self


async def frontend_user(ctx: Context, row: UserRow) -> FrontendUser:
    limit = row.create_organizations_limit
    struct = with_fields_of_kinds(FrontendUser, plural=True)
    passkeys = [frontend_passkey(one) for one in (await passkeys_by_user(ctx, [row])).get(row.id, [])]
    accounts = (await external_accounts_by_user(ctx, [row.id])).get(row.id, [])
    common = _common(ctx, row, await of_user(ctx, row.id), passkeys, accounts, struct)
    common["delete_self_enabled"] = may_delete_self(ctx, row)
    return struct(
        **common,
        organization_memberships=[*await ctx.services.ports.organizations.memberships_of_user(ctx, row.id)],
        create_organizations_limit=msgspec.UNSET if limit is None else limit,
    )


def _backend_user(
    ctx: Context,
    row: UserRow,
    owned: list[Identification],
    passkeys: list[PasskeyRow],
    external_accounts: list[ExternalAccount],
) -> BackendUser:
    return BackendUser(
        **_common(
            ctx, row, owned, [backend_passkey(one) for one in passkeys], external_accounts, BackendUser
        ),
        private_metadata=row.private_metadata,
        create_organizations_limit=row.create_organizations_limit,
        bypass_client_trust=row.bypass_client_trust,
    )


async def backend_user(ctx: Context, row: UserRow) -> BackendUser:
    passkeys = await passkeys_by_user(ctx, [row])
    accounts = await external_accounts_by_user(ctx, [row.id])
    return _backend_user(
        ctx, row, await of_user(ctx, row.id), passkeys.get(row.id, []), accounts.get(row.id, [])
    )


async def backend_users(ctx: Context, rows: list[UserRow]) -> list[BackendUser]:
    """A list of users with one query for all their identifications, and one for their passkeys."""
    owned = await by_user(ctx, [row.id for row in rows])
    passkeys = await passkeys_by_user(ctx, rows)
    accounts = await external_accounts_by_user(ctx, [row.id for row in rows])
    return [
        _backend_user(ctx, row, owned.get(row.id, []), passkeys.get(row.id, []), accounts.get(row.id, []))
        for row in rows
    ]


class TotalCount(msgspec.Struct, kw_only=True):
    """Contract: `TotalCount`."""

    object: Literal["total_count"] = "total_count"
    total_count: int


def public_user_data(row: UserRow, shown: UserBase) -> PublicUserData:
    """Of a user who is shown anyway."""
    return _public(row, shown.image_url, _first_shown(shown))


def _first_shown(user: UserBase) -> str | None:
    """As `_first_identifier`, of what the user's resource says."""
    for kind in verifiable_kinds():
        own: list[Any] = getattr(user, kind.plural, [])
        primary_id = getattr(user, f"primary_{kind.name}_id", None)
        for one in (*(one for one in own if one.id == primary_id), *own):
            return getattr(one, kind.name)
    return None


async def public_data_of_users(ctx: Context, rows: list[UserRow]) -> dict[str, PublicUserData]:
    """The same for several users, by their ids, with one query for all their identifications."""
    owned = await by_user(ctx, [row.id for row in rows])
    return {
        row.id: _public(row, image_url(ctx, row), _first_identifier(owned.get(row.id, []))) for row in rows
    }


async def name_of_account(ctx: Context, user: UserRow) -> str:
    """The name by which the user finds the account in an authenticator."""
    return _first_identifier(await of_user(ctx, user.id)) or user.username or user.id


def _first_identifier(owned: list[Identification]) -> str | None:
    """Of the first kind that the user has: the primary one, else the oldest."""
    for kind in verifiable_kinds():
        own = [one.row for one in owned if one.row.kind == kind.name]
        for row in (*(row for row in own if row.is_primary), *own):
            return row.value
    return None


def _public(row: UserRow, picture: str, address: str | None) -> PublicUserData:
    """Args: address: the primary one, else the first; without one the username identifies."""
    return PublicUserData(
        first_name=row.first_name,
        last_name=row.last_name,
        image_url=picture,
        profile_image_url=picture,
        has_image=row.image_id is not None,
        identifier=address or row.username or "",
        user_id=row.id,
        username=row.username,
        banned=row.banned,
    )
