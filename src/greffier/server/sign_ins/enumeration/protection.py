"""What a sign-in shows while it must not tell whether there is an account: the same for known and unknown
identifiers, derived from the identifier and the instance's settings alone.

It shows the factors of a stand-in: somebody with this identifier and everything that the instance offers.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import derived_bytes
from greffier.server.delivery.addresses import canonical
from greffier.server.identifications.emails import read_email_address
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.store.ids import derived_id
from greffier.server.users.creation import new_user
from greffier.server.users.profile.names import canonical_username
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context

MAX_IDENTIFIER = 320
"""Characters; no address and no username is longer (RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.2)."""


class Decoy(msgspec.Struct, frozen=True):
    """A user who is decoy, and their address, unless they are named by a username."""

    user: UserRow
    email: EmailAddressRow | None


def begins_hidden(ctx: Context, *, sign_up_if_missing: bool) -> bool:
    """Whether a sign-in that begins now must not tell whether there is an account."""
    return sign_up_if_missing or ctx.instance.settings.attack_protection.enumeration_protection


def hides_existence(ctx: Context, row: SignInRow) -> bool:
    """Whether this sign-in must not tell whether there is an account. Once something is proven, it may."""
    if row.identifier is None or row.status not in ("needs_first_factor", "abandoned"):
        return False
    # One without a user has nothing else to show, even if the setting has changed since.
    return row.user_id is None or begins_hidden(ctx, sign_up_if_missing=bool(row.sign_up_if_missing))


def check_identifier(ctx: Context, text: str, *, sign_up_if_missing: bool) -> None:
    """Raises: ApiError: 422 when it is no address, and no username where these identify."""
    if len(text) > MAX_IDENTIFIER:
        raise errors.identifier_invalid("identifier", f"Must be at most {MAX_IDENTIFIER} characters long.")
    # Nobody can prove a username, so decoy signs up with one this way.
    if sign_up_if_missing or not ctx.instance.settings.attribute("username").identifier or "@" in text:
        read_email_address(text, "identifier")


def address_in(identifier: str) -> str | None:
    """The address that somebody has named themselves by; `None` for a username."""
    return read_email_address(identifier, "identifier") if "@" in identifier else None


def decoy_for(ctx: Context, identifier: str) -> Decoy:
    """The same for ever, so that who asks twice learns nothing. Ids are keyed by the instance: decoy else
    can tell them from random ones, or whose they are."""
    address = address_in(identifier)
    name = canonical(address) if address is not None else canonical_username(identifier)
    user = new_user(
        ctx,
        id=_id(ctx, "user", name),
        password_digest=ctx.services.passwords.decoy_digest,
    )
    if address is None:
        # No address of the user may show, and none can be made up that looks like a real one.
        return Decoy(user, None)
    email = EmailAddressRow(
        id=_id(ctx, "idn", name),
        instance_id=ctx.instance.id,
        user_id=user.id,
        email_address=address,
        canonical=name,
        claimed=True,
        reserved=False,
        is_primary=True,
        verification_id=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    return Decoy(user, email)


def _id(ctx: Context, prefix: str, name: str) -> str:
    return derived_id(prefix, derived_bytes(name, key=ctx.instance.code_key, purpose=f"stand-in {prefix}"))
