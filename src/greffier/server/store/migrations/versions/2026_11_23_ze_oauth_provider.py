"""Applications that sign users in with this instance, and their tokens."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_ze_oauth_provider"
down_revision = "2026_11_23_zd_invitations"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_OWNERS = {
    "instance_id": "instances",
    "application_id": "oauth_applications",
    "user_id": "users",
    "grant_id": "oauth_grants",
}
"""Column and table: what belongs to a row there ends with it."""


def _table(
    name: str, *columns: sa.Column[Any], owners: tuple[str, ...], unique: tuple[str, ...] = ()
) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(owner, sa.Text(), nullable=False) for owner in owners),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                [owner],
                [f"{_OWNERS[owner]}.id"],
                name=f"fk_{name}_{owner}_{_OWNERS[owner]}",
                ondelete="CASCADE",
            )
            for owner in owners
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        *([sa.UniqueConstraint(*unique, name=f"uq_{name}_{'_'.join(unique)}")] if unique else []),
    )


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _millis(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _boolean(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, _JSON, nullable=False)


def upgrade() -> None:
    _table(
        "oauth_applications",
        _text("name"),
        _text("client_id"),
        _text("client_secret_hash", null=True),
        _text("client_uri", null=True),
        _text("logo_uri", null=True),
        _text("logo_id", null=True),
        _boolean("dynamically_registered"),
        _boolean("consent_screen_enabled"),
        _boolean("pkce_required"),
        _boolean("public"),
        _json("scopes"),
        _json("redirect_uris"),
        _millis("created_at"),
        _millis("updated_at"),
        owners=("instance_id",),
        unique=("client_id",),
    )
    op.create_index(
        "ix_oauth_applications_created", "oauth_applications", ["instance_id", "created_at", "id"]
    )
    _table(
        "oauth_application_logos",
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _millis("created_at"),
        owners=("instance_id", "application_id"),
    )
    op.create_index("ix_oauth_application_logos_application", "oauth_application_logos", ["application_id"])
    _table(
        "oauth_consents",
        _json("scopes"),
        _millis("created_at"),
        _millis("updated_at"),
        owners=("instance_id", "application_id", "user_id"),
        unique=("application_id", "user_id"),
    )
    op.create_index("ix_oauth_consents_user", "oauth_consents", ["user_id"])
    _table(
        "oauth_grants",
        _json("scopes"),
        _text("code_hash"),
        _millis("code_expire_at"),
        _millis("code_used_at", null=True),
        _text("redirect_uri", null=True),
        _text("code_challenge", null=True),
        _text("nonce", null=True),
        _millis("authenticated_at"),
        _boolean("revoked"),
        _text("revocation_reason", null=True),
        _millis("created_at"),
        _millis("updated_at"),
        owners=("instance_id", "application_id", "user_id"),
        unique=("code_hash",),
    )
    op.create_index("ix_oauth_grants_application", "oauth_grants", ["application_id", "user_id"])
    op.create_index("ix_oauth_grants_user", "oauth_grants", ["user_id"])
    _table(
        "oauth_tokens",
        _text("kind"),
        _text("token_hash"),
        _json("scopes"),
        _millis("used_at", null=True),
        _millis("expire_at"),
        _millis("created_at"),
        _millis("updated_at"),
        owners=("instance_id", "grant_id"),
        unique=("token_hash",),
    )
    op.create_index("ix_oauth_tokens_grant", "oauth_tokens", ["grant_id", "kind", "expire_at"])
