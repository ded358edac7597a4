"""Minting session tokens: the hottest path of the server."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.organizations.members.queries import Membership
from greffier.server.sessions.active_organization import Named, active_membership, membership_for_token
from greffier.server.sessions.lifecycle import is_usable, keep_active
from greffier.server.sessions.queries import GET_OF_CLIENT
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tokens.claims import session_claims, token_version
from greffier.server.signing.jwts import CATEGORY_SESSION
from greffier.server.token_gates.features import granted_features
from greffier.server.token_gates.holdings import Features
from greffier.server.web.context import Context

MAX_CLAIMS = 2500
"""Bytes of a session token's claims as JSON. Signed they are some 3,800 characters, which with the cookie's
name and attributes is below the 4,096 that browsers keep (RFC 6265 section 6.1)."""

log = logging.getLogger("greffier.sessions")


async def sign_session_token(
    ctx: Context, session: SessionRow, *, lifetime: int | None = None, azp: str | None = None
) -> str:
    """A token of a session that the caller has checked.

    Args:
        lifetime: seconds; the instance's setting (60) when absent.
        azp: the authorized party; the page that asks when absent.
    """
    membership = await active_membership(ctx.db, ctx.instance, session)
    features = await granted_features(ctx, session.user_id)
    claims = _claims(ctx, session, membership, features, lifetime=lifetime, azp=azp)
    return ctx.services.ports.signing.current(ctx.instance.id).sign_jwt(claims, category=CATEGORY_SESSION)


async def token_that_fits(ctx: Context, session: SessionRow) -> str | None:
    """A token of a session that is shown with others: none where it would be too large, so that the browser
    still gets the rest, and can sign out or leave the organization."""
    try:
        return await sign_session_token(ctx, session)
    except errors.ApiError:
        return None


def _claims(
    ctx: Context,
    session: SessionRow,
    membership: Membership | None,
    features: Features,
    *,
    lifetime: int | None = None,
    azp: str | None = None,
) -> dict[str, Any]:
    """Raises: ApiError: 400 when no cookie would hold the token."""

    def written(version: int | None) -> dict[str, Any]:
        return session_claims(
            ctx.instance,
            session,
            membership,
            features,
            version=version or token_version(ctx.instance, ctx.version),
            azp=azp or ctx.request.page_origin,
            now=ctx.now,
            lifetime=lifetime or ctx.instance.settings.session.token_lifetime,
        )

    claims = written(None)
    if membership is None and session.actor is None and not features.of_user:
        return claims  # the user's entitlements alone are bounded
    if _fits(claims):
        return claims
    if ctx.instance.settings.session.token_version is None and _fits(compact := written(2)):
        return compact
    log.error(
        "tokens of session %s are too large for a cookie and are not made: role %s, organization %s",
        session.id,
        membership.role if membership else None,
        membership.organization.id if membership else None,
    )
    raise errors.session_token_too_large()


def _fits(claims: dict[str, Any]) -> bool:
    return len(msgspec.json.encode(claims)) <= MAX_CLAIMS


async def mint_session_token(ctx: Context, session_id: str, organization: Named = msgspec.UNSET) -> str:
    """A fresh token of one of this client's sessions.

    Args:
        organization: the one that the token is to say; the session's active one when absent.

    Raises:
        ApiError: 401 when there is no client or the session is over (the browser SDK then looks at its
            client again), 404 when the session is not this client's, or the user is no member of
            the organization.
    """
    if ctx.client is None:
        raise errors.signed_out()
    session = await ctx.db.one(
        GET_OF_CLIENT, instance_id=ctx.instance.id, id=session_id, client_id=ctx.client.id
    )
    if session is None:
        raise errors.session_not_found()
    if not is_usable(ctx, session):
        raise errors.session_token_refused()
    await keep_active(ctx, session)
    membership = await membership_for_token(ctx, session, organization)
    claims = _claims(ctx, session, membership, await granted_features(ctx, session.user_id))
    return await ctx.services.ports.signing.sign_soon(ctx.instance.id, claims, category=CATEGORY_SESSION)
