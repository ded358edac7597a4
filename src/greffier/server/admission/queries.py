"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.admission.tables import (
    InvitationRow,
    SignInTokenRow,
    TestingTokenRow,
    invitations,
    sign_in_tokens,
    testing_tokens,
)
from greffier.server.store.statements import Statement, insert, update

LOCK_SIGN_IN_TOKEN = Statement(
    sa.select(sign_in_tokens)
    .where(sign_in_tokens.c.instance_id == bindparam("instance_id"), sign_in_tokens.c.id == bindparam("id"))
    .with_for_update(),
    SignInTokenRow,
    locks=True,
)
LOCK_SIGN_IN_TOKEN_BY_HASH = Statement(
    sa.select(sign_in_tokens)
    .where(
        sign_in_tokens.c.instance_id == bindparam("instance_id"),
        sign_in_tokens.c.token_hash == bindparam("token_hash"),
    )
    .with_for_update(),
    SignInTokenRow,
    locks=True,
)
INSERT_SIGN_IN_TOKEN = insert(sign_in_tokens)
UPDATE_SIGN_IN_TOKEN = update(sign_in_tokens)

INSERT_TESTING_TOKEN = insert(testing_tokens)
FIND_TESTING_TOKEN = Statement(
    sa.select(testing_tokens).where(
        testing_tokens.c.instance_id == bindparam("instance_id"),
        testing_tokens.c.token_hash == bindparam("token_hash"),
        testing_tokens.c.expire_at > bindparam("now"),
    ),
    TestingTokenRow,
)

_invitations = invitations.c
_PENDING_TO = sa.and_(
    _invitations.instance_id == bindparam("instance_id"),
    _invitations.canonical == bindparam("canonical"),
    _invitations.status == "pending",
)
INSERT_INVITATION = insert(invitations)
UPDATE_INVITATION = update(invitations)
FIND_INVITATION = Statement(
    sa.select(invitations).where(
        _invitations.instance_id == bindparam("instance_id"),
        _invitations.token_hash == bindparam("token_hash"),
    ),
    InvitationRow,
)
LOCK_INVITATION = Statement(
    sa.select(invitations)
    .where(_invitations.instance_id == bindparam("instance_id"), _invitations.id == bindparam("id"))
    .with_for_update(),
    InvitationRow,
    locks=True,
)
OPEN_INVITATION_TO: Statement[str] = Statement(
    sa.select(_invitations.id).where(_PENDING_TO, _invitations.expire_at > bindparam("now")).limit(1)
)
RELEASE_EXPIRED: Statement[None] = Statement(
    sa.update(invitations)
    .where(_PENDING_TO, _invitations.expire_at <= bindparam("now"), _invitations.is_exclusive == sa.true())
    .values(is_exclusive=sa.false())
)
"""Expired invitations do not block another one for their address."""
