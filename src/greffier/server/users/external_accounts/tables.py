"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    metadata,
    millis,
    shown_in_client,
    text,
)

STRATEGY_PREFIX = "oauth_"

external_accounts = sa.Table(
    "external_accounts",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("provider"),
    text("provider_user_id", null=True),
    text("email_address", null=True),
    boolean("email_verified"),
    text("first_name", null=True),
    text("last_name", null=True),
    text("username", null=True),
    text("image_url", null=True),
    text("approved_scopes"),
    text("verification_id", null=True),
    millis("reconnect_since", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "provider", "provider_user_id"),
    sa.Index("ix_external_accounts_user", "user_id", "created_at", "id"),
    sa.Index("ix_external_accounts_created", "instance_id", "created_at", "id"),
    info=shown_in_client("user_id"),
)


class ExternalAccountRow(Row, frozen=True):
    """An account at another site. Until the site has confirmed it, it has no `provider_user_id`, and
    `verification_id` has the request. `email_verified`: the site says that it has verified the address.
    `reconnect_since`: from then on the site gives no tokens until the user connects the account once more."""

    id: str
    instance_id: str
    user_id: str
    provider: str
    provider_user_id: str | None
    email_address: str | None
    email_verified: bool
    first_name: str | None
    last_name: str | None
    username: str | None
    image_url: str | None
    approved_scopes: str
    verification_id: str | None
    reconnect_since: int | None
    created_at: int
    updated_at: int

    @property
    def strategy(self) -> str:
        return STRATEGY_PREFIX + self.provider

    @property
    def connected(self) -> bool:
        return self.provider_user_id is not None
