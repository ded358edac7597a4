"""Organizations, their members and roles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_zf_organizations"
down_revision = "2026_11_23_ze_oauth_provider"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _create_organizations()
    _create_roles()
    _create_memberships()
    _create_invitations()


def _reference(table: str, column: str, to: str, ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete
    )


def _create_organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("image_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("max_allowed_memberships", sa.Integer(), nullable=False),
        sa.Column("admin_delete_enabled", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("public_metadata", _JSON, nullable=False),
        sa.Column("private_metadata", _JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _reference("organizations", "instance_id", "instances"),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("instance_id", "slug", name="uq_organizations_instance_id_slug"),
    )
    op.create_index("ix_organizations_created", "organizations", ["instance_id", "created_at", "id"])
    op.create_index("ix_organizations_creator", "organizations", ["instance_id", "created_by"])
    op.create_table(
        "organization_logos",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _reference("organization_logos", "instance_id", "instances"),
        _reference("organization_logos", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("id", name="pk_organization_logos"),
    )
    op.create_index("ix_organization_logos_organization", "organization_logos", ["organization_id"])


def _create_roles() -> None:
    op.create_table(
        "organization_roles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _reference("organization_roles", "instance_id", "instances"),
        sa.PrimaryKeyConstraint("id", name="pk_organization_roles"),
        sa.UniqueConstraint("instance_id", "key", name="uq_organization_roles_instance_id_key"),
    )
    op.create_table(
        "organization_permissions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _reference("organization_permissions", "instance_id", "instances"),
        sa.PrimaryKeyConstraint("id", name="pk_organization_permissions"),
        sa.UniqueConstraint("instance_id", "key", name="uq_organization_permissions_instance_id_key"),
    )
    table = "organization_role_permissions"
    op.create_table(
        table,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(), nullable=False),
        sa.Column("permission_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _reference(table, "instance_id", "instances"),
        _reference(table, "role_id", "organization_roles"),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["organization_permissions.id"],
            name=f"fk_{table}_permission_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("role_id", "permission_id", name=f"uq_{table}_role_id_permission_id"),
    )
    op.create_index(f"ix_{table}_permission", table, ["permission_id"])


def _create_memberships() -> None:
    table = "organization_memberships"
    op.create_table(
        table,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(), nullable=False),
        sa.Column("public_metadata", _JSON, nullable=False),
        sa.Column("private_metadata", _JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _reference(table, "instance_id", "instances"),
        _reference(table, "organization_id", "organizations"),
        _reference(table, "user_id", "users"),
        _reference(table, "role_id", "organization_roles", None),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("organization_id", "user_id", name=f"uq_{table}_organization_id_user_id"),
    )
    for of in ("user", "organization"):
        op.create_index(f"ix_{table}_{of}", table, [f"{of}_id", "instance_id", "created_at", "id"])
    op.create_index(f"ix_{table}_role", table, ["role_id"])
    op.create_index(f"ix_{table}_created", table, ["instance_id", "created_at", "id"])


def _create_invitations() -> None:
    table = "organization_invitations"
    op.create_table(
        table,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(), nullable=False),
        sa.Column("email_address", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("inviter_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("public_metadata", _JSON, nullable=False),
        sa.Column("private_metadata", _JSON, nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("expire_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _reference(table, "instance_id", "instances"),
        _reference(table, "organization_id", "organizations"),
        _reference(table, "role_id", "organization_roles"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_organization", table, ["organization_id", "instance_id", "created_at"])
    op.create_index(f"ix_{table}_canonical", table, ["canonical", "instance_id", "created_at"])
    op.create_index(f"ix_{table}_role", table, ["role_id", "instance_id"])
    op.create_index(f"ix_{table}_created", table, ["instance_id", "created_at"])
