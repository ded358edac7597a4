"""Sign-ups with an account at another site: what the site says fills the sign-up in."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.claims import find_claimed
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.sign_ups import attempts
from greffier.server.sign_ups.changes import Changes
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.oauth.linking import user_to_link
from greffier.server.strategies.oauth.strategy import described_in
from greffier.server.strategies.strategy import Subject
from greffier.server.users.external_accounts.accounts import KIND, Described, find_account
from greffier.server.verifications.callbacks import save_verification, with_error
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import offer_transfer
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def prepare(ctx: Context, row: SignUpRow, name: str, rest: Parameters) -> SignUpRow:
    """Send the browser to the other site.

    Raises:
        ApiError: 400 when the sign-up is over; what the strategy says.
    """
    locked = await attempts.lock(ctx, row)
    verification = await strategy_named(ctx, name).prepare(ctx, Subject(owner_id=locked.id, rest=rest))
    return await attempts.save(ctx, locked, identifications=locked.with_verification(KIND, verification.id))


async def is_taken(ctx: Context, row: SignUpRow, verification: VerificationRow) -> bool:
    """Returns whether a user has the account, or would be given it because both sides have verified its
    address. Then it is offered to a sign-in."""
    described = described_in(verification)
    account = await find_account(ctx, described)
    if account is None and await user_to_link(ctx, described) is None:
        return False
    offered = await offer_transfer(ctx, row.client_id, verification, described.identifier)
    await save_verification(ctx, with_error(offered, offered.status, errors.external_account_exists()))
    return True


async def changes_of(ctx: Context, row: SignUpRow, verification: VerificationRow) -> Changes:
    """Returns the fields that are still empty, as the site fills them in.

    Raises:
        ApiError: 403 for an address that is not allowed.
    """
    described = described_in(verification)
    changes = Changes()
    changes.set_verified(described.identifier, verification.id)
    for name in ("first_name", "last_name"):
        if getattr(row, name) is None and (value := getattr(described, name)):
            changes.columns[name] = value
    await _take_address(ctx, row, described, changes, verification.strategy)
    return changes


async def _take_address(
    ctx: Context, row: SignUpRow, described: Described, changes: Changes, strategy: str
) -> None:
    """The address counts as verified if the site says so; otherwise as one that was entered. One
    of another user is left out, so that the person enters another, unless that would tell that there is an
    account."""
    if described.email_address is None:
        return
    kind = next((kind for kind in verifiable_kinds() if kind.recognises(described.email_address)), None)
    if kind is None or row.value_of(kind.name) or not ctx.instance.settings.attribute(kind.name).enabled:
        return
    identifier = kind.read(ctx, described.email_address, kind.name)
    await kind.require_allowed(ctx, identifier)
    hides = ctx.instance.settings.attack_protection.enumeration_protection
    if not hides and await find_claimed(ctx, identifier):
        return
    if described.email_verified:
        verified = await record_verified(ctx, f"from_{strategy}", sent_to=identifier)
        changes.set_verified(identifier, verified.id)
    else:
        changes.identifiers = changes.identifiers | {identifier.kind: identifier}
