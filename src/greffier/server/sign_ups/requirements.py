"""What a sign-up still needs: fields that are missing, fields that are not verified."""

from __future__ import annotations

import msgspec

from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.instance.settings import InstanceSettings

FIELDS = ("email_address", "username", "password", "first_name", "last_name")
LEGAL = "legal_accepted"
"""Attributes that a person can give at sign-up today."""


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
    column = {"password": "password_digest", LEGAL: "legal_accepted_at"}.get(field, field)
    return bool(getattr(row, column))


def requirements(
    settings: InstanceSettings, row: SignUpRow, email_verification: VerificationRow | None
) -> Requirements:
    """Measure a sign-up against the instance's settings."""
    enabled = [name for name in FIELDS if settings.attribute(name).enabled]
    required = [name for name in enabled if settings.attribute(name).required]
    if settings.sign_up.legal_consent:
        required.append(LEGAL)
    verified = email_verification is not None and email_verification.status == "verified"
    must_verify = bool(row.email_address) and settings.attribute("email_address").verify_at_sign_up
    return Requirements(
        required=required,
        optional=[name for name in enabled if name not in required],
        missing=[name for name in required if not _given(row, name)],
        unverified=["email_address"] if must_verify and not verified else [],
    )
