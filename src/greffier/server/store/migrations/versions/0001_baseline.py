"""Every table of the first schema that has a number. Those that come later are in files of their own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Text(), primary_key=True)


def _text(name: str, *, null: bool = False, unique: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=null, unique=unique)


def _reference(
    name: str, to: str, *, null: bool = False, unique: bool = False, ondelete: str | None = "CASCADE"
) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), sa.ForeignKey(to, ondelete=ondelete), nullable=null, unique=unique)


def _instance() -> sa.Column[Any]:
    return _reference("instance_id", "instances.id")


def _big(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _integer(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _flag(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(create_constraint=False), nullable=null)


def _json(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _JSON, nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _index(name: str, table: str, *columns: str, unique: bool = False, only: str | None = None) -> None:
    """Args: only: a flag; rows without it are not in the index."""
    where = None if only is None else sa.column(only, sa.Boolean()) == sa.true()
    op.create_index(name, table, list(columns), unique=unique, postgresql_where=where, sqlite_where=where)


def upgrade() -> None:
    op.create_table(
        "instances",
        _id(),
        _text("environment"),
        _text("publishable_key", unique=True),
        _text("frontend_api_host", unique=True),
        _text("domain", null=True),
        _text("code_key"),
        _json("settings"),
        _big("created_at"),
        _big("updated_at"),
    )
    op.create_table(
        "clients",
        _id(),
        _instance(),
        _text("secret_hash"),
        _big("secret_since"),
        _flag("rotation_due"),
        _text("last_authentication_strategy", null=True),
        _flag("deleted"),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_clients_created", "clients", "instance_id", "created_at", "id")
    op.create_table(
        "dev_browsers",
        _id(),
        _instance(),
        _text("token_hash", unique=True),
        _text("client_id", null=True),
        _big("created_at"),
    )
    _index("ix_dev_browsers_created", "dev_browsers", "instance_id", "created_at", "id")
    op.create_table(
        "email_links",
        _id(),
        _instance(),
        _text("verification_id"),
        _text("token_hash"),
        _text("owner_id"),
        _text("client_id", null=True),
        _text("redirect_url"),
        _big("created_at"),
        sa.UniqueConstraint("instance_id", "token_hash"),
    )
    _index("ix_email_links_created", "email_links", "instance_id", "created_at", "id")
    op.create_table(
        "handshake_payloads",
        _id(),
        _instance(),
        _text("nonce_hash", unique=True),
        _json("directives"),
        _big("expire_at"),
    )
    _index("ix_handshake_payloads_expire", "handshake_payloads", "instance_id", "expire_at", "id")
    op.create_table(
        "instance_hosts",
        _id(),
        _instance(),
        _text("host", unique=True),
        _big("created_at"),
        _text("satellite_domain", null=True),
        _text("proxy_url", null=True),
    )
    op.create_table(
        "invitations",
        _id(),
        _instance(),
        _text("email_address"),
        _text("canonical"),
        _text("status"),
        _flag("sole"),
        _json("public_metadata"),
        _text("redirect_url", null=True),
        _text("token_hash"),
        _big("expire_at"),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("instance_id", "token_hash"),
    )
    _index("ix_invitations_canonical", "invitations", "instance_id", "canonical")
    _index("ix_invitations_created", "invitations", "instance_id", "created_at")
    _index("uq_invitations_sole", "invitations", "instance_id", "canonical", unique=True, only="sole")
    op.create_table(
        "jwt_templates",
        _id(),
        _instance(),
        _text("name"),
        _json("claims"),
        _integer("lifetime"),
        _integer("allowed_clock_skew"),
        _text("signing_algorithm", null=True),
        _text("signing_key", null=True),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("instance_id", "name"),
    )
    op.create_table(
        "machines",
        _id(),
        _instance(),
        _text("name"),
        _integer("default_token_ttl"),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_machines_instance", "machines", "instance_id", "created_at")
    op.create_table(
        "messages",
        sa.Column("position", _POSITION, primary_key=True, autoincrement=True),
        _text("id", unique=True),
        _instance(),
        _text("kind"),
        _text("to_address"),
        _text("subject"),
        _text("body_text"),
        _text("body_html"),
        _text("code", null=True),
        _json("links"),
        _text("status"),
        _integer("attempts"),
        _big("next_attempt_at"),
        _big("expire_at", null=True),
        _text("last_error", null=True),
        _big("created_at"),
        _big("updated_at"),
        sqlite_autoincrement=True,
    )
    _index("ix_messages_created", "messages", "instance_id", "created_at", "id")
    _index("ix_messages_due", "messages", "status", "next_attempt_at")
    _index("ix_messages_inbox", "messages", "instance_id", "position")
    op.create_table(
        "oauth_applications",
        _id(),
        _instance(),
        _text("name"),
        _text("client_id", unique=True),
        _text("client_secret_hash", null=True),
        _text("client_uri", null=True),
        _text("logo_uri", null=True),
        _text("logo_id", null=True),
        _flag("dynamically_registered"),
        _flag("consent_screen_enabled"),
        _flag("pkce_required"),
        _flag("public"),
        _json("scopes"),
        _json("redirect_uris"),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_oauth_applications_created", "oauth_applications", "instance_id", "created_at", "id")
    op.create_table(
        "organization_permissions",
        _id(),
        _instance(),
        _text("key"),
        _text("name"),
        _text("description", null=True),
        _text("type"),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("instance_id", "key"),
    )
    op.create_table(
        "organization_roles",
        _id(),
        _instance(),
        _text("key"),
        _text("name"),
        _text("description", null=True),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("instance_id", "key"),
    )
    op.create_table(
        "organizations",
        _id(),
        _instance(),
        _text("name"),
        _text("slug"),
        _text("image_id", null=True),
        _text("created_by", null=True),
        _integer("max_allowed_memberships"),
        _flag("admin_delete_enabled"),
        _json("public_metadata"),
        _json("private_metadata"),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("instance_id", "slug"),
    )
    _index("ix_organizations_created", "organizations", "instance_id", "created_at", "id")
    _index("ix_organizations_creator", "organizations", "instance_id", "created_by")
    op.create_table(
        "satellite_links",
        _id(),
        _instance(),
        _text("token_hash", unique=True),
        _text("state_hash"),
        _text("domain"),
        _text("client_id", null=True),
        _text("redirect_url"),
        _flag("used"),
        _big("created_at"),
        _big("expire_at"),
    )
    _index("ix_satellite_links_expire", "satellite_links", "instance_id", "expire_at")
    op.create_table(
        "secret_keys",
        _id(),
        _instance(),
        _text("key_hash", unique=True),
        _text("last_four"),
        _flag("revoked"),
        _big("expire_at", null=True),
        _big("created_at"),
    )
    op.create_table(
        "sessions",
        _id(),
        _instance(),
        _text("client_id"),
        _text("user_id"),
        _text("status"),
        _big("expire_at"),
        _big("abandon_at"),
        _big("last_active_at"),
        _big("selected_at"),
        _text("last_active_organization_id", null=True),
        _json("actor", null=True),
        _big("first_factor_at", null=True),
        _big("second_factor_at", null=True),
        _json("activity"),
        _big("created_at"),
        _big("updated_at"),
        _json("tasks", null=True),
    )
    _index("ix_sessions_client", "sessions", "instance_id", "client_id", "created_at", "id")
    _index("ix_sessions_created", "sessions", "instance_id", "created_at", "id")
    _index("ix_sessions_user", "sessions", "instance_id", "user_id", "created_at", "id")
    op.create_table(
        "signing_keys",
        _id(),
        _instance(),
        _text("kid", unique=True),
        _text("private_pem"),
        _json("public_jwk"),
        _big("sign_from"),
        _big("publish_until", null=True),
        _big("created_at"),
    )
    op.create_table(
        "testing_tokens",
        _id(),
        _instance(),
        _text("token_hash", unique=True),
        _big("expire_at"),
    )
    _index("ix_testing_tokens_expire", "testing_tokens", "instance_id", "expire_at", "id")
    op.create_table(
        "transfers",
        _id(),
        _instance(),
        _text("client_id"),
        _text("verification_id"),
        _text("email_address"),
        _big("expire_at"),
        _big("created_at"),
    )
    _index("ix_transfers_client", "transfers", "instance_id", "client_id")
    _index("ix_transfers_expire", "transfers", "instance_id", "expire_at", "id")
    op.create_table(
        "users",
        _id(),
        _instance(),
        _text("external_id", null=True),
        _text("username", null=True),
        _text("first_name", null=True),
        _text("last_name", null=True),
        _text("locale", null=True),
        _text("image_id", null=True),
        _text("password_digest", null=True),
        _big("password_updated_at", null=True),
        _json("public_metadata"),
        _json("private_metadata"),
        _json("unsafe_metadata"),
        _flag("banned"),
        _flag("locked"),
        _big("lockout_expires_at", null=True),
        _integer("failed_attempts"),
        _flag("delete_self_enabled"),
        _flag("create_organization_enabled"),
        _integer("create_organizations_limit", null=True),
        _flag("bypass_client_trust"),
        _big("legal_accepted_at", null=True),
        _big("last_sign_in_at", null=True),
        _big("last_active_at", null=True),
        _big("created_at"),
        _big("updated_at"),
        _big("password_compromised_at", null=True),
        sa.UniqueConstraint("instance_id", "username"),
        sa.UniqueConstraint("instance_id", "external_id"),
    )
    _index("ix_users_created", "users", "instance_id", "created_at", "id")
    op.create_table(
        "verifications",
        _id(),
        _instance(),
        _text("strategy"),
        _text("status"),
        _integer("attempts", null=True),
        _text("code_hash", null=True),
        _big("expire_at", null=True),
        _text("verified_at_client", null=True),
        _text("subject_id", null=True),
        _big("created_at"),
        _big("updated_at"),
        _text("sent_to", null=True),
    )
    _index("ix_verifications_created", "verifications", "instance_id", "created_at", "id")
    op.create_table(
        "api_keys",
        _id(),
        _instance(),
        _text("type"),
        _text("name"),
        _text("description", null=True),
        _text("subject"),
        _reference("user_id", "users.id", null=True),
        _json("claims", null=True),
        _json("scopes"),
        _text("secret", null=True),
        _text("secret_hash", unique=True),
        _flag("revoked"),
        _text("revocation_reason", null=True),
        _big("expire_at", null=True),
        _text("created_by", null=True),
        _big("last_used_at", null=True),
        _big("created_at"),
        _big("updated_at"),
        _reference("organization_id", "organizations.id", null=True),
    )
    _index("ix_api_keys_organization", "api_keys", "organization_id")
    _index("ix_api_keys_subject", "api_keys", "subject", "created_at")
    _index("ix_api_keys_user", "api_keys", "user_id")
    op.create_table(
        "email_addresses",
        _id(),
        _instance(),
        _reference("user_id", "users.id"),
        _text("email_address"),
        _text("canonical"),
        _flag("claimed"),
        _flag("reserved"),
        _flag("is_primary"),
        _text("verification_id", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_email_addresses_user", "email_addresses", "user_id")
    _index("ix_email_addresses_verification", "email_addresses", "verification_id")
    _index(
        "uq_email_addresses_claimed",
        "email_addresses",
        "instance_id",
        "canonical",
        unique=True,
        only="claimed",
    )
    _index("uq_email_addresses_user_canonical", "email_addresses", "user_id", "canonical", unique=True)
    op.create_table(
        "former_client_secrets",
        _id(),
        _instance(),
        _reference("client_id", "clients.id"),
        _text("secret_hash"),
        _big("replaced_at"),
    )
    _index("ix_former_client_secrets_hash", "former_client_secrets", "client_id", "secret_hash")
    _index("ix_former_client_secrets_replaced", "former_client_secrets", "instance_id", "replaced_at", "id")
    op.create_table(
        "m2m_tokens",
        _id(),
        _instance(),
        _reference("machine_id", "machines.id"),
        _text("token_hash", unique=True),
        _json("claims", null=True),
        _json("scopes"),
        _text("content_hash"),
        _flag("revoked"),
        _text("revocation_reason", null=True),
        _big("expire_at"),
        _big("last_used_at", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_m2m_tokens_content", "m2m_tokens", "machine_id", "content_hash", "expire_at")
    _index("ix_m2m_tokens_expiry", "m2m_tokens", "instance_id", "expire_at", "id")
    _index("ix_m2m_tokens_machine", "m2m_tokens", "machine_id", "created_at")
    op.create_table(
        "machine_scopes",
        _id(),
        _instance(),
        _reference("from_machine_id", "machines.id"),
        _reference("to_machine_id", "machines.id"),
        _big("created_at"),
        sa.UniqueConstraint("from_machine_id", "to_machine_id"),
    )
    _index("ix_machine_scopes_to", "machine_scopes", "to_machine_id")
    op.create_table(
        "machine_secret_keys",
        _id(),
        _instance(),
        _reference("machine_id", "machines.id"),
        _text("key_hash", unique=True),
        _text("secret", null=True),
        _big("expire_at", null=True),
        _big("created_at"),
    )
    _index("ix_machine_secret_keys_machine", "machine_secret_keys", "machine_id")
    op.create_table(
        "oauth_application_logos",
        _id(),
        _instance(),
        _reference("application_id", "oauth_applications.id"),
        _bytes("content"),
        _big("created_at"),
    )
    _index("ix_oauth_application_logos_application", "oauth_application_logos", "application_id")
    op.create_table(
        "oauth_consents",
        _id(),
        _instance(),
        _reference("application_id", "oauth_applications.id"),
        _reference("user_id", "users.id"),
        _json("scopes"),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("application_id", "user_id"),
    )
    _index("ix_oauth_consents_user", "oauth_consents", "user_id")
    op.create_table(
        "oauth_grants",
        _id(),
        _instance(),
        _reference("application_id", "oauth_applications.id"),
        _reference("user_id", "users.id"),
        _json("scopes"),
        _text("code_hash", unique=True),
        _big("code_expire_at"),
        _big("code_used_at", null=True),
        _text("redirect_uri", null=True),
        _text("code_challenge", null=True),
        _text("nonce", null=True),
        _text("resource", null=True),
        _big("authenticated_at"),
        _flag("revoked"),
        _text("revocation_reason", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_oauth_grants_application", "oauth_grants", "application_id", "user_id")
    _index("ix_oauth_grants_code_expire", "oauth_grants", "instance_id", "code_expire_at", "id")
    _index("ix_oauth_grants_user", "oauth_grants", "user_id")
    op.create_table(
        "organization_invitations",
        _id(),
        _instance(),
        _reference("organization_id", "organizations.id"),
        _reference("role_id", "organization_roles.id"),
        _text("email_address"),
        _text("canonical"),
        _text("inviter_id", null=True),
        _text("status"),
        _json("public_metadata"),
        _json("private_metadata"),
        _text("redirect_url", null=True),
        _big("expire_at"),
        _big("created_at"),
        _big("updated_at"),
    )
    _index(
        "ix_organization_invitations_canonical",
        "organization_invitations",
        "canonical",
        "instance_id",
        "created_at",
    )
    _index("ix_organization_invitations_created", "organization_invitations", "instance_id", "created_at")
    _index(
        "ix_organization_invitations_organization",
        "organization_invitations",
        "organization_id",
        "instance_id",
        "created_at",
    )
    _index("ix_organization_invitations_role", "organization_invitations", "role_id", "instance_id")
    op.create_table(
        "organization_logos",
        _id(),
        _instance(),
        _reference("organization_id", "organizations.id"),
        _bytes("content"),
        _big("created_at"),
    )
    _index("ix_organization_logos_organization", "organization_logos", "organization_id")
    op.create_table(
        "organization_memberships",
        _id(),
        _instance(),
        _reference("organization_id", "organizations.id"),
        _reference("user_id", "users.id"),
        _reference("role_id", "organization_roles.id", ondelete=None),
        _json("public_metadata"),
        _json("private_metadata"),
        _big("created_at"),
        _big("updated_at"),
        sa.UniqueConstraint("organization_id", "user_id"),
    )
    _index(
        "ix_organization_memberships_created", "organization_memberships", "instance_id", "created_at", "id"
    )
    _index(
        "ix_organization_memberships_organization",
        "organization_memberships",
        "organization_id",
        "instance_id",
        "created_at",
        "id",
    )
    _index("ix_organization_memberships_role", "organization_memberships", "role_id")
    _index(
        "ix_organization_memberships_user",
        "organization_memberships",
        "user_id",
        "instance_id",
        "created_at",
        "id",
    )
    op.create_table(
        "organization_role_permissions",
        _id(),
        _instance(),
        _reference("role_id", "organization_roles.id"),
        _reference("permission_id", "organization_permissions.id"),
        _big("created_at"),
        sa.UniqueConstraint("role_id", "permission_id"),
    )
    _index("ix_organization_role_permissions_permission", "organization_role_permissions", "permission_id")
    op.create_table(
        "refresh_tokens",
        _id(),
        _instance(),
        _reference("session_id", "sessions.id"),
        _text("token_hash", unique=True),
        _big("expire_at"),
        _big("created_at"),
    )
    _index("ix_refresh_tokens_session", "refresh_tokens", "session_id")
    op.create_table(
        "reverifications",
        _id(),
        _instance(),
        _reference("session_id", "sessions.id", unique=True),
        _text("level"),
        _text("status"),
        _text("first_factor_verification_id", null=True),
        _text("second_factor_verification_id", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_reverifications_updated", "reverifications", "instance_id", "updated_at", "id")
    op.create_table(
        "satellite_client_secrets",
        _id(),
        _instance(),
        _reference("client_id", "clients.id"),
        _text("domain"),
        _text("secret_hash"),
        _big("created_at"),
    )
    _index("ix_satellite_client_secrets_hash", "satellite_client_secrets", "client_id", "secret_hash")
    op.create_table(
        "sign_in_tokens",
        _id(),
        _instance(),
        _reference("user_id", "users.id"),
        _text("status"),
        _text("token_hash", unique=True),
        _big("expire_at"),
        _json("actor", null=True),
        _integer("session_lifetime", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_sign_in_tokens_expire", "sign_in_tokens", "instance_id", "expire_at", "id")
    _index("ix_sign_in_tokens_user", "sign_in_tokens", "user_id")
    op.create_table(
        "sign_ins",
        _id(),
        _instance(),
        _text("client_id"),
        _text("status"),
        _text("identifier", null=True),
        _reference("user_id", "users.id", null=True),
        _text("first_factor_verification_id", null=True),
        _text("second_factor_verification_id", null=True),
        _text("client_trust_state", null=True),
        _text("created_session_id", null=True),
        _big("abandon_at"),
        _big("created_at"),
        _big("updated_at"),
        _flag("sign_up_if_missing", null=True),
    )
    _index("ix_sign_ins_abandon", "sign_ins", "instance_id", "abandon_at", "id")
    _index("ix_sign_ins_client", "sign_ins", "client_id", "status")
    _index("ix_sign_ins_user", "sign_ins", "user_id")
    op.create_table(
        "sign_ups",
        _id(),
        _instance(),
        _text("client_id"),
        _text("status"),
        _text("email_address", null=True),
        _text("username", null=True),
        _text("email_verification_id", null=True),
        _text("password_digest", null=True),
        _text("first_name", null=True),
        _text("last_name", null=True),
        _text("locale", null=True),
        _json("unsafe_metadata"),
        _big("legal_accepted_at", null=True),
        _reference("created_user_id", "users.id", null=True),
        _text("created_session_id", null=True),
        _big("abandon_at"),
        _big("created_at"),
        _big("updated_at"),
        _text("invitation_id", null=True),
        _json("public_metadata", null=True),
    )
    _index("ix_sign_ups_abandon", "sign_ups", "instance_id", "abandon_at", "id")
    _index("ix_sign_ups_client", "sign_ups", "client_id", "status")
    _index("ix_sign_ups_created_user", "sign_ups", "created_user_id")
    op.create_table(
        "user_images",
        _id(),
        _instance(),
        _reference("user_id", "users.id"),
        _bytes("content"),
        _big("created_at"),
    )
    _index("ix_user_images_user", "user_images", "user_id")
    op.create_table(
        "oauth_tokens",
        _id(),
        _instance(),
        _reference("grant_id", "oauth_grants.id"),
        _text("kind"),
        _text("token_hash", unique=True),
        _json("scopes"),
        _text("resource", null=True),
        _big("used_at", null=True),
        _big("expire_at"),
        _big("created_at"),
        _big("updated_at"),
    )
    _index("ix_oauth_tokens_expire", "oauth_tokens", "instance_id", "expire_at", "id")
    _index("ix_oauth_tokens_grant", "oauth_tokens", "grant_id")
