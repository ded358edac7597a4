"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.second_factors.backup_codes.tables import BackupCodesRow, backup_codes

_CODES_OF_USER = sa.and_(
    backup_codes.c.instance_id == bindparam("instance_id"), backup_codes.c.user_id == bindparam("user_id")
)
CODES_OF_USER = Statement(sa.select(backup_codes).where(_CODES_OF_USER), BackupCodesRow)
LOCK_CODES_OF_USER = Statement(
    sa.select(backup_codes).where(_CODES_OF_USER).with_for_update(), BackupCodesRow, locks=True
)
INSERT_CODES = insert(backup_codes)
UPDATE_CODES = update(backup_codes)
DELETE_CODES: Statement[None] = Statement(sa.delete(backup_codes).where(_CODES_OF_USER))
