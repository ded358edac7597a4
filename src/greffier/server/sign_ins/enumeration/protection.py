"""The resource of a sign-in under enumeration protection: the same for known and unknown identifiers,
derived from the identifier and the instance's settings alone.

It shows the factors of a decoy: a made-up user with this identifier and everything that the instance offers.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import derived_bytes
from greffier.server.identifications.kinds import kind_named, readings, verifiable_kinds
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.store.ids import derived_id
from greffier.server.users.creation import new_user
from greffier.server.users.tables import UserRow
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context

MAX_IDENTIFIER = 320
"""Characters; no address and no username is longer (RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.2)."""


class Decoy(msgspec.Struct, frozen=True):
    """A user who does not exist, and their identification, unless its kind has no verification.

    `readings` are what the text may mean; `identifier` is the likeliest, and decides what is shown.
    """

    user: UserRow
    readings: list[Identifier]
    identifier: Identifier
    identification: IdentificationRow | None


def begins_hidden(ctx: Context, *, sign_up_if_missing: bool) -> bool:
    """Returns whether a sign-in that begins now must hide whether the account exists."""
    return sign_up_if_missing or ctx.instance.settings.attack_protection.enumeration_protection


def hides_existence(ctx: Context, row: SignInRow) -> bool:
    """Returns whether this sign-in must hide whether the account exists. After a verification it need not."""
    if row.identifier is None or row.status not in ("needs_first_factor", "abandoned"):
        return False
    # One without a user has nothing else to show, even if the setting has changed since.
    return row.user_id is None or begins_hidden(ctx, sign_up_if_missing=bool(row.sign_up_if_missing))


def check_identifier(ctx: Context, text: str, *, sign_up_if_missing: bool) -> None:
    """Raises: ApiError: 422 when it is of no kind that identifies here."""
    if len(text) > MAX_IDENTIFIER:
        raise errors.identifier_invalid("identifier", f"Must be at most {MAX_IDENTIFIER} characters long.")
    likeliest = readings(ctx, text)[0]
    # A username cannot be verified, so it cannot begin a sign-up this way.
    if sign_up_if_missing and not kind_named(likeliest.kind).verifiable:
        verifiable_kinds()[0].read(ctx, text, "identifier")


def decoy_for(ctx: Context, text: str) -> Decoy:
    """Returns the same decoy for ever, so that asking twice reveals nothing. Ids are keyed by the instance:
    without its key they cannot be told from random ones."""
    read = readings(ctx, text)
    identifier = read[0]
    user = new_user(
        ctx,
        id=_id(ctx, "user", identifier),
        password_digest=ctx.services.passwords.decoy_digest,
    )
    if not kind_named(identifier.kind).verifiable:
        # Nothing that verifies the user may show, and none can be made up that looks like a real one.
        return Decoy(user, read, identifier, None)
    identification = IdentificationRow(
        id=_id(ctx, "idn", identifier),
        instance_id=ctx.instance.id,
        user_id=user.id,
        kind=identifier.kind,
        value=identifier.value,
        canonical=identifier.canonical,
        claimed=True,
        reserved=False,
        is_primary=True,
        verification_id=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    return Decoy(user, read, identifier, identification)


def _id(ctx: Context, prefix: str, identifier: Identifier) -> str:
    name = f"{identifier.kind} {identifier.canonical}"
    return derived_id(prefix, derived_bytes(name, key=ctx.instance.code_key, purpose=f"stand-in {prefix}"))
