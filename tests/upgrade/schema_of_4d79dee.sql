-- What the migrations of commit 4d79dee made on SQLite. On PostgreSQL they wrote JSONB for JSON.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE instances (
    id TEXT NOT NULL,
    environment TEXT NOT NULL,
    publishable_key TEXT NOT NULL,
    frontend_api_host TEXT NOT NULL,
    domain TEXT,
    code_key TEXT NOT NULL,
    settings JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_instances PRIMARY KEY (id),
    CONSTRAINT uq_instances_frontend_api_host UNIQUE (frontend_api_host),
    CONSTRAINT uq_instances_publishable_key UNIQUE (publishable_key)
);
CREATE TABLE clients (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    secret_since BIGINT NOT NULL,
    rotation_due BOOLEAN NOT NULL,
    last_authentication_strategy TEXT,
    deleted BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_clients PRIMARY KEY (id),
    CONSTRAINT fk_clients_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_clients_created ON clients (instance_id, created_at, id);
CREATE TABLE dev_browsers (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    client_id TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_dev_browsers PRIMARY KEY (id),
    CONSTRAINT fk_dev_browsers_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_dev_browsers_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_dev_browsers_created ON dev_browsers (instance_id, created_at, id);
CREATE TABLE email_links (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    verification_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    client_id TEXT,
    redirect_url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_email_links PRIMARY KEY (id),
    CONSTRAINT fk_email_links_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_email_links_instance_id_token_hash UNIQUE (instance_id, token_hash)
);
CREATE INDEX ix_email_links_created ON email_links (instance_id, created_at, id);
CREATE TABLE handshake_payloads (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    nonce_hash TEXT NOT NULL,
    directives JSON NOT NULL,
    expire_at BIGINT NOT NULL,
    CONSTRAINT pk_handshake_payloads PRIMARY KEY (id),
    CONSTRAINT fk_handshake_payloads_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_handshake_payloads_nonce_hash UNIQUE (nonce_hash)
);
CREATE INDEX ix_handshake_payloads_expire ON handshake_payloads (instance_id, expire_at, id);
CREATE TABLE instance_hosts (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    host TEXT NOT NULL,
    created_at BIGINT NOT NULL, satellite_domain TEXT, proxy_url TEXT,
    CONSTRAINT pk_instance_hosts PRIMARY KEY (id),
    CONSTRAINT fk_instance_hosts_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_instance_hosts_host UNIQUE (host)
);
CREATE TABLE invitations (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    email_address TEXT NOT NULL,
    canonical TEXT NOT NULL,
    status TEXT NOT NULL,
    sole BOOLEAN NOT NULL,
    public_metadata JSON NOT NULL,
    redirect_url TEXT,
    token_hash TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_invitations PRIMARY KEY (id),
    CONSTRAINT fk_invitations_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_invitations_instance_id_token_hash UNIQUE (instance_id, token_hash)
);
CREATE INDEX ix_invitations_canonical ON invitations (instance_id, canonical);
CREATE INDEX ix_invitations_created ON invitations (instance_id, created_at);
CREATE UNIQUE INDEX uq_invitations_sole ON invitations (instance_id, canonical) WHERE sole = TRUE;
CREATE TABLE jwt_templates (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    claims JSON NOT NULL,
    lifetime INTEGER NOT NULL,
    allowed_clock_skew INTEGER NOT NULL,
    signing_algorithm TEXT,
    signing_key TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_jwt_templates PRIMARY KEY (id),
    CONSTRAINT fk_jwt_templates_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_jwt_templates_instance_id_name UNIQUE (instance_id, name)
);
CREATE TABLE machines (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    default_token_ttl INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_machines PRIMARY KEY (id),
    CONSTRAINT fk_machines_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_machines_instance ON machines (instance_id, created_at);
CREATE TABLE messages (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    code TEXT,
    links JSON NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    expire_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT fk_messages_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_messages_id UNIQUE (id)
);
CREATE INDEX ix_messages_created ON messages (instance_id, created_at, id);
CREATE INDEX ix_messages_due ON messages (status, next_attempt_at);
CREATE INDEX ix_messages_inbox ON messages (instance_id, position);
CREATE TABLE oauth_applications (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret_hash TEXT,
    client_uri TEXT,
    logo_uri TEXT,
    logo_id TEXT,
    dynamically_registered BOOLEAN NOT NULL,
    consent_screen_enabled BOOLEAN NOT NULL,
    pkce_required BOOLEAN NOT NULL,
    public BOOLEAN NOT NULL,
    scopes JSON NOT NULL,
    redirect_uris JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_oauth_applications PRIMARY KEY (id),
    CONSTRAINT fk_oauth_applications_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_oauth_applications_client_id UNIQUE (client_id)
);
CREATE INDEX ix_oauth_applications_created ON oauth_applications (instance_id, created_at, id);
CREATE TABLE organization_permissions (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_organization_permissions PRIMARY KEY (id),
    CONSTRAINT fk_organization_permissions_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_organization_permissions_instance_id_key UNIQUE (instance_id, key)
);
CREATE TABLE organization_roles (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_organization_roles PRIMARY KEY (id),
    CONSTRAINT fk_organization_roles_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_organization_roles_instance_id_key UNIQUE (instance_id, key)
);
CREATE TABLE organizations (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    image_id TEXT,
    created_by TEXT,
    max_allowed_memberships INTEGER NOT NULL,
    admin_delete_enabled BOOLEAN NOT NULL,
    public_metadata JSON NOT NULL,
    private_metadata JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_organizations PRIMARY KEY (id),
    CONSTRAINT fk_organizations_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_organizations_instance_id_slug UNIQUE (instance_id, slug)
);
CREATE INDEX ix_organizations_created ON organizations (instance_id, created_at, id);
CREATE INDEX ix_organizations_creator ON organizations (instance_id, created_by);
CREATE TABLE satellite_links (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    state_hash TEXT NOT NULL,
    domain TEXT NOT NULL,
    client_id TEXT,
    redirect_url TEXT NOT NULL,
    used BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expire_at BIGINT NOT NULL,
    CONSTRAINT pk_satellite_links PRIMARY KEY (id),
    CONSTRAINT fk_satellite_links_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_satellite_links_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_satellite_links_expire ON satellite_links (instance_id, expire_at);
CREATE TABLE secret_keys (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    last_four TEXT NOT NULL,
    revoked BOOLEAN NOT NULL,
    expire_at BIGINT,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_secret_keys PRIMARY KEY (id),
    CONSTRAINT fk_secret_keys_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_secret_keys_key_hash UNIQUE (key_hash)
);
CREATE TABLE sessions (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    abandon_at BIGINT NOT NULL,
    last_active_at BIGINT NOT NULL,
    selected_at BIGINT NOT NULL,
    last_active_organization_id TEXT,
    actor JSON,
    first_factor_at BIGINT,
    second_factor_at BIGINT,
    activity JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, tasks JSON,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_sessions_client ON sessions (instance_id, client_id, created_at, id);
CREATE INDEX ix_sessions_created ON sessions (instance_id, created_at, id);
CREATE INDEX ix_sessions_user ON sessions (instance_id, user_id, created_at, id);
CREATE TABLE signing_keys (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    kid TEXT NOT NULL,
    private_pem TEXT NOT NULL,
    public_jwk JSON NOT NULL,
    sign_from BIGINT NOT NULL,
    publish_until BIGINT,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_signing_keys PRIMARY KEY (id),
    CONSTRAINT fk_signing_keys_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_signing_keys_kid UNIQUE (kid)
);
CREATE TABLE testing_tokens (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    CONSTRAINT pk_testing_tokens PRIMARY KEY (id),
    CONSTRAINT fk_testing_tokens_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_testing_tokens_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_testing_tokens_expire ON testing_tokens (instance_id, expire_at, id);
CREATE TABLE transfers (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    verification_id TEXT NOT NULL,
    email_address TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_transfers PRIMARY KEY (id),
    CONSTRAINT fk_transfers_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_transfers_client ON transfers (instance_id, client_id);
CREATE INDEX ix_transfers_expire ON transfers (instance_id, expire_at, id);
CREATE TABLE users (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    external_id TEXT,
    username TEXT,
    first_name TEXT,
    last_name TEXT,
    locale TEXT,
    image_id TEXT,
    password_digest TEXT,
    password_updated_at BIGINT,
    public_metadata JSON NOT NULL,
    private_metadata JSON NOT NULL,
    unsafe_metadata JSON NOT NULL,
    banned BOOLEAN NOT NULL,
    locked BOOLEAN NOT NULL,
    lockout_expires_at BIGINT,
    failed_attempts INTEGER NOT NULL,
    delete_self_enabled BOOLEAN NOT NULL,
    create_organization_enabled BOOLEAN NOT NULL,
    create_organizations_limit INTEGER,
    bypass_client_trust BOOLEAN NOT NULL,
    legal_accepted_at BIGINT,
    last_sign_in_at BIGINT,
    last_active_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, password_compromised_at BIGINT,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT fk_users_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT uq_users_instance_id_external_id UNIQUE (instance_id, external_id),
    CONSTRAINT uq_users_instance_id_username UNIQUE (instance_id, username)
);
CREATE INDEX ix_users_created ON users (instance_id, created_at, id);
CREATE TABLE verifications (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    strategy TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER,
    code_hash TEXT,
    expire_at BIGINT,
    verified_at_client TEXT,
    subject_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_verifications PRIMARY KEY (id),
    CONSTRAINT fk_verifications_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_verifications_created ON verifications (instance_id, created_at, id);
CREATE TABLE api_keys (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    subject TEXT NOT NULL,
    user_id TEXT,
    claims JSON,
    scopes JSON NOT NULL,
    secret TEXT,
    secret_hash TEXT NOT NULL,
    revoked BOOLEAN NOT NULL,
    revocation_reason TEXT,
    expire_at BIGINT,
    created_by TEXT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    organization_id TEXT,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_secret_hash UNIQUE (secret_hash),
    CONSTRAINT fk_api_keys_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_api_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_api_keys_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
CREATE INDEX ix_api_keys_organization ON api_keys (organization_id);
CREATE INDEX ix_api_keys_subject ON api_keys (subject, created_at);
CREATE INDEX ix_api_keys_user ON api_keys (user_id);
CREATE TABLE email_addresses (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    email_address TEXT NOT NULL,
    canonical TEXT NOT NULL,
    claimed BOOLEAN NOT NULL,
    reserved BOOLEAN NOT NULL,
    is_primary BOOLEAN NOT NULL,
    verification_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_email_addresses PRIMARY KEY (id),
    CONSTRAINT fk_email_addresses_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_email_addresses_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_email_addresses_user ON email_addresses (user_id);
CREATE INDEX ix_email_addresses_verification ON email_addresses (verification_id);
CREATE UNIQUE INDEX uq_email_addresses_claimed ON email_addresses (instance_id, canonical) WHERE claimed = TRUE;
CREATE UNIQUE INDEX uq_email_addresses_user_canonical ON email_addresses (user_id, canonical);
CREATE TABLE former_client_secrets (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    replaced_at BIGINT NOT NULL,
    CONSTRAINT pk_former_client_secrets PRIMARY KEY (id),
    CONSTRAINT fk_former_client_secrets_client_id_clients FOREIGN KEY(client_id) REFERENCES clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_former_client_secrets_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_former_client_secrets_hash ON former_client_secrets (client_id, secret_hash);
CREATE INDEX ix_former_client_secrets_replaced ON former_client_secrets (instance_id, replaced_at, id);
CREATE TABLE m2m_tokens (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    claims JSON,
    scopes JSON NOT NULL,
    content_hash TEXT NOT NULL,
    revoked BOOLEAN NOT NULL,
    revocation_reason TEXT,
    expire_at BIGINT NOT NULL,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_m2m_tokens PRIMARY KEY (id),
    CONSTRAINT fk_m2m_tokens_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_m2m_tokens_machine_id_machines FOREIGN KEY(machine_id) REFERENCES machines (id) ON DELETE CASCADE,
    CONSTRAINT uq_m2m_tokens_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_m2m_tokens_content ON m2m_tokens (machine_id, content_hash, expire_at);
CREATE INDEX ix_m2m_tokens_expiry ON m2m_tokens (instance_id, expire_at, id);
CREATE INDEX ix_m2m_tokens_machine ON m2m_tokens (machine_id, created_at);
CREATE TABLE machine_scopes (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    from_machine_id TEXT NOT NULL,
    to_machine_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_machine_scopes PRIMARY KEY (id),
    CONSTRAINT fk_machine_scopes_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_machine_scopes_from_machine_id_machines FOREIGN KEY(from_machine_id) REFERENCES machines (id) ON DELETE CASCADE,
    CONSTRAINT fk_machine_scopes_to_machine_id_machines FOREIGN KEY(to_machine_id) REFERENCES machines (id) ON DELETE CASCADE,
    CONSTRAINT uq_machine_scopes_from_machine_id_to_machine_id UNIQUE (from_machine_id, to_machine_id)
);
CREATE INDEX ix_machine_scopes_to ON machine_scopes (to_machine_id);
CREATE TABLE machine_secret_keys (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    secret TEXT,
    expire_at BIGINT,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_machine_secret_keys PRIMARY KEY (id),
    CONSTRAINT fk_machine_secret_keys_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_machine_secret_keys_machine_id_machines FOREIGN KEY(machine_id) REFERENCES machines (id) ON DELETE CASCADE,
    CONSTRAINT uq_machine_secret_keys_key_hash UNIQUE (key_hash)
);
CREATE INDEX ix_machine_secret_keys_machine ON machine_secret_keys (machine_id);
CREATE TABLE oauth_application_logos (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_oauth_application_logos PRIMARY KEY (id),
    CONSTRAINT fk_oauth_application_logos_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_application_logos_application_id_oauth_applications FOREIGN KEY(application_id) REFERENCES oauth_applications (id) ON DELETE CASCADE
);
CREATE INDEX ix_oauth_application_logos_application ON oauth_application_logos (application_id);
CREATE TABLE oauth_consents (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    scopes JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_oauth_consents PRIMARY KEY (id),
    CONSTRAINT fk_oauth_consents_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_consents_application_id_oauth_applications FOREIGN KEY(application_id) REFERENCES oauth_applications (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_consents_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uq_oauth_consents_application_id_user_id UNIQUE (application_id, user_id)
);
CREATE INDEX ix_oauth_consents_user ON oauth_consents (user_id);
CREATE TABLE oauth_grants (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    scopes JSON NOT NULL,
    code_hash TEXT NOT NULL,
    code_expire_at BIGINT NOT NULL,
    code_used_at BIGINT,
    redirect_uri TEXT,
    code_challenge TEXT,
    nonce TEXT,
    authenticated_at BIGINT NOT NULL,
    revoked BOOLEAN NOT NULL,
    revocation_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_oauth_grants PRIMARY KEY (id),
    CONSTRAINT fk_oauth_grants_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_grants_application_id_oauth_applications FOREIGN KEY(application_id) REFERENCES oauth_applications (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_grants_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uq_oauth_grants_code_hash UNIQUE (code_hash)
);
CREATE INDEX ix_oauth_grants_application ON oauth_grants (application_id, user_id);
CREATE INDEX ix_oauth_grants_code_expire ON oauth_grants (instance_id, code_expire_at, id);
CREATE INDEX ix_oauth_grants_user ON oauth_grants (user_id);
CREATE TABLE organization_invitations (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    email_address TEXT NOT NULL,
    canonical TEXT NOT NULL,
    inviter_id TEXT,
    status TEXT NOT NULL,
    public_metadata JSON NOT NULL,
    private_metadata JSON NOT NULL,
    redirect_url TEXT,
    expire_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_organization_invitations PRIMARY KEY (id),
    CONSTRAINT fk_organization_invitations_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_invitations_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_invitations_role_id_organization_roles FOREIGN KEY(role_id) REFERENCES organization_roles (id) ON DELETE CASCADE
);
CREATE INDEX ix_organization_invitations_canonical ON organization_invitations (canonical, instance_id, created_at);
CREATE INDEX ix_organization_invitations_created ON organization_invitations (instance_id, created_at);
CREATE INDEX ix_organization_invitations_organization ON organization_invitations (organization_id, instance_id, created_at);
CREATE INDEX ix_organization_invitations_role ON organization_invitations (role_id, instance_id);
CREATE TABLE organization_logos (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_organization_logos PRIMARY KEY (id),
    CONSTRAINT fk_organization_logos_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_logos_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
CREATE INDEX ix_organization_logos_organization ON organization_logos (organization_id);
CREATE TABLE organization_memberships (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    public_metadata JSON NOT NULL,
    private_metadata JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_organization_memberships PRIMARY KEY (id),
    CONSTRAINT fk_organization_memberships_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_memberships_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_memberships_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_memberships_role_id_organization_roles FOREIGN KEY(role_id) REFERENCES organization_roles (id),
    CONSTRAINT uq_organization_memberships_organization_id_user_id UNIQUE (organization_id, user_id)
);
CREATE INDEX ix_organization_memberships_created ON organization_memberships (instance_id, created_at, id);
CREATE INDEX ix_organization_memberships_organization ON organization_memberships (organization_id, instance_id, created_at, id);
CREATE INDEX ix_organization_memberships_role ON organization_memberships (role_id);
CREATE INDEX ix_organization_memberships_user ON organization_memberships (user_id, instance_id, created_at, id);
CREATE TABLE organization_role_permissions (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    permission_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_organization_role_permissions PRIMARY KEY (id),
    CONSTRAINT fk_organization_role_permissions_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_role_permissions_role_id_organization_roles FOREIGN KEY(role_id) REFERENCES organization_roles (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_role_permissions_permission_id FOREIGN KEY(permission_id) REFERENCES organization_permissions (id) ON DELETE CASCADE,
    CONSTRAINT uq_organization_role_permissions_role_id_permission_id UNIQUE (role_id, permission_id)
);
CREATE INDEX ix_organization_role_permissions_permission ON organization_role_permissions (permission_id);
CREATE TABLE refresh_tokens (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT fk_refresh_tokens_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_refresh_tokens_session_id_sessions FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT uq_refresh_tokens_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_refresh_tokens_session ON refresh_tokens (session_id);
CREATE TABLE reverifications (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    level TEXT NOT NULL,
    status TEXT NOT NULL,
    first_factor_verification_id TEXT,
    second_factor_verification_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_reverifications PRIMARY KEY (id),
    CONSTRAINT fk_reverifications_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_reverifications_session_id_sessions FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT uq_reverifications_session_id UNIQUE (session_id)
);
CREATE INDEX ix_reverifications_updated ON reverifications (instance_id, updated_at, id);
CREATE TABLE satellite_client_secrets (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    domain TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_satellite_client_secrets PRIMARY KEY (id),
    CONSTRAINT fk_satellite_client_secrets_client_id_clients FOREIGN KEY(client_id) REFERENCES clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_satellite_client_secrets_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_satellite_client_secrets_hash ON satellite_client_secrets (client_id, secret_hash);
CREATE TABLE sign_in_tokens (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    actor JSON,
    session_lifetime INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_sign_in_tokens PRIMARY KEY (id),
    CONSTRAINT fk_sign_in_tokens_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_sign_in_tokens_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uq_sign_in_tokens_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_sign_in_tokens_expire ON sign_in_tokens (instance_id, expire_at, id);
CREATE INDEX ix_sign_in_tokens_user ON sign_in_tokens (user_id);
CREATE TABLE sign_ins (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    status TEXT NOT NULL,
    identifier TEXT,
    user_id TEXT,
    first_factor_verification_id TEXT,
    second_factor_verification_id TEXT,
    client_trust_state TEXT,
    created_session_id TEXT,
    abandon_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, sign_up_if_missing BOOLEAN,
    CONSTRAINT pk_sign_ins PRIMARY KEY (id),
    CONSTRAINT fk_sign_ins_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_sign_ins_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_sign_ins_abandon ON sign_ins (instance_id, abandon_at, id);
CREATE INDEX ix_sign_ins_client ON sign_ins (client_id, status);
CREATE INDEX ix_sign_ins_user ON sign_ins (user_id);
CREATE TABLE sign_ups (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    status TEXT NOT NULL,
    email_address TEXT,
    username TEXT,
    email_verification_id TEXT,
    password_digest TEXT,
    first_name TEXT,
    last_name TEXT,
    locale TEXT,
    unsafe_metadata JSON NOT NULL,
    legal_accepted_at BIGINT,
    created_user_id TEXT,
    created_session_id TEXT,
    abandon_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, invitation_id TEXT, public_metadata JSON,
    CONSTRAINT pk_sign_ups PRIMARY KEY (id),
    CONSTRAINT fk_sign_ups_created_user_id_users FOREIGN KEY(created_user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_sign_ups_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_sign_ups_abandon ON sign_ups (instance_id, abandon_at, id);
CREATE INDEX ix_sign_ups_client ON sign_ups (client_id, status);
CREATE INDEX ix_sign_ups_created_user ON sign_ups (created_user_id);
CREATE TABLE user_images (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_user_images PRIMARY KEY (id),
    CONSTRAINT fk_user_images_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_user_images_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_user_images_user ON user_images (user_id);
CREATE TABLE oauth_tokens (
    id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    scopes JSON NOT NULL,
    used_at BIGINT,
    expire_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_oauth_tokens PRIMARY KEY (id),
    CONSTRAINT fk_oauth_tokens_instance_id_instances FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_tokens_grant_id_oauth_grants FOREIGN KEY(grant_id) REFERENCES oauth_grants (id) ON DELETE CASCADE,
    CONSTRAINT uq_oauth_tokens_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_oauth_tokens_expire ON oauth_tokens (instance_id, expire_at, id);
CREATE INDEX ix_oauth_tokens_grant ON oauth_tokens (grant_id);
INSERT INTO alembic_version (version_num)
  VALUES ('2026_11_23_zk_forgetting_mail');
