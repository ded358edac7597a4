"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.sign_ins.tables import ReverificationRow, SignInRow, reverifications, sign_ins
from greffier.server.store.statements import Statement, insert, update
from greffier.server.verifications.attempts.queries import attempt_statements

ATTEMPTS = attempt_statements(
    sign_ins,
    SignInRow,
    is_unfinished=sa.and_(sign_ins.c.status != "complete", sign_ins.c.status != "abandoned"),
)

_OF_SESSION = sa.and_(
    reverifications.c.instance_id == bindparam("instance_id"),
    reverifications.c.session_id == bindparam("session_id"),
)
REVERIFICATION_OF_SESSION = Statement(sa.select(reverifications).where(_OF_SESSION), ReverificationRow)
INSERT_REVERIFICATION = insert(reverifications)
UPDATE_REVERIFICATION = update(reverifications)
DELETE_REVERIFICATION: Statement[None] = Statement(sa.delete(reverifications).where(_OF_SESSION))
