"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.signing.tables import JwtTemplateRow, SigningKeyRow, jwt_templates, signing_keys
from greffier.server.store.statements import Statement, insert, update

ALL_SIGNING_KEYS = Statement(
    sa.select(signing_keys).order_by(signing_keys.c.created_at.desc(), signing_keys.c.id), SigningKeyRow
)
INSERT_SIGNING_KEY = insert(signing_keys)
UPDATE_SIGNING_KEY = update(signing_keys)

_OF_INSTANCE = jwt_templates.c.instance_id == bindparam("instance_id")
_ONE = sa.and_(_OF_INSTANCE, jwt_templates.c.id == bindparam("id"))

GET_TEMPLATE = Statement(sa.select(jwt_templates).where(_ONE), JwtTemplateRow)
LOCK_TEMPLATE = Statement(sa.select(jwt_templates).where(_ONE).with_for_update(), JwtTemplateRow, locks=True)
FIND_TEMPLATE = Statement(
    sa.select(jwt_templates).where(_OF_INSTANCE, jwt_templates.c.name == bindparam("name")), JwtTemplateRow
)
TEMPLATES = Statement(
    sa.select(jwt_templates)
    .where(_OF_INSTANCE)
    .order_by(jwt_templates.c.created_at.desc(), jwt_templates.c.id.desc()),
    JwtTemplateRow,
)
"""Newest first."""
INSERT_TEMPLATE = insert(jwt_templates)
UPDATE_TEMPLATE = update(jwt_templates)
DELETE_TEMPLATE: Statement[None] = Statement(sa.delete(jwt_templates).where(_ONE))
