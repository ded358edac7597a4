"""Tokens for other services, made from a JWT template and what it may know of the session and its user."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import of_user
from greffier.server.identifications.email_addresses.reading import NAME as EMAIL_ADDRESS
from greffier.server.identifications.phone_numbers.reading import NAME as PHONE_NUMBER
from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.members.token_claims import custom_permissions
from greffier.server.sessions.active_organization import active_membership
from greffier.server.sessions.lifecycle import is_live, keep_active, session_of_client
from greffier.server.sessions.tables import SessionRow
from greffier.server.signing.jwts import CATEGORY_TEMPLATE
from greffier.server.signing.queries import FIND_TEMPLATE
from greffier.server.signing.tables import JwtTemplateRow
from greffier.server.signing.templates.custom_keys import sign_by_custom_key
from greffier.server.signing.templates.shortcodes import rendered
from greffier.server.users.lookup import find_user
from greffier.server.users.resources import image_url
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context

MAX_TOKEN_CLAIMS = 16 * 1024
"""Bytes of the claims of one token, as JSON. The services that read it refuse longer headers anyway."""


async def mint_template_token(
    ctx: Context, session: SessionRow, template_name: str, *, lifetime: int | None = None
) -> str:
    """A token of a session that is the caller's.

    Args:
        lifetime: seconds; the template's when absent.

    Raises:
        ApiError: 401 when the session is over, or pending: such a token could not say so. 404 when there is
            no template of this name, 422 when the user's data make the token too large.
    """
    if session.status != "active" or not is_live(session, ctx.now):
        raise errors.session_token_refused()
    template = await ctx.db.one(FIND_TEMPLATE, instance_id=ctx.instance.id, name=template_name)
    if template is None:
        raise errors.template_not_found(template_name)
    values = {
        "user": await _user_values(ctx, session.user_id),
        "session": _session_values(session),
        **_organization_values(await active_membership(ctx.db, ctx.instance, session)),
    }
    claims = rendered(template.claims, values) | _server_claims(ctx, session, template, lifetime)
    if len(msgspec.json.encode(claims)) > MAX_TOKEN_CLAIMS:
        raise errors.token_too_large(MAX_TOKEN_CLAIMS)
    return await _signed(ctx, template, claims)


async def mint_own_template_token(ctx: Context, session_id: str, template_name: str) -> str:
    """A token of one of this client's sessions, which counts as use.

    Raises:
        ApiError: as `mint_template_token`; 401 without a client, 404 when the session is not this client's.
    """
    session = await session_of_client(ctx, session_id)
    token = await mint_template_token(ctx, session, template_name)
    await keep_active(ctx, session)
    return token


def _server_claims(
    ctx: Context, session: SessionRow, template: JwtTemplateRow, lifetime: int | None
) -> dict[str, Any]:
    issued = ctx.now // 1000
    claims = {
        "exp": issued + (lifetime or template.lifetime),
        "iat": issued,
        "iss": ctx.instance.issuer,
        "jti": secrets.token_hex(10),
        "nbf": issued - template.allowed_clock_skew,
        "sub": session.user_id,
    }
    azp = ctx.request.page_origin
    return claims if azp is None else claims | {"azp": azp}


async def _signed(ctx: Context, template: JwtTemplateRow, claims: dict[str, Any]) -> str:
    if template.signing_algorithm is None or template.signing_key is None:
        return await ctx.services.ports.signing.sign_soon(ctx.instance.id, claims, category=CATEGORY_TEMPLATE)
    return sign_by_custom_key(
        ctx.db.encryption,
        template.id,
        template.signing_algorithm,
        template.signing_key,
        claims,
        category=CATEGORY_TEMPLATE,
    )


def _session_values(session: SessionRow) -> dict[str, Any]:
    return {"id": session.id, "actor": session.actor}


def _organization_values(membership: Membership | None) -> dict[str, Any]:
    """The values of shortcodes about the active organization; without one they are null."""
    if membership is None:
        return {}
    organization = membership.organization
    return {
        "org": {
            "id": organization.id,
            "slug": organization.slug,
            "name": organization.name,
            "role": membership.role,
            "permissions": list(custom_permissions(membership)),
            "public_metadata": organization.public_metadata,
        },
        "org_membership": {"public_metadata": membership.row.public_metadata},
    }


async def _user_values(ctx: Context, user_id: str) -> dict[str, Any]:
    """The values of shortcodes about a user. Private metadata are not included: browsers get these tokens."""
    user = await find_user(ctx, user_id)
    if user is None:
        raise errors.session_token_refused()
    primary = {one.row.kind: one for one in await of_user(ctx, user.id) if one.row.is_primary}
    address, number = primary.get(EMAIL_ADDRESS), primary.get(PHONE_NUMBER)
    return _row_values(user) | {
        "image_url": image_url(ctx, user),
        "has_image": user.image_id is not None,
        "primary_email_address": None if address is None else address.row.value,
        "email_verified": address is not None and address.verified,
        "primary_phone_number": None if number is None else number.row.value,
        "primary_phone_address": None if number is None else number.row.value,  # the published name
        "phone_number_verified": number is not None and number.verified,
    }


def _row_values(user: UserRow) -> dict[str, Any]:
    names = [name for name in (user.first_name, user.last_name) if name]
    return {
        "id": user.id,
        "external_id": user.external_id,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "full_name": " ".join(names) or None,
        "public_metadata": user.public_metadata,
        "unsafe_metadata": user.unsafe_metadata,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "last_sign_in_at": user.last_sign_in_at,
    }
