"""The claims of a user for an application, by its scopes (OpenID Connect Core section 5.4)."""

from __future__ import annotations

from typing import Any

from greffier.server.identifications.claims import of_user
from greffier.server.identifications.email_addresses.reading import NAME as EMAIL_ADDRESS
from greffier.server.users.resources import image_url
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


async def user_claims(ctx: Context, user: UserRow, scopes: list[str]) -> dict[str, Any]:
    """The claims that these scopes open; `private_metadata` only by the scope of that name."""
    claims: dict[str, Any] = {}
    if "profile" in scopes:
        claims |= _profile(ctx, user)
    if "email" in scopes:
        claims |= await _email(ctx, user)
    if "public_metadata" in scopes:
        claims["public_metadata"] = user.public_metadata
    if "private_metadata" in scopes:
        claims["private_metadata"] = user.private_metadata
    return claims


def _profile(ctx: Context, user: UserRow) -> dict[str, Any]:
    names = [name for name in (user.first_name, user.last_name) if name]
    return {
        "family_name": user.last_name,
        "given_name": user.first_name,
        "name": " ".join(names) or None,
        "picture": image_url(ctx, user),
        "preferred_username": user.username,
        "username": user.username,
    }


async def _email(ctx: Context, user: UserRow) -> dict[str, Any]:
    """The primary address, else the first one."""
    found = [one for one in await of_user(ctx, user.id) if one.row.kind == EMAIL_ADDRESS]
    primary = next((one for one in found if one.row.is_primary), found[0] if found else None)
    if primary is None:
        return {"email": None, "email_verified": False}
    verification = primary.verification
    verified = verification is not None and verification.status == "verified"
    return {"email": primary.row.value, "email_verified": verified}
