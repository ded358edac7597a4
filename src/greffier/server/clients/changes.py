"""Whether a request changed what the client resource shows, derived from the rows that it wrote."""

from __future__ import annotations

from greffier.server.store.database import Write
from greffier.server.store.tables import SHOWN_IN_CLIENT
from greffier.server.web.context import Context


def changes_client(ctx: Context) -> bool:
    """Whether this browser's client looks different after what the transaction has written so far.

    A navigation or a look does not move the client by its rows alone: a handshake may note the active
    organization without making every page that is open ask again.
    """
    return not ctx.request.is_safe and any(_is_shown(ctx, write) for write in ctx.db.written)


def _is_shown(ctx: Context, write: Write) -> bool:
    """A row of another client or user is not shown, such as that of somebody who does not sign in after all:
    a count of their failures would tell whether there is an account."""
    info = write.table.info
    if SHOWN_IN_CLIENT not in info:
        return False
    column: str | None = info[SHOWN_IN_CLIENT]
    whose = write.value(column) if column is not None else None
    is_of_client = ctx.client is not None and whose == ctx.client.id
    return whose is None or is_of_client or whose in ctx.client_user_ids
