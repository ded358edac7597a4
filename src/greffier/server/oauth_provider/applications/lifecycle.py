"""Applications of an instance: made, shown, changed, removed; their secrets. Lists are in `listing.py`."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.oauth_provider.applications.redirect_uris import MAX_COUNT, redirect_uri_problem
from greffier.server.oauth_provider.applications.requests import (
    OAuthApplicationPatch,
    OAuthApplicationRequest,
)
from greffier.server.oauth_provider.queries import (
    APPLICATION_OF_CLIENT_ID,
    DELETE_APPLICATION,
    DELETE_LOGOS,
    GET_APPLICATION,
    INSERT_APPLICATION,
    INSERT_LOGO,
    LOCK_APPLICATION,
    UPDATE_APPLICATION,
)
from greffier.server.oauth_provider.scopes import application_scopes
from greffier.server.oauth_provider.tables import OAuthApplicationLogoRow, OAuthApplicationRow
from greffier.server.store.ids import new_id
from greffier.server.users.images.profile_images import read_picture
from greffier.server.web.context import Context


async def create_application(
    ctx: Context, params: OAuthApplicationRequest
) -> tuple[OAuthApplicationRow, str]:
    """A new application and its client secret, which is empty for a public one.

    Raises:
        ApiError: 422 for a scope that there is not, or a redirect URI that cannot be one.
    """
    public = bool(params.public)
    client_secret = "" if public else new_secret()
    row = OAuthApplicationRow(
        id=new_id("oa", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        name=params.name,
        client_id=new_id("client", now_ms=ctx.now),
        client_secret_hash=hash_secret(client_secret) if client_secret else None,
        client_uri=None,
        logo_uri=None,
        logo_id=None,
        dynamically_registered=False,
        consent_screen_enabled=params.consent_screen_enabled is not False,
        pkce_required=bool(params.pkce_required),
        public=public,
        scopes=application_scopes(params.scopes),
        redirect_uris=_given_redirect_uris(ctx, params) or [],
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_APPLICATION, row)
    return row, client_secret


async def get_application(ctx: Context, application_id: str) -> OAuthApplicationRow:
    """Raises: ApiError: 404 when the instance has no such application."""
    row = await ctx.db.one(GET_APPLICATION, instance_id=ctx.instance.id, id=application_id)
    if row is None:
        raise errors.not_found("OAuth application")
    return row


async def find_application(ctx: Context, client_id: str) -> OAuthApplicationRow | None:
    return await ctx.db.one(APPLICATION_OF_CLIENT_ID, instance_id=ctx.instance.id, client_id=client_id)


async def lock_application(ctx: Context, application_id: str) -> OAuthApplicationRow:
    """Raises: ApiError: 404 when the instance has no such application."""
    row = await ctx.db.one(LOCK_APPLICATION, instance_id=ctx.instance.id, id=application_id)
    if row is None:
        raise errors.not_found("OAuth application")
    return row


async def update_application(
    ctx: Context, application_id: str, patch: OAuthApplicationPatch
) -> OAuthApplicationRow:
    """A confidential client that becomes public loses its secret; the other way it has none until the next
    rotation.

    Raises:
        ApiError: 404 without such an application, 422 for what it cannot have.
    """
    former = await lock_application(ctx, application_id)
    if former.dynamically_registered and patch.consent_screen_enabled is False:
        why = "An application that registered itself always asks for consent."
        raise errors.invalid_params(errors.param_format_invalid("consent_screen_enabled", why))
    changes: dict[str, Any] = {
        "name": patch.name,
        "consent_screen_enabled": patch.consent_screen_enabled,
        "pkce_required": patch.pkce_required,
        "public": patch.public,
        "scopes": application_scopes(patch.scopes) if patch.scopes else None,
        "redirect_uris": _given_redirect_uris(ctx, patch),
    }
    given = {name: value for name, value in changes.items() if value is not None}
    if patch.public:
        given["client_secret_hash"] = None
    return await _save(ctx, former, **given)


async def delete_application(ctx: Context, application_id: str) -> None:
    """With it go its grants, and with those its tokens, and what users had allowed it.

    Raises:
        ApiError: 404 when the instance has no such application.
    """
    if not await ctx.db.execute(DELETE_APPLICATION, instance_id=ctx.instance.id, id=application_id):
        raise errors.not_found("OAuth application")


async def rotate_secret(ctx: Context, application_id: str) -> tuple[OAuthApplicationRow, str]:
    """A new client secret in place of the former one, which ends at once. A public client has none.

    Raises:
        ApiError: 404 when the instance has no such application.
    """
    former = await lock_application(ctx, application_id)
    if former.public:
        return former, ""
    client_secret = new_secret()
    return await _save(ctx, former, client_secret_hash=hash_secret(client_secret)), client_secret


async def set_logo(ctx: Context, application_id: str, upload: bytes) -> OAuthApplicationRow:
    """Give an application this picture in place of another.

    Raises:
        ApiError: 404 without such an application; 400 for what is no picture, or too large a one.
    """
    await get_application(ctx, application_id)  # before a picture is read in vain
    content = await read_picture(upload)
    former = await lock_application(ctx, application_id)
    await ctx.db.execute(DELETE_LOGOS, instance_id=ctx.instance.id, application_id=former.id)
    logo_id = new_id("img", now_ms=ctx.now)
    logo = OAuthApplicationLogoRow(logo_id, ctx.instance.id, former.id, content, ctx.now)
    await ctx.db.insert(INSERT_LOGO, logo)
    return await _save(ctx, former, logo_id=logo_id)


async def _save(ctx: Context, former: OAuthApplicationRow, **changes: Any) -> OAuthApplicationRow:
    row = msgspec.structs.replace(former, **changes, updated_at=ctx.now)
    await ctx.db.save(UPDATE_APPLICATION, row)
    return row


def _given_redirect_uris(
    ctx: Context, params: OAuthApplicationRequest | OAuthApplicationPatch
) -> list[str] | None:
    """`callback_url` is the former way to give a single one."""
    if params.redirect_uris is not None:
        uris, param = list(dict.fromkeys(params.redirect_uris)), "redirect_uris"
    elif params.callback_url:
        uris, param = [params.callback_url], "callback_url"
    else:
        return None
    if len(uris) > MAX_COUNT:
        raise errors.invalid_params(
            errors.param_format_invalid(param, f"An application may have {MAX_COUNT} redirect URIs.")
        )
    for uri in uris:
        if problem := redirect_uri_problem(uri, plain_http=ctx.instance.is_development):
            raise errors.invalid_params(
                errors.param_format_invalid(param, f"{uri[:100]!r} cannot be a redirect URI: {problem}.")
            )
    return uris
