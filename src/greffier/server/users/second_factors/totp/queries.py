"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.second_factors.totp.tables import TotpRow, totp_secrets

_TOTP_OF_USER = sa.and_(
    totp_secrets.c.instance_id == bindparam("instance_id"), totp_secrets.c.user_id == bindparam("user_id")
)
TOTP_OF_USER = Statement(sa.select(totp_secrets).where(_TOTP_OF_USER), TotpRow)
LOCK_TOTP_OF_USER = Statement(
    sa.select(totp_secrets).where(_TOTP_OF_USER).with_for_update(), TotpRow, locks=True
)
INSERT_TOTP = insert(totp_secrets)
UPDATE_TOTP = update(totp_secrets)
USE_STEP: Statement[None] = Statement(
    sa.update(totp_secrets)
    .where(
        _TOTP_OF_USER,
        totp_secrets.c.id == bindparam("id"),
        sa.or_(totp_secrets.c.last_step.is_(None), totp_secrets.c.last_step < bindparam("step")),
    )
    .values(last_step=bindparam("step"))
)
"""Changes no row when another request has used this step, or a later one."""
DELETE_TOTP: Statement[None] = Statement(sa.delete(totp_secrets).where(_TOTP_OF_USER))
