"""Addresses that users may not sign up with or add: disposable ones, and further ones of a known mailbox."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery.addresses import has_subaddress
from greffier.server.identifications.queries import CLAIMED_OF_FAMILY
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context
from greffier.server.web.mailing import is_testing


async def require_allowed(ctx: Context, identifier: Identifier) -> None:
    """Raises: ApiError: 403 when the instance blocks this address."""
    rules = ctx.instance.settings.restrictions
    if rules.block_disposable_email_domains and _is_disposable(identifier.canonical):
        raise errors.email_address_blocked()
    if rules.block_email_subaddresses and await _is_of_known_mailbox(ctx, identifier):
        raise errors.email_address_blocked()


def _is_disposable(address: str) -> bool:
    """The list is loaded with the first question: few instances ask any."""
    from disposable_email_domains import blocklist

    labels = address.rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


async def _is_of_known_mailbox(ctx: Context, identifier: Identifier) -> bool:
    """With enumeration protection the answer may not depend on who has an account, so every sub-address
    counts; but not those of test addresses, which all have one.
    """
    if ctx.instance.settings.attack_protection.enumeration_protection:
        return has_subaddress(identifier.value) and not is_testing(ctx, identifier.value)
    keys = {"kind": identifier.kind, "family": identifier.family or identifier.canonical}
    return await ctx.db.one(CLAIMED_OF_FAMILY, instance_id=ctx.instance.id, **keys) is not None
