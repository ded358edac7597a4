-- What the migrations after that commit did to the schema, until migrations had numbers.
ALTER TABLE verifications ADD COLUMN sent_to TEXT;
ALTER TABLE oauth_grants ADD COLUMN resource TEXT;
ALTER TABLE oauth_tokens ADD COLUMN resource TEXT;
UPDATE alembic_version SET version_num = '2026_11_30_oauth_resources';
