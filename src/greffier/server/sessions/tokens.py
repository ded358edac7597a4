"""Minting session tokens: the hottest path of the server."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.organizations.queries import Membership
from greffier.server.sessions.active_organization import Named, active_membership, membership_for_token
from greffier.server.sessions.claims import session_claims
from greffier.server.sessions.lifecycle import is_usable, keep_active
from greffier.server.sessions.queries import GET_OF_CLIENT
from greffier.server.sessions.tables import SessionRow
from greffier.server.signing.jwts import CATEGORY_SESSION
from greffier.server.web.context import Context


async def sign_session_token(
    ctx: Context, session: SessionRow, *, lifetime: int | None = None, azp: str | None = None
) -> str:
    """A token of a session that the caller has checked.

    Args:
        lifetime: seconds; the instance's setting (60) when absent.
        azp: the authorized party; the page that asks when absent.
    """
    membership = await active_membership(ctx.db, ctx.instance, session)
    claims = _claims(ctx, session, membership, lifetime=lifetime, azp=azp)
    return ctx.services.signing.current(ctx.instance.id).sign_jwt(claims, category=CATEGORY_SESSION)


def _claims(
    ctx: Context,
    session: SessionRow,
    membership: Membership | None,
    *,
    lifetime: int | None = None,
    azp: str | None = None,
) -> dict[str, Any]:
    return session_claims(
        ctx.instance,
        session,
        membership,
        version=ctx.version,
        azp=azp or ctx.request.page_origin,
        now=ctx.now,
        lifetime=lifetime or ctx.instance.settings.session.token_lifetime,
    )


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
    claims = _claims(ctx, session, await membership_for_token(ctx, session, organization))
    return await ctx.services.signing.sign_soon(ctx.instance.id, claims, category=CATEGORY_SESSION)
