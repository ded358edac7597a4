"""Links of a user's identifications to the accounts at other sites that have them too."""

from __future__ import annotations

import msgspec

from greffier.server.identifications.claims import find_of_user, of_user, save
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.users.external_accounts.tables import ExternalAccountRow
from greffier.server.web.context import Context


async def link(ctx: Context, account: ExternalAccountRow) -> None:
    """Note it with the user's verified address, if the account has that too."""
    address = account.email_address
    kind = next((kind for kind in verifiable_kinds() if address and kind.recognises(address)), None)
    if kind is None or address is None:
        return
    row = await find_of_user(ctx, account.user_id, kind.identifier(address))
    if row is not None and row.claimed:
        links = [*(row.linked_to or []), {"type": account.strategy, "id": account.id}]
        await _save(ctx, row, links)


async def unlink(ctx: Context, account: ExternalAccountRow) -> None:
    """The account is removed."""
    for one in await of_user(ctx, account.user_id):
        links = one.row.linked_to or []
        left = [link for link in links if link["id"] != account.id]
        if left != links:
            await _save(ctx, one.row, left)


async def _save(ctx: Context, row: IdentificationRow, links: list[dict[str, str]]) -> None:
    await save(ctx, msgspec.structs.replace(row, linked_to=links or None, updated_at=ctx.now))
