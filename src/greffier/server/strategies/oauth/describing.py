"""Accounts at other sites as they are kept, from what a provider says of a user."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.delivery.addresses import has_subaddress
from greffier.server.errors import ApiError
from greffier.server.identifications.email_addresses.reading import read_email_address
from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth_providers.provider import Profile
from greffier.server.users.external_accounts.accounts import Described
from greffier.server.web.context import Context
from greffier.server.web.mailing import is_testing


def describe(
    ctx: Context, connection: Connection, profile: Profile, *, approved_scopes: str = ""
) -> Described:
    """Raises: ApiError: 403 for a sub-address, where the connection blocks those. Test addresses are none."""
    address = _readable(profile.email_address)
    fields: dict[str, Any] = msgspec.structs.asdict(profile) | {
        "email_address": address,
        "email_verified": profile.email_verified and address is not None,
    }
    blocks = connection.settings.blocks_subaddresses
    if address and blocks and has_subaddress(address) and not is_testing(ctx, address):
        raise errors.email_address_blocked()
    return Described(
        provider=connection.provider.key,
        provider_user_id=fields.pop("id"),
        approved_scopes=approved_scopes,
        **fields,
    )


def _readable(address: str | None) -> str | None:
    """An address as it is kept everywhere; `None` for one that gets no mail."""
    try:
        return None if address is None else read_email_address(address)
    except ApiError:
        return None
