"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.organizations.tables import organization_memberships
from greffier.server.sessions.tables import RefreshTokenRow, SessionRow, refresh_tokens, sessions
from greffier.server.store.statements import Statement, insert, update

_OF_INSTANCE = sessions.c.instance_id == bindparam("instance_id")
_LIVE = sa.and_(
    sa.or_(sessions.c.status == "active", sessions.c.status == "pending"),
    sessions.c.expire_at > bindparam("now"),
    sessions.c.abandon_at > bindparam("now"),
)
_ONE = sessions.c.id == bindparam("id")

GET = Statement(sa.select(sessions).where(_OF_INSTANCE, _ONE), SessionRow)
GET_OF_CLIENT = Statement(
    sa.select(sessions).where(_OF_INSTANCE, _ONE, sessions.c.client_id == bindparam("client_id")),
    SessionRow,
)
GET_OF_USER = Statement(
    sa.select(sessions).where(_OF_INSTANCE, _ONE, sessions.c.user_id == bindparam("user_id")),
    SessionRow,
)
LOCK_OF_CLIENT = Statement(
    sa.select(sessions)
    .where(_OF_INSTANCE, _ONE, sessions.c.client_id == bindparam("client_id"))
    .with_for_update(),
    SessionRow,
    locks=True,
)
LIVE_OF_CLIENT = Statement(
    sa.select(sessions)
    .where(_OF_INSTANCE, sessions.c.client_id == bindparam("client_id"), _LIVE)
    .order_by(sessions.c.created_at, sessions.c.id),
    SessionRow,
)
LAST_SELECTED = Statement(
    sa.select(sessions)
    .where(_OF_INSTANCE, sessions.c.client_id == bindparam("client_id"), _LIVE)
    .order_by(sessions.c.selected_at.desc(), sessions.c.id.desc())
    .limit(1),
    SessionRow,
)
_LIVE_OF_USER = sa.select(sessions).where(_OF_INSTANCE, sessions.c.user_id == bindparam("user_id"), _LIVE)
LIVE_OF_USER = Statement(
    _LIVE_OF_USER.order_by(sessions.c.last_active_at.desc(), sessions.c.id.desc()), SessionRow
)
LOCK_LIVE_OF_USER = Statement(_LIVE_OF_USER.order_by(sessions.c.id).with_for_update(), SessionRow, locks=True)
LAST_OF_USER = Statement(
    sa.select(sessions)
    .where(
        _OF_INSTANCE,
        sessions.c.user_id == bindparam("user_id"),
        sessions.c.actor.is_(None),
    )
    .order_by(sessions.c.last_active_at.desc(), sessions.c.id.desc())
    .limit(1),
    SessionRow,
)
"""The one that the user themselves used last, over or not."""
ALL_OF_USER = Statement(
    sa.select(sessions)
    .where(_OF_INSTANCE, sessions.c.user_id == bindparam("user_id"))
    .order_by(sessions.c.created_at.desc(), sessions.c.id.desc()),
    SessionRow,
)
ANY_OF_USER_ON_CLIENT = Statement(
    sa.select(sessions)
    .where(
        _OF_INSTANCE,
        sessions.c.client_id == bindparam("client_id"),
        sessions.c.user_id == bindparam("user_id"),
        sessions.c.actor.is_(None),
    )
    .limit(1),
    SessionRow,
)
"""Live or over; an impersonator's do not count."""
INSERT = insert(sessions)
UPDATE = update(sessions)

# These change one session only while it is live: a session that is revoked at the same time stays revoked.
_later = sessions.alias()
_TOUCH = (
    sa.update(sessions)
    .where(_OF_INSTANCE, _ONE, _LIVE)
    .values(
        last_active_at=bindparam("now"),
        selected_at=bindparam("now"),
        updated_at=bindparam("now"),
        abandon_at=bindparam("new_abandon_at"),
        activity=bindparam("new_activity", type_=sessions.c.activity.type),
        last_active_organization_id=bindparam("organization_id"),
    )
)
TOUCH: Statement[None] = Statement(
    _TOUCH.where(
        ~sa.exists().where(
            _later.c.instance_id == sessions.c.instance_id,
            _later.c.client_id == sessions.c.client_id,
            _later.c.selected_at > sessions.c.selected_at,
        ),
        sessions.c.last_active_organization_id.is_not_distinct_from(bindparam("organization_id")),
    ),
    bookkeeping=True,
)
"""The session that its client selected last, with the same organization: only the time of use changes."""
SELECT: Statement[None] = Statement(_TOUCH)
SET_FACTORS: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, _ONE, _LIVE)
    .values(
        first_factor_at=bindparam("first_at"),
        second_factor_at=bindparam("second_at"),
        updated_at=bindparam("now"),
    )
)
SET_ENTITLEMENTS: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, sessions.c.user_id == bindparam("of_user"), _LIVE)
    .values(entitlements=bindparam("new_entitlements", type_=sessions.c.entitlements.type))
)
KEEP_ACTIVE: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, _ONE, _LIVE)
    .values(last_active_at=bindparam("now"), abandon_at=bindparam("new_abandon_at")),
    bookkeeping=True,
)
SET_ORGANIZATION: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, _ONE, _LIVE)
    .values(last_active_organization_id=bindparam("organization_id"), updated_at=bindparam("now"))
)
_WITH_ORGANIZATION = sa.and_(
    _OF_INSTANCE, sessions.c.last_active_organization_id == bindparam("organization_id")
)
CLEAR_ACTIVE_ORGANIZATION_OF_USER: Statement[None] = Statement(
    sa.update(sessions)
    .where(_WITH_ORGANIZATION, sessions.c.user_id == bindparam("user_id"))
    .values(last_active_organization_id=None, updated_at=bindparam("now"))
)
CLEAR_ACTIVE_ORGANIZATION: Statement[None] = Statement(
    sa.update(sessions)
    .where(
        _WITH_ORGANIZATION,
        sessions.c.user_id.in_(
            sa.select(organization_memberships.c.user_id).where(
                organization_memberships.c.organization_id == bindparam("organization_id")
            )
        ),
    )
    .values(last_active_organization_id=None, updated_at=bindparam("now"))
)
"""While its members are known: the sessions are found by them."""
END: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, _ONE, sessions.c.client_id == bindparam("client_id"), _LIVE)
    .values(status=bindparam("new_status"), updated_at=bindparam("now"))
)
END_OF_CLIENT: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, sessions.c.client_id == bindparam("client_id"), _LIVE)
    .values(status=bindparam("status"), updated_at=bindparam("now"))
)
END_OF_USER: Statement[None] = Statement(
    sa.update(sessions)
    .where(_OF_INSTANCE, sessions.c.user_id == bindparam("user_id"), _LIVE)
    .where(sessions.c.id != bindparam("except_id"))
    .values(status=bindparam("status"), updated_at=bindparam("now"))
)

INSERT_REFRESH_TOKEN = insert(refresh_tokens)
GET_REFRESH_TOKEN = Statement(
    sa.select(refresh_tokens).where(
        refresh_tokens.c.instance_id == bindparam("instance_id"),
        refresh_tokens.c.session_id == bindparam("session_id"),
        refresh_tokens.c.token_hash == bindparam("token_hash"),
    ),
    RefreshTokenRow,
)
