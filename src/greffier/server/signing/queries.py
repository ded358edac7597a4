"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.signing.tables import SigningKeyRow, signing_keys
from greffier.server.store.statements import Statement, insert, update

ALL_SIGNING_KEYS = Statement(
    sa.select(signing_keys).order_by(signing_keys.c.created_at.desc(), signing_keys.c.id), SigningKeyRow
)
INSERT_SIGNING_KEY = insert(signing_keys)
UPDATE_SIGNING_KEY = update(signing_keys)
