"""Reads and checks the fields that a person gives to a sign-up, and applies them to its row."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.identifications.kinds import kinds
from greffier.server.sign_ups.requests import SignUpFields
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.users.passwords.policy import hash_new_password, password_problems
from greffier.server.users.profile.metadata import check_size
from greffier.server.users.profile.names import name_problems
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class Changes(msgspec.Struct, kw_only=True):
    """Changes of a sign-up: columns, identifiers by kind (`None` clears one), and the ids of verifications
    that they already have.
    """

    columns: dict[str, Any] = {}
    identifiers: dict[str, Identifier | None] = {}
    verified: dict[str, str] = {}

    def applied_to(self, row: SignUpRow) -> dict[str, Any]:
        """The columns to write. Another identifier must be verified anew, unless it already is."""
        found = dict(row.identifications)
        for kind, identifier in self.identifiers.items():
            if identifier is None:
                found.pop(kind, None)
            elif kind in self.verified or identifier.value != row.value_of(kind):
                found[kind] = {"value": identifier.value, "verification_id": self.verified.get(kind)}
        return self.columns | {"identifications": found}

    def overridden_by(self, others: Changes) -> Changes:
        """Returns these and others, which count for more."""
        return Changes(
            columns=self.columns | others.columns,
            identifiers=self.identifiers | others.identifiers,
            verified={
                kind: verification
                for kind, verification in self.verified.items()
                if kind not in others.identifiers
            }
            | others.verified,
        )

    def set_verified(self, identifier: Identifier, verification_id: str) -> None:
        """Sets an identifier that a verification has verified."""
        self.identifiers = self.identifiers | {identifier.kind: identifier}
        self.verified = self.verified | {identifier.kind: verification_id}


async def read_changes(ctx: Context, fields: SignUpFields, rest: Parameters) -> Changes:
    """Check every field and hash the password.

    All problems are reported at once, and nothing is written or locked yet.

    Raises:
        ApiError: 422 with an entry for every field that is not accepted.
    """
    columns: dict[str, Any] = {}
    problems: list[ErrorItem] = name_problems(fields.first_name, fields.last_name)
    for name in ("first_name", "last_name", "locale"):
        value = getattr(fields, name)
        if value is not msgspec.UNSET:
            columns[name] = value or None
    identifiers = await _read_identifiers(ctx, rest, problems)
    if isinstance(fields.password, str):
        problems.extend(await password_problems(ctx, fields.password))
    if problems:
        raise errors.invalid_params(*problems)
    if fields.unsafe_metadata is not msgspec.UNSET:
        columns["unsafe_metadata"] = fields.unsafe_metadata or {}
        check_size({"unsafe_metadata": columns["unsafe_metadata"]})
    if isinstance(fields.legal_accepted, bool):
        columns["legal_accepted_at"] = ctx.now if fields.legal_accepted else None
    if isinstance(fields.password, str):
        columns["password_digest"] = await hash_new_password(ctx, fields.password, check=False)
    return Changes(columns=columns, identifiers=identifiers)


async def _read_identifiers(
    ctx: Context, rest: Parameters, problems: list[ErrorItem]
) -> dict[str, Identifier | None]:
    """Reads the identifier of each kind. Forms send the empty string for kinds that are off."""
    found: dict[str, Identifier | None] = {}
    for kind in kinds():
        try:
            text = rest.text(kind.name)
            if text is None:
                found[kind.name] = None
            elif text is not msgspec.UNSET:
                found[kind.name] = await kind.read_new(ctx, text)
        except ApiError as error:
            if error.status != 422:  # not about how the field is written
                raise
            problems.extend(error.items)
    return found
