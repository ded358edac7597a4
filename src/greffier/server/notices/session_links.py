"""Links in notices that end a session: without a session of the reader, once, and for some days."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.notices.queries import DELETE, FIND, INSERT
from greffier.server.notices.tables import SessionLinkRow
from greffier.server.sessions.lifecycle import finish_session
from greffier.server.sessions.queries import GET
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import with_query

PATH = "/end-session"
"""Of the page to which the links lead."""

LIFETIME = 7 * 24 * 3600 * 1000
"""Milliseconds for which a link works."""


async def new_session_link(ctx: Context, session_id: str) -> str:
    """Returns the URL of a new link. Only its hash is stored."""
    token = new_secret()
    row = SessionLinkRow(
        id=new_id("slk", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        session_id=session_id,
        token_hash=hash_secret(token),
        expire_at=ctx.now + LIFETIME,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT, row)
    return with_query(f"{ctx.public_url}{PATH}", token=token)


async def find_link(ctx: Context, token: str) -> SessionLinkRow:
    """Returns the link, which stays valid.

    Raises:
        ApiError: 400 when there is none: it was used, has expired, or is another instance's.
    """
    keys = {"instance_id": ctx.instance.id, "token_hash": hash_secret(token), "now": ctx.now}
    found = await ctx.db.one(FIND, **keys)
    if found is None:
        raise errors.session_link_invalid()
    return found


async def end_session_by_link(ctx: Context, token: str) -> None:
    """Revoke the session; the link is used up.

    Raises:
        ApiError: as `find_link`.
    """
    link = await find_link(ctx, token)
    if not await ctx.db.execute(DELETE, instance_id=ctx.instance.id, id=link.id):
        raise errors.session_link_invalid()
    session = await ctx.db.one(GET, instance_id=ctx.instance.id, id=link.session_id)
    if session is not None:
        await finish_session(ctx, session, "revoked")
