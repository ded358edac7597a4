"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.sign_ups.tables import SignUpRow, sign_ups
from greffier.server.store.statements import Statement, insert, update

_OF_CLIENT = sa.and_(
    sign_ups.c.instance_id == bindparam("instance_id"), sign_ups.c.client_id == bindparam("client_id")
)
_OPEN = sa.and_(sign_ups.c.status == "missing_requirements", sign_ups.c.abandon_at > bindparam("now"))
_GET = sa.select(sign_ups).where(_OF_CLIENT, sign_ups.c.id == bindparam("id"))

GET_OF_CLIENT = Statement(_GET, SignUpRow)
LOCK_OF_CLIENT = Statement(_GET.with_for_update(), SignUpRow, locks=True)
CURRENT = Statement(
    sa.select(sign_ups)
    .where(_OF_CLIENT, _OPEN)
    .order_by(sign_ups.c.created_at.desc(), sign_ups.c.id.desc())
    .limit(1),
    SignUpRow,
)
INSERT = insert(sign_ups)
UPDATE = update(sign_ups)
ABANDON: Statement[None] = Statement(
    sa.update(sign_ups).where(_OF_CLIENT, _OPEN).values(status="abandoned", updated_at=bindparam("now"))
)
