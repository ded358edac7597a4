"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    json,
    metadata,
    millis,
    shown_in_client,
    text,
)
from greffier.server.verifications.identifiers import Identifier

identifications = sa.Table(
    "identifications",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("kind"),
    text("value"),
    text("canonical"),
    boolean("claimed"),
    boolean("reserved"),
    boolean("is_primary"),
    text("verification_id", null=True),
    millis("created_at"),
    millis("updated_at"),
    text("family", null=True),
    text("second_factor", null=True),
    json("linked_to", null=True),
    json("ens", null=True),
    info=shown_in_client("user_id"),
)
# It belongs to one user once it is verified or reserved; until then any user may try to verify it.
sa.Index(
    "uq_identifications_claimed",
    identifications.c.instance_id,
    identifications.c.kind,
    identifications.c.canonical,
    unique=True,
    sqlite_where=identifications.c.claimed == sa.true(),
)
sa.Index(
    "ix_identifications_unclaimed",
    identifications.c.instance_id,
    identifications.c.kind,
    identifications.c.canonical,
    sqlite_where=identifications.c.claimed == sa.false(),
)
sa.Index(
    "ix_identifications_family",
    identifications.c.instance_id,
    identifications.c.family,
    sqlite_where=identifications.c.family.is_not(None),
)
sa.Index("ix_identifications_verification", identifications.c.verification_id)
sa.Index(
    "uq_identifications_user_canonical",
    identifications.c.user_id,
    identifications.c.kind,
    identifications.c.canonical,
    unique=True,
)


class IdentificationRow(Row, frozen=True):
    """An identification of a user. `value` is displayed, `canonical` is compared. `claimed`: verified or
    reserved, so that no other user can have it. `second_factor`: `reserved` for one that verifies the second
    step of its user's sign-ins, and identifies no more; `default` for the first of those. One that is not
    claimed yet becomes a second factor when it is verified. `family`: as in `Identifier`.
    `linked_to`: the accounts at other sites that came with it, `{"type": ..., "id": ...}`.
    `ens`: what the Ethereum Name Service last said of a wallet (`web3_wallets/ens/`)."""

    id: str
    instance_id: str
    user_id: str
    kind: str
    value: str
    canonical: str
    claimed: bool
    reserved: bool
    is_primary: bool
    verification_id: str | None
    created_at: int
    updated_at: int
    family: str | None = None
    second_factor: str | None = None
    linked_to: list[dict[str, str]] | None = None
    ens: dict[str, Any] | None = None

    @property
    def identifies(self) -> bool:
        """Returns whether its user may sign in with it."""
        return self.claimed and self.second_factor is None

    @property
    def is_second_factor(self) -> bool:
        return self.claimed and self.second_factor is not None

    @property
    def identifier(self) -> Identifier:
        return Identifier(self.kind, self.value, self.canonical, self.family)
