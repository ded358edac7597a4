"""Table of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.sealing import sealed_text
from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, integer, metadata, millis, text

provider_tokens = sa.Table(
    "provider_tokens",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("account_id", sa.Text, sa.ForeignKey("external_accounts.id", ondelete="SET NULL")),
    text("provider"),
    text("provider_user_id"),
    text("client_id", null=True),
    sealed_text("access_token"),
    sealed_text("refresh_token", null=True),
    sealed_text("id_token", null=True),
    text("scopes"),
    millis("expire_at", null=True),
    millis("refreshing_until", null=True),
    millis("refresh_failed_at", null=True),
    millis("revoke_at", null=True),
    integer("attempts"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("account_id"),
    sa.Index("ix_provider_tokens_named", "instance_id", "provider", "provider_user_id"),
    sa.Index("ix_provider_tokens_due", "revoke_at"),
    sa.Index("ix_provider_tokens_updated", "instance_id", "updated_at", "id"),
)


class ProviderTokensRow(Row, frozen=True):
    """The tokens of one account, sealed. Without an `account_id` they are those of a sign-in or sign-up that
    is not complete, or of an account that was removed.

    `scopes` are separated by spaces. Until `refreshing_until` one request asks the site for new ones.
    `client_id`: of the registration at the site for which they are good, where that is another one than the
    instance's. `revoke_at`: when the site is asked next to revoke them, after `attempts` that failed; of a
    sign-in or sign-up that is not complete, when it is abandoned.
    """

    id: str
    instance_id: str
    account_id: str | None
    provider: str
    provider_user_id: str
    client_id: str | None
    access_token: str
    refresh_token: str | None
    id_token: str | None
    scopes: str
    expire_at: int | None
    refreshing_until: int | None
    refresh_failed_at: int | None
    revoke_at: int | None
    attempts: int
    created_at: int
    updated_at: int
