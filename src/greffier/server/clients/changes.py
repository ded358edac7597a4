"""Derives from the rows that a request wrote whether its client changed."""

from __future__ import annotations

from greffier.server.store.database import Write
from greffier.server.store.tables import SHOWN_IN_CLIENT
from greffier.server.web.context import Context


def changes_client(ctx: Context) -> bool:
    """Returns whether the transaction has written rows that this browser's client shows.

    GET and HEAD never count: a handshake may note the active organization without making every open page
    ask again.
    """
    return not ctx.request.is_safe and any(_is_shown(ctx, write) for write in ctx.db.written)


def _is_shown(ctx: Context, write: Write) -> bool:
    """Returns whether the client shows these rows. Those of other clients and users it does not: a count of
    failures of the user named in a sign-in would tell whether there is an account."""
    info = write.table.info
    if SHOWN_IN_CLIENT not in info:
        return False
    column: str | None = info[SHOWN_IN_CLIENT]
    whose = write.value(column) if column is not None else None
    is_of_client = ctx.client is not None and whose == ctx.client.id
    return whose is None or is_of_client or whose in ctx.client_user_ids
