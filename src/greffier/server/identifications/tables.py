"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import boolean, id_column, instance_column, metadata, millis, text

email_addresses = sa.Table(
    "email_addresses",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("email_address"),
    text("canonical"),
    boolean("claimed"),
    boolean("reserved"),
    boolean("is_primary"),
    text("verification_id", null=True),
    millis("created_at"),
    millis("updated_at"),
)
# An address belongs to one user once it is verified or reserved; until then anybody may try to verify it.
sa.Index(
    "uq_email_addresses_claimed",
    email_addresses.c.instance_id,
    email_addresses.c.canonical,
    unique=True,
    sqlite_where=email_addresses.c.claimed == sa.true(),
    postgresql_where=email_addresses.c.claimed == sa.true(),
)
sa.Index("ix_email_addresses_user", email_addresses.c.user_id)
sa.Index("ix_email_addresses_verification", email_addresses.c.verification_id)
sa.Index(
    "uq_email_addresses_user_canonical",
    email_addresses.c.user_id,
    email_addresses.c.canonical,
    unique=True,
)


class EmailAddressRow(Row, frozen=True):
    """`claimed`: verified or reserved, so that nobody else can have it."""

    id: str
    instance_id: str
    user_id: str
    email_address: str
    canonical: str
    claimed: bool
    reserved: bool
    is_primary: bool
    verification_id: str | None
    created_at: int
    updated_at: int
