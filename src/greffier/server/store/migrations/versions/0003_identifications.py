"""One table for the identifications of all kinds, and callbacks for all strategies."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=null)


def _big(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _table(name: str, *columns: sa.Column[Any] | sa.UniqueConstraint) -> None:
    instance = sa.ForeignKey("instances.id", ondelete="CASCADE", name=f"fk_{name}_instance_id_instances")
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), instance, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def _user(table: str, name: str, *, null: bool = False) -> sa.Column[Any]:
    user = sa.ForeignKey("users.id", ondelete="CASCADE", name=f"fk_{table}_{name}_users")
    return sa.Column(name, sa.Text(), user, nullable=null)


def upgrade() -> None:
    _identifications()
    _callbacks()
    _transfers()
    _sign_ups()
    op.add_column("verifications", _text("kind", null=True))
    op.add_column("verifications", sa.Column("details", _JSON, nullable=True))
    op.execute("UPDATE verifications SET kind = 'email_address' WHERE sent_to IS NOT NULL")


def _identifications() -> None:
    _table(
        "identifications",
        _user("identifications", "user_id"),
        _text("kind"),
        _text("value"),
        _text("canonical"),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("claimed", "reserved", "is_primary")),
        _text("verification_id", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    same = "claimed, reserved, is_primary, verification_id, created_at, updated_at"
    op.execute(
        f"INSERT INTO identifications (id, instance_id, user_id, kind, value, canonical, {same})"  # noqa: S608
        f" SELECT id, instance_id, user_id, 'email_address', email_address, canonical, {same}"
        " FROM email_addresses"
    )
    op.drop_table("email_addresses")
    op.create_index(
        "uq_identifications_claimed",
        "identifications",
        ["instance_id", "kind", "canonical"],
        unique=True,
        sqlite_where=sa.text("claimed = 1"),
        postgresql_where=sa.text("claimed = true"),
    )
    op.create_index("ix_identifications_verification", "identifications", ["verification_id"])
    op.create_index(
        "uq_identifications_user_canonical", "identifications", ["user_id", "kind", "canonical"], unique=True
    )


def _callbacks() -> None:
    columns = ("verification_id", "token_hash", "owner_id", "client_id", "redirect_url")
    _table(
        "callbacks",
        *(_text(name, null=name == "client_id") for name in columns),
        _big("created_at"),
        sa.UniqueConstraint("instance_id", "token_hash", name="uq_callbacks_instance_id_token_hash"),
    )
    same = f"id, instance_id, {', '.join(columns)}, created_at"
    op.execute(f"INSERT INTO callbacks ({same}) SELECT {same} FROM email_links")  # noqa: S608
    op.drop_table("email_links")
    op.create_index("ix_callbacks_created", "callbacks", ["instance_id", "created_at", "id"])


def _transfers() -> None:
    """They expire in ten minutes; a row that waits now is kept nevertheless."""
    rows = _rows("transfers")
    op.drop_table("transfers")
    names = ("client_id", "verification_id", "kind", "value")
    _table("transfers", *map(_text, names), _big("expire_at"), _big("created_at"))
    op.create_index("ix_transfers_client", "transfers", ["instance_id", "client_id"])
    op.create_index("ix_transfers_expire", "transfers", ["instance_id", "expire_at", "id"])
    for row in rows:
        row |= {"kind": "email_address", "value": row.pop("email_address")}
    _insert("transfers", rows)


def _sign_ups() -> None:
    """A sign-up says in one document what it has of each kind."""
    rows = _rows("sign_ups")
    op.drop_table("sign_ups")
    _table(
        "sign_ups",
        _text("client_id"),
        _text("status"),
        sa.Column("identifications", _JSON, nullable=False),
        *(_text(name, null=True) for name in ("password_digest", "first_name", "last_name", "locale")),
        sa.Column("unsafe_metadata", _JSON, nullable=False),
        sa.Column("legal_accepted_at", sa.BigInteger(), nullable=True),
        _user("sign_ups", "created_user_id", null=True),
        _text("created_session_id", null=True),
        *map(_big, ("abandon_at", "created_at", "updated_at")),
        _text("invitation_id", null=True),
        sa.Column("public_metadata", _JSON, nullable=True),
    )
    op.create_index("ix_sign_ups_client", "sign_ups", ["client_id", "status"])
    op.create_index("ix_sign_ups_created_user", "sign_ups", ["created_user_id"])
    op.create_index("ix_sign_ups_abandon", "sign_ups", ["instance_id", "abandon_at", "id"])
    for row in rows:
        row["identifications"] = _given(row)
    _insert("sign_ups", rows)


def _given(row: dict[str, Any]) -> dict[str, Any]:
    given = {
        "email_address": (row.pop("email_address"), row.pop("email_verification_id")),
        "username": (row.pop("username"), None),
    }
    return {
        kind: {"value": value, "verification_id": verification_id}
        for kind, (value, verification_id) in given.items()
        if value is not None
    }


def _table_now(name: str) -> sa.TableClause:
    """As the database has it; SQLite does not know which columns are documents."""
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(name)]
    documents = ("identifications", "unsafe_metadata", "public_metadata")
    return sa.table(name, *(sa.column(one, _JSON if one in documents else None) for one in names))


def _rows(table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in op.get_bind().execute(sa.select(_table_now(table))).mappings()]


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        op.get_bind().execute(sa.insert(_table_now(table)), rows)
