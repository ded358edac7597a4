"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.admission.tables import (
    SignInTokenRow,
    TestingTokenRow,
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
