"""Finds the user of a new external account by its address: a user who has verified the same address here, or
who is to verify it first."""

from __future__ import annotations

from greffier.server.identifications.claims import find_claimed, find_unclaimed, of_user
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.users.external_accounts.accounts import Described, accounts_of
from greffier.server.users.lookup import find_user
from greffier.server.users.second_factors.state import has_second_factor
from greffier.server.users.trusted_devices.own_devices import devices_of
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context


async def user_to_link(ctx: Context, described: Described) -> str | None:
    """Returns the user, or `None`. An address that only one side has verified links nothing at once: the
    other side could be another person's (pre-hijacking)."""
    identifier = _identifier(described)
    if identifier is None or not described.email_verified:
        return None
    found = await find_claimed(ctx, identifier)
    return None if found is None or found.reserved else found.user_id


async def address_to_prove(ctx: Context, described: Described) -> IdentificationRow | None:
    """Returns the address of a user that one side alone has verified. The account is connected once the
    person has verified it here.

    Under enumeration protection a site that vouches for nothing must not tell whether there is an account.
    """
    identifier = _identifier(described)
    if identifier is None:
        return None
    claimed = await find_claimed(ctx, identifier)
    if claimed is not None and not claimed.reserved:
        hides = ctx.instance.settings.attack_protection.enumeration_protection
        return None if described.email_verified or hides else claimed
    if not described.email_verified:
        return None
    found = claimed or await find_unclaimed(ctx, identifier)
    return found if found is not None and await is_unproven(ctx, found) else None


async def is_unproven(ctx: Context, address: IdentificationRow) -> bool:
    """Returns whether the user of an unverified address has proven nothing else either. Who has verified
    something may be another person than the holder of this address, and would stay in the account.
    """
    user = await find_user(ctx, address.user_id)
    if user is None or user.passkeys_enabled_at is not None or has_second_factor(user):
        return False
    if await devices_of(ctx, user.id):
        return False
    if any(one.row.claimed and one.row.id != address.id for one in await of_user(ctx, user.id)):
        return False
    return not any(one.connected and one.email_verified for one in await accounts_of(ctx, user.id))


def _identifier(described: Described) -> Identifier | None:
    address = described.email_address
    if address is None:
        return None
    kind = next((kind for kind in verifiable_kinds() if kind.recognises(address)), None)
    return kind.identifier(address) if kind is not None else None
