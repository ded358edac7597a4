"""Links a new external account to the user who has verified the same address here."""

from __future__ import annotations

from greffier.server.identifications.claims import find_claimed
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.users.external_accounts.accounts import Described
from greffier.server.web.context import Context


async def user_to_link(ctx: Context, described: Described) -> str | None:
    """Returns the user, or `None`. An address that only one side has verified links nothing: the other side
    could be another person's (pre-hijacking)."""
    if described.email_address is None or not described.email_verified:
        return None
    kind = next(kind for kind in verifiable_kinds() if kind.recognises(described.email_address))
    found = await find_claimed(ctx, kind.identifier(described.email_address))
    return None if found is None or found.reserved else found.user_id
