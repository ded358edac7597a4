"""Consents of users to applications, and the questions of the consent screen."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import msgspec

from greffier.server import errors
from greffier.server.oauth_provider.applications.lifecycle import find_application
from greffier.server.oauth_provider.applications.redirect_uris import is_claimed, is_registered
from greffier.server.oauth_provider.applications.resources import logo_url
from greffier.server.oauth_provider.authorization.authorization_requests import AuthorizationRequest
from greffier.server.oauth_provider.queries import (
    CONSENT_OF_USER,
    HOLD_APPLICATION,
    INSERT_CONSENT,
    UPDATE_CONSENT,
)
from greffier.server.oauth_provider.scopes import DESCRIPTIONS, split_scopes
from greffier.server.oauth_provider.tables import OAuthApplicationRow, OAuthConsentRow
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import find_locked_user
from greffier.server.web.context import Context
from greffier.server.web.http.origins import is_local


class ScopeWithDescription(msgspec.Struct, kw_only=True):
    """Contract: `OAuth.ScopeWithDescription`."""

    scope: str
    description: str | None
    requires_consent: bool


class ConsentInfo(msgspec.Struct, kw_only=True):
    """Contract: `OAuth.ConsentInfo`."""

    oauth_application_name: str
    oauth_application_logo_url: str | None
    oauth_application_url: str | None
    client_id: str
    redirect_domain: str | None
    scopes: list[ScopeWithDescription]


async def consent_info(
    ctx: Context, client_id: str, scope: str | None, redirect_uri: str | None
) -> ConsentInfo:
    """The contents of a consent screen.

    Raises:
        ApiError: 401 without a session, 404 without such an application, 400 when it asks for no consent.
    """
    await ctx.require_session()
    application = await find_application(ctx, client_id)
    if application is None:
        raise errors.not_found("OAuth application")
    if not application.consent_screen_enabled:
        raise errors.oauth_consent_screen_disabled()
    wanted = set(split_scopes(scope)) if scope else set(application.scopes)
    shown = [
        ScopeWithDescription(
            scope=name, description=DESCRIPTIONS.get(name), requires_consent=name != "openid"
        )
        for name in application.scopes
        if name in wanted
    ]
    return ConsentInfo(
        oauth_application_name=application.name,
        oauth_application_logo_url=logo_url(ctx, application),
        oauth_application_url=application.client_uri,
        client_id=application.client_id,
        redirect_domain=_redirect_domain(application, redirect_uri),
        scopes=shown,
    )


def _redirect_domain(application: OAuthApplicationRow, redirect_uri: str | None) -> str | None:
    """The whole host name: only a list of public suffixes could tell the registrable domain."""
    if not redirect_uri or not is_registered(redirect_uri, application.redirect_uris):
        return None
    host = urlsplit(redirect_uri).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None if not host or is_local(host) else host
    return None


async def consent_needed(ctx: Context, request: AuthorizationRequest, user_id: str) -> bool:
    """Whether the user must be asked, because they have not allowed all of this before, or because the
    identity of the application cannot be verified.
    """
    target, application = request.target, request.target.application
    if not application.consent_screen_enabled:
        return False
    if application.dynamically_registered or "consent" in request.prompts:
        return True
    if application.public and not is_claimed(target.redirect_uri):
        return True
    former = await _consent_of(ctx, application.id, user_id)
    return former is None or not set(request.scopes) <= set(former.scopes)


async def remember_consent(ctx: Context, request: AuthorizationRequest, user_id: str) -> None:
    """Scopes add up: what was allowed before stays so."""
    application = request.target.application
    await hold_user_and_application(ctx, user_id, application.id)
    former = await _consent_of(ctx, application.id, user_id)
    if former is not None:
        scopes = [*former.scopes, *(scope for scope in request.scopes if scope not in former.scopes)]
        changed = msgspec.structs.replace(former, scopes=scopes, updated_at=ctx.now)
        await ctx.db.save(UPDATE_CONSENT, changed)
        return
    row = OAuthConsentRow(
        id=new_id("oac", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        application_id=application.id,
        user_id=user_id,
        scopes=request.scopes,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_CONSENT, row)


async def hold_user_and_application(ctx: Context, user_id: str, application_id: str) -> None:
    """Neither is deleted, nor is the user banned, until this request is done.

    Raises:
        ApiError: 401 when the user or the application is gone, 403 when the user was banned just now.
    """
    user = await find_locked_user(ctx, user_id)
    if user is None:
        raise errors.signed_out()
    if user.banned:
        raise errors.user_banned()
    if await ctx.db.one(HOLD_APPLICATION, instance_id=ctx.instance.id, id=application_id) is None:
        raise errors.oauth_client_unknown()


async def _consent_of(ctx: Context, application_id: str, user_id: str) -> OAuthConsentRow | None:
    return await ctx.db.one(
        CONSENT_OF_USER, instance_id=ctx.instance.id, application_id=application_id, user_id=user_id
    )
