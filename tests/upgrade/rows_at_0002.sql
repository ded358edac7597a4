INSERT INTO instances (id, environment, publishable_key, frontend_api_host, domain, code_key, settings, created_at, updated_at)
VALUES ('ins_1', 'development', 'pk_test_one', 'one.localhost', NULL, 'key', '{}', 1, 1);
INSERT INTO users (id, instance_id, public_metadata, private_metadata, unsafe_metadata, banned, locked, failed_attempts, delete_self_enabled, create_organization_enabled, bypass_client_trust, created_at, updated_at)
VALUES ('user_1', 'ins_1', '{}', '{}', '{}', FALSE, FALSE, 0, TRUE, TRUE, FALSE, 1, 1);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, expire_at, sent_to, created_at, updated_at)
VALUES ('ver_1', 'ins_1', 'email_code', 'verified', 1, 9, 'ada@example.com', 1, 1);
INSERT INTO verifications (id, instance_id, strategy, status, attempts, expire_at, sent_to, created_at, updated_at)
VALUES ('ver_2', 'ins_1', 'password', 'verified', 1, NULL, NULL, 1, 1);
INSERT INTO email_addresses (id, instance_id, user_id, email_address, canonical, claimed, reserved, is_primary, verification_id, created_at, updated_at)
VALUES ('idn_1', 'ins_1', 'user_1', 'Ada@example.com', 'ada@example.com', TRUE, FALSE, TRUE, 'ver_1', 1, 2);
INSERT INTO email_links (id, instance_id, verification_id, token_hash, owner_id, client_id, redirect_url, created_at)
VALUES ('lnk_1', 'ins_1', 'ver_1', 'hash', 'sua_1', 'client_1', 'http://localhost:3000/', 1);
INSERT INTO transfers (id, instance_id, client_id, verification_id, email_address, expire_at, created_at)
VALUES ('trf_1', 'ins_1', 'client_1', 'ver_1', 'bob@example.com', 9, 1);
INSERT INTO sign_ups (id, instance_id, client_id, status, email_address, username, email_verification_id, unsafe_metadata, public_metadata, abandon_at, created_at, updated_at)
VALUES ('sua_1', 'ins_1', 'client_1', 'missing_requirements', 'eve@example.com', 'evelyn', 'ver_1', '{"plan": [1]}', NULL, 9, 1, 2);
INSERT INTO sign_ups (id, instance_id, client_id, status, unsafe_metadata, public_metadata, abandon_at, created_at, updated_at)
VALUES ('sua_2', 'ins_1', 'client_2', 'missing_requirements', '{}', '{"role": "x"}', 9, 1, 2);
