"""Requirements of a sign-up: missing and unverified fields."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from greffier.server.identifications.kinds import kinds, verifiable_kinds
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import find_strategy
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

LEGAL = "legal_accepted"
_COLUMNS = {
    "password": "password_digest",
    "first_name": "first_name",
    "last_name": "last_name",
    LEGAL: "legal_accepted_at",
}
"""Columns of the fields of a sign-up besides identifications."""


class Requirements(msgspec.Struct, frozen=True):
    """The four lists of the wire's sign-up."""

    required: list[str]
    optional: list[str]
    missing: list[str]
    unverified: list[str]

    @property
    def fulfilled(self) -> bool:
        return not self.missing and not self.unverified


def _given(row: SignUpRow, field: str) -> bool:
    column = _COLUMNS.get(field)
    return bool(row.value_of(field) if column is None else getattr(row, column))


def is_of_account(ctx: Context, verification: VerificationRow) -> bool:
    """Returns whether this has verified an account at another site."""
    strategy = find_strategy(ctx, verification.strategy)  # a ticket, say, is none
    return verification.status == "verified" and strategy is not None and strategy.connects


def _replaces_password(ctx: Context, kind: str, verification: VerificationRow) -> bool:
    """Returns whether the person signs in by this in place of a password."""
    if is_of_account(ctx, verification):
        return True
    replacing = any(one.name == kind and one.replaces_password for one in kinds())
    signs_in = ctx.instance.settings.attribute(kind).signs_in
    return replacing and signs_in and verification.status == "verified"


def requirements(ctx: Context, row: SignUpRow, verifications: Mapping[str, VerificationRow]) -> Requirements:
    """Measure a sign-up against the instance's settings.

    Args:
        verifications: of what the sign-up has, by kind.
    """
    settings = ctx.instance.settings
    known = [kind.name for kind in kinds()]
    unknown = sorted(settings.attributes.others.keys() - set(known))
    fields = (*known, *unknown, "password", "first_name", "last_name")
    enabled = [name for name in fields if settings.attribute(name).enabled]
    required = [name for name in enabled if settings.attribute(name).required]
    if "password" in required and any(_replaces_password(ctx, *one) for one in verifications.items()):
        required.remove("password")
    if settings.sign_up.legal_consent:
        required.append(LEGAL)
    must_verify = [
        kind.name
        for kind in verifiable_kinds()
        if row.value_of(kind.name) and settings.attribute(kind.name).verify_at_sign_up
    ]
    verified = {name for name, found in verifications.items() if found.status == "verified"}
    return Requirements(
        required=required,
        optional=[name for name in enabled if name not in required],
        # What only a package that is missing could check stays missing.
        missing=[name for name in required if name in unknown or not _given(row, name)],
        unverified=[name for name in must_verify if name not in verified],
    )
