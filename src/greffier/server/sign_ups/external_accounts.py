"""Sign-ups that begin with an account at another site: what the site says fills the
sign-up in. `Strategy.connects` says which strategies these are."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.claims import find_claimed
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.sign_ups.changes import Changes
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.strategy import Introduction
from greffier.server.verifications.callbacks import save_verification, with_error
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import offer_transfer
from greffier.server.web.context import Context


async def is_taken(ctx: Context, row: SignUpRow, verification: VerificationRow) -> bool:
    """Returns whether the account is for a user who is there already. Then it is offered to a sign-in.

    Raises:
        ApiError: 422 instead, where the strategy's pages expect that.
    """
    strategy = strategy_named(ctx, verification.strategy)
    known = await strategy.user_id_of(ctx, verification) is not None
    if not known and await strategy.address_to_prove(ctx, verification) is None:
        return False
    if not strategy.offers_transfer:
        raise errors.external_account_exists()
    identifier = strategy.introduce(verification).identifier
    offered = await offer_transfer(ctx, row.client_id, verification, identifier)
    await save_verification(ctx, with_error(offered, offered.status, errors.external_account_exists()))
    return True


async def changes_of(ctx: Context, row: SignUpRow, verification: VerificationRow) -> Changes:
    """Returns the fields that are still empty, as the site fills them in.

    Raises:
        ApiError: 403 for an address that is not allowed.
    """
    introduced = strategy_named(ctx, verification.strategy).introduce(verification)
    changes = Changes()
    changes.set_verified(introduced.identifier, verification.id)
    for name in ("first_name", "last_name"):
        if getattr(row, name) is None and (value := getattr(introduced, name)):
            changes.columns[name] = value
    await _take_address(ctx, row, introduced, changes, verification.strategy)
    return changes


async def _take_address(
    ctx: Context, row: SignUpRow, introduced: Introduction, changes: Changes, strategy: str
) -> None:
    """The address counts as verified if the site says so; otherwise as one that was entered. One
    of another user is left out, so that the person enters another, unless that would tell that there is an
    account."""
    address = introduced.address
    if address is None:
        return
    kind = next((kind for kind in verifiable_kinds() if kind.recognises(address)), None)
    if kind is None or row.value_of(kind.name) or not ctx.instance.settings.attribute(kind.name).enabled:
        return
    identifier = kind.read(ctx, address, kind.name)
    await kind.require_allowed(ctx, identifier)
    hides = ctx.instance.settings.attack_protection.enumeration_protection
    if not hides and await find_claimed(ctx, identifier):
        return
    if introduced.address_verified:
        verified = await record_verified(ctx, f"from_{introduced.site or strategy}", sent_to=identifier)
        changes.set_verified(identifier, verified.id)
    else:
        changes.identifiers = changes.identifiers | {identifier.kind: identifier}
