"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.sign_ins.tables import ReverificationRow, SignInRow, reverifications, sign_ins
from greffier.server.store.statements import Statement, insert, update

_OF_CLIENT = sa.and_(
    sign_ins.c.instance_id == bindparam("instance_id"), sign_ins.c.client_id == bindparam("client_id")
)
_OPEN = sa.and_(
    sign_ins.c.status != "complete",
    sign_ins.c.status != "abandoned",
    sign_ins.c.abandon_at > bindparam("now"),
)
_GET = sa.select(sign_ins).where(_OF_CLIENT, sign_ins.c.id == bindparam("id"))

GET_OF_CLIENT = Statement(_GET, SignInRow)
LOCK_OF_CLIENT = Statement(_GET.with_for_update(), SignInRow, locks=True)
CURRENT = Statement(
    sa.select(sign_ins)
    .where(_OF_CLIENT, _OPEN)
    .order_by(sign_ins.c.created_at.desc(), sign_ins.c.id.desc())
    .limit(1),
    SignInRow,
)
INSERT = insert(sign_ins)
UPDATE = update(sign_ins)
ABANDON: Statement[None] = Statement(
    sa.update(sign_ins).where(_OF_CLIENT, _OPEN).values(status="abandoned", updated_at=bindparam("now"))
)

_OF_SESSION = sa.and_(
    reverifications.c.instance_id == bindparam("instance_id"),
    reverifications.c.session_id == bindparam("session_id"),
)
REVERIFICATION_OF_SESSION = Statement(sa.select(reverifications).where(_OF_SESSION), ReverificationRow)
INSERT_REVERIFICATION = insert(reverifications)
UPDATE_REVERIFICATION = update(reverifications)
DELETE_REVERIFICATION: Statement[None] = Statement(sa.delete(reverifications).where(_OF_SESSION))
