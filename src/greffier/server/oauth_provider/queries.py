"""Every SQL statement of this room whose text does not depend on the request."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.oauth_provider.tables import (
    OAuthApplicationLogoRow,
    OAuthApplicationRow,
    OAuthConsentRow,
    OAuthGrantRow,
    OAuthTokenRow,
    oauth_application_logos,
    oauth_applications,
    oauth_consents,
    oauth_grants,
    oauth_tokens,
)
from greffier.server.store.statements import Statement, insert, update

# --- applications -------------------------------------------------------------------------------------------

_applications = oauth_applications.c
_ONE_APPLICATION = sa.and_(
    _applications.instance_id == bindparam("instance_id"), _applications.id == bindparam("id")
)
_GET_APPLICATION = sa.select(oauth_applications).where(_ONE_APPLICATION)
GET_APPLICATION = Statement(_GET_APPLICATION, OAuthApplicationRow)
HOLD_APPLICATION = Statement(
    _GET_APPLICATION.with_for_update(read=True, key_share=True), OAuthApplicationRow, locks=True
)
"""So that it is not deleted meanwhile; others may hold it too."""
LOCK_APPLICATION = Statement(_GET_APPLICATION.with_for_update(), OAuthApplicationRow, locks=True)
APPLICATION_OF_CLIENT_ID = Statement(
    sa.select(oauth_applications).where(
        _applications.instance_id == bindparam("instance_id"),
        _applications.client_id == bindparam("client_id"),
    ),
    OAuthApplicationRow,
)
INSERT_APPLICATION = insert(oauth_applications)
UPDATE_APPLICATION = update(oauth_applications)
DELETE_APPLICATION: Statement[None] = Statement(sa.delete(oauth_applications).where(_ONE_APPLICATION))

_logos = oauth_application_logos.c
INSERT_LOGO = insert(oauth_application_logos)
GET_LOGO = Statement(
    sa.select(oauth_application_logos).where(
        _logos.instance_id == bindparam("instance_id"), _logos.id == bindparam("id")
    ),
    OAuthApplicationLogoRow,
)
DELETE_LOGOS: Statement[None] = Statement(
    sa.delete(oauth_application_logos).where(
        _logos.instance_id == bindparam("instance_id"), _logos.application_id == bindparam("application_id")
    )
)

# --- consents -----------------------------------------------------------------------------------------------

_consents = oauth_consents.c
CONSENT_OF_USER = Statement(
    sa.select(oauth_consents).where(
        _consents.instance_id == bindparam("instance_id"),
        _consents.application_id == bindparam("application_id"),
        _consents.user_id == bindparam("user_id"),
    ),
    OAuthConsentRow,
)
INSERT_CONSENT = insert(oauth_consents)
UPDATE_CONSENT = update(oauth_consents)

# --- grants and their codes ---------------------------------------------------------------------------------

_grants = oauth_grants.c
_ONE_GRANT = sa.and_(_grants.instance_id == bindparam("instance_id"), _grants.id == bindparam("id"))
_REVOKED = {
    "revoked": sa.true(),
    "revocation_reason": bindparam("reason", type_=sa.Text),
    "updated_at": bindparam("now", type_=sa.BigInteger),
}
INSERT_GRANT = insert(oauth_grants)
UPDATE_GRANT = update(oauth_grants)
GET_GRANT = Statement(sa.select(oauth_grants).where(_ONE_GRANT), OAuthGrantRow)
LOCK_GRANT = Statement(sa.select(oauth_grants).where(_ONE_GRANT).with_for_update(), OAuthGrantRow, locks=True)
LOCK_GRANT_OF_CODE = Statement(
    sa.select(oauth_grants)
    .where(_grants.instance_id == bindparam("instance_id"), _grants.code_hash == bindparam("code_hash"))
    .with_for_update(),
    OAuthGrantRow,
    locks=True,
)
REVOKE_GRANT: Statement[None] = Statement(
    sa.update(oauth_grants).where(_ONE_GRANT, _grants.revoked == sa.false()).values(_REVOKED)
)
REVOKE_GRANTS_OF_USER: Statement[None] = Statement(
    sa.update(oauth_grants)
    .where(
        _grants.instance_id == bindparam("instance_id"),
        _grants.user_id == bindparam("user_id"),
        _grants.revoked == sa.false(),
    )
    .values(_REVOKED)
)

# --- tokens -------------------------------------------------------------------------------------------------

_tokens = oauth_tokens.c
INSERT_TOKEN = insert(oauth_tokens)
UPDATE_TOKEN = update(oauth_tokens)
FIND_TOKEN = Statement(
    sa.select(oauth_tokens).where(
        _tokens.instance_id == bindparam("instance_id"), _tokens.token_hash == bindparam("token_hash")
    ),
    OAuthTokenRow,
)
"""By the digest of a presented token: it has 256 random bits, so that the time of the look-up reveals nothing
about another one.
"""
USED_SIBLING: Statement[str] = Statement(
    sa.select(_tokens.id)
    .where(
        _tokens.parent_id == bindparam("parent_id"),
        _tokens.instance_id == bindparam("instance_id"),
        _tokens.id != bindparam("id"),
        _tokens.used_at.is_not(None),
    )
    .limit(1),
    str,
)
"""Another refresh token that the same one was exchanged for, and that was exchanged itself."""
