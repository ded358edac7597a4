"""Tickets of sign-in tokens and invitations. Only this server reads them."""

from __future__ import annotations

from greffier.server.crypto.secrets import new_secret
from greffier.server.crypto.symmetric_jwts import write_symmetric_jwt
from greffier.server.web.context import Context


def write_ticket(ctx: Context, owner_id: str, kind: str, expire_at: int) -> str:
    """A JWT by form, as the contract says; it is found by its hash, and nothing else of it is stored.

    Args:
        owner_id: id of the object that the ticket belongs to.
        kind: the type of that object.
        expire_at: milliseconds since the epoch.
    """
    claims = {"eid": owner_id, "jti": new_secret(), "exp": expire_at // 1000, "st": kind}
    return write_symmetric_jwt(claims, ctx.instance.code_key)
