-- A few rows of a database made at commit 4d79dee. The sign-in has been sent its code; the addresses at the
-- domains faß.example and xn--fa-hia.example are the same today and were not then.
INSERT INTO instances (id, environment, publishable_key, frontend_api_host, domain, code_key, settings, created_at, updated_at)
  VALUES ('ins_1', 'development', 'pk_test_Y2xlcmsudGlkeS1vdHRlci00Mi5sb2NhbGhvc3Qk', 'clerk.tidy-otter-42.localhost', NULL, 'key of codes', '{"organizations":{"enabled":true}}', 1796053732479, 1796053732479);
INSERT INTO clients (id, instance_id, secret_hash, secret_since, rotation_due, last_authentication_strategy, deleted, created_at, updated_at)
  VALUES ('client_1', 'ins_1', 'aaae31957d5c44771276cf6e010cc3b3255250d8673ae99842e0958ee7ee3234', 1796053732893, FALSE, NULL, FALSE, 1796053732893, 1796053732893);
INSERT INTO invitations (id, instance_id, email_address, canonical, status, sole, public_metadata, redirect_url, token_hash, expire_at, created_at, updated_at)
  VALUES ('inv_1', 'ins_1', 'invited@faß.example', 'invited@fass.example', 'pending', TRUE, '{}', NULL, 'e861708e1adcbadb5b02da8de9bfc6b7cda3feb19642d3992fb44e974ddc35a5', 1798645733122, 1796053733122, 1796053733122);
INSERT INTO oauth_applications (id, instance_id, name, client_id, client_secret_hash, client_uri, logo_uri, logo_id, dynamically_registered, consent_screen_enabled, pkce_required, public, scopes, redirect_uris, created_at, updated_at)
  VALUES ('oa_1', 'ins_1', 'App', 'client_of_app', NULL, NULL, NULL, NULL, FALSE, TRUE, FALSE, TRUE, '["profile","email"]', '["https://app.example/back"]', 1796053733155, 1796053733155);
INSERT INTO organization_permissions (id, instance_id, key, name, description, type, created_at, updated_at)
  VALUES ('perm_1', 'ins_1', 'org:sys_memberships:manage', 'Manage members', 'Add, invite and remove members, and change their roles.', 'system', 1796053732883, 1796053732883);
INSERT INTO organization_permissions (id, instance_id, key, name, description, type, created_at, updated_at)
  VALUES ('perm_2', 'ins_1', 'org:sys_memberships:read', 'Read members', 'See the members and their roles.', 'system', 1796053732883, 1796053732883);
INSERT INTO organization_roles (id, instance_id, key, name, description, created_at, updated_at)
  VALUES ('role_1', 'ins_1', 'org:admin', 'Admin', 'May do everything in the organization.', 1796053732883, 1796053732883);
INSERT INTO organization_roles (id, instance_id, key, name, description, created_at, updated_at)
  VALUES ('role_2', 'ins_1', 'org:member', 'Member', 'Sees who else is a member.', 1796053732883, 1796053732883);
INSERT INTO organizations (id, instance_id, name, slug, image_id, created_by, max_allowed_memberships, admin_delete_enabled, public_metadata, private_metadata, created_at, updated_at)
  VALUES ('org_1', 'ins_1', 'Acme', 'acme', NULL, NULL, 5, TRUE, '{}', '{}', 1796053732883, 1796053732883);
INSERT INTO secret_keys (id, instance_id, key_hash, last_four, revoked, expire_at, created_at)
  VALUES ('key_1', 'ins_1', 'd4426ccdcf9d4b0e63fb9c286355e22a257410c0e1b4f85f9b66d22e9d7f479b', 'stuv', FALSE, NULL, 1796053732479);
INSERT INTO users (id, instance_id, external_id, username, first_name, last_name, locale, image_id, password_digest, password_updated_at, public_metadata, private_metadata, unsafe_metadata, banned, locked, lockout_expires_at, failed_attempts, delete_self_enabled, create_organization_enabled, create_organizations_limit, bypass_client_trust, legal_accepted_at, last_sign_in_at, last_active_at, created_at, updated_at, password_compromised_at)
  VALUES ('user_1', 'ins_1', NULL, NULL, 'Sharp', NULL, NULL, NULL, NULL, NULL, '{}', '{}', '{}', FALSE, FALSE, NULL, 0, TRUE, TRUE, NULL, FALSE, NULL, NULL, NULL, 1796053732513, 1796053732513, NULL);
INSERT INTO users (id, instance_id, external_id, username, first_name, last_name, locale, image_id, password_digest, password_updated_at, public_metadata, private_metadata, unsafe_metadata, banned, locked, lockout_expires_at, failed_attempts, delete_self_enabled, create_organization_enabled, create_organizations_limit, bypass_client_trust, legal_accepted_at, last_sign_in_at, last_active_at, created_at, updated_at, password_compromised_at)
  VALUES ('user_2', 'ins_1', NULL, NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, '{"plan":"pro"}', '{}', '{}', FALSE, FALSE, NULL, 0, TRUE, TRUE, NULL, FALSE, NULL, NULL, NULL, 1796053732882, 1796053732882, NULL);
INSERT INTO users (id, instance_id, external_id, username, first_name, last_name, locale, image_id, password_digest, password_updated_at, public_metadata, private_metadata, unsafe_metadata, banned, locked, lockout_expires_at, failed_attempts, delete_self_enabled, create_organization_enabled, create_organizations_limit, bypass_client_trust, legal_accepted_at, last_sign_in_at, last_active_at, created_at, updated_at, password_compromised_at)
  VALUES ('user_3', 'ins_1', NULL, NULL, 'Lookalike', NULL, NULL, NULL, NULL, NULL, '{}', '{}', '{}', FALSE, FALSE, NULL, 0, TRUE, TRUE, NULL, FALSE, NULL, NULL, NULL, 1796053732879, 1796053732879, NULL);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, code_hash, expire_at, verified_at_client, subject_id, created_at, updated_at)
  VALUES ('ver_1', 'ins_1', 'admin', 'verified', NULL, NULL, NULL, NULL, NULL, 1796053732882, 1796053732882);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, code_hash, expire_at, verified_at_client, subject_id, created_at, updated_at)
  VALUES ('ver_2', 'ins_1', 'email_code', 'unverified', 0, '2576d02d89f918163b6583bb3b89cc670fecb2d58155318bf7ebf82a2feb97b7', 1796054332893, NULL, NULL, 1796053732893, 1796053732893);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, code_hash, expire_at, verified_at_client, subject_id, created_at, updated_at)
  VALUES ('ver_3', 'ins_1', 'admin', 'verified', NULL, NULL, NULL, NULL, NULL, 1796053732513, 1796053732513);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, code_hash, expire_at, verified_at_client, subject_id, created_at, updated_at)
  VALUES ('ver_4', 'ins_1', 'admin', 'verified', NULL, NULL, NULL, NULL, NULL, 1796053732879, 1796053732879);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, code_hash, expire_at, verified_at_client, subject_id, created_at, updated_at)
  VALUES ('ver_5', 'ins_1', 'admin', 'verified', NULL, NULL, NULL, NULL, NULL, 1796053732880, 1796053732880);
INSERT INTO email_addresses (id, instance_id, user_id, email_address, canonical, claimed, reserved, is_primary, verification_id, created_at, updated_at)
  VALUES ('idn_1', 'ins_1', 'user_2', 'ada+clerk_test@example.com', 'ada+clerk_test@example.com', TRUE, FALSE, TRUE, 'ver_1', 1796053732882, 1796053732882);
INSERT INTO email_addresses (id, instance_id, user_id, email_address, canonical, claimed, reserved, is_primary, verification_id, created_at, updated_at)
  VALUES ('idn_2', 'ins_1', 'user_1', 'info@faß.example', 'info@fass.example', TRUE, FALSE, TRUE, 'ver_3', 1796053732513, 1796053732513);
INSERT INTO email_addresses (id, instance_id, user_id, email_address, canonical, claimed, reserved, is_primary, verification_id, created_at, updated_at)
  VALUES ('idn_3', 'ins_1', 'user_3', 'info@xn--fa-hia.example', 'info@xn--fa-hia.example ', TRUE, FALSE, TRUE, 'ver_4', 1796053732879, 1796053732879);
INSERT INTO email_addresses (id, instance_id, user_id, email_address, canonical, claimed, reserved, is_primary, verification_id, created_at, updated_at)
  VALUES ('idn_4', 'ins_1', 'user_3', 'spare@example.com', 'spare@example.com', TRUE, FALSE, FALSE, 'ver_5', 1796053732880, 1796053732880);
INSERT INTO oauth_grants (id, instance_id, application_id, user_id, scopes, code_hash, code_expire_at, code_used_at, redirect_uri, code_challenge, nonce, authenticated_at, revoked, revocation_reason, created_at, updated_at)
  VALUES ('oag_1', 'ins_1', 'oa_1', 'user_2', '["profile"]', 'hash of a code', 1796053733157, 1796053733157, NULL, NULL, NULL, 1796053733157, FALSE, NULL, 1796053733157, 1796053733157);
INSERT INTO organization_invitations (id, instance_id, organization_id, role_id, email_address, canonical, inviter_id, status, public_metadata, private_metadata, redirect_url, expire_at, created_at, updated_at)
  VALUES ('orginv_1', 'ins_1', 'org_1', 'role_2', 'invited@faß.example', 'invited@fass.example', 'user_2', 'pending', '{}', '{}', NULL, 1798645733126, 1796053733126, 1796053733126);
INSERT INTO organization_memberships (id, instance_id, organization_id, user_id, role_id, public_metadata, private_metadata, created_at, updated_at)
  VALUES ('orgmem_1', 'ins_1', 'org_1', 'user_2', 'role_1', '{}', '{}', 1796053732887, 1796053732887);
INSERT INTO organization_role_permissions (id, instance_id, role_id, permission_id, created_at)
  VALUES ('roleperm_1', 'ins_1', 'role_1', 'perm_1', 1796053732883);
INSERT INTO organization_role_permissions (id, instance_id, role_id, permission_id, created_at)
  VALUES ('roleperm_2', 'ins_1', 'role_1', 'perm_2', 1796053732883);
INSERT INTO organization_role_permissions (id, instance_id, role_id, permission_id, created_at)
  VALUES ('roleperm_3', 'ins_1', 'role_2', 'perm_2', 1796053732883);
INSERT INTO sign_ins (id, instance_id, client_id, status, identifier, user_id, first_factor_verification_id, second_factor_verification_id, client_trust_state, created_session_id, abandon_at, created_at, updated_at, sign_up_if_missing)
  VALUES ('sia_1', 'ins_1', 'client_1', 'needs_first_factor', 'ada+clerk_test@example.com', 'user_2', 'ver_2', NULL, NULL, NULL, 1796140132893, 1796053732893, 1796053732893, NULL);
INSERT INTO oauth_tokens (id, instance_id, grant_id, kind, token_hash, scopes, used_at, expire_at, created_at, updated_at)
  VALUES ('ort_1', 'ins_1', 'oag_1', 'refresh', 'hash of a token', '["profile"]', NULL, 1796053733158, 1796053733157, 1796053733157);
