"""Every SQL statement of this room whose text does not depend on the request."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.tables import UserImageRow, UserRow, user_images, users

_OF_INSTANCE = users.c.instance_id == bindparam("instance_id")
_GET = sa.select(users).where(_OF_INSTANCE, users.c.id == bindparam("id"))

GET = Statement(_GET, UserRow)
LOCK = Statement(_GET.with_for_update(key_share=True), UserRow, locks=True)
"""Rows that refer to the user may be written meanwhile: two sign-ins of one user at once, which have both
written theirs, would otherwise wait for each other (PostgreSQL: `FOR NO KEY UPDATE`)."""
FIND_BY_USERNAME = Statement(
    sa.select(users).where(_OF_INSTANCE, users.c.username == bindparam("username")), UserRow
)
INSERT = insert(users)
UPDATE = update(users)
DELETE: Statement[None] = Statement(sa.delete(users).where(_OF_INSTANCE, users.c.id == bindparam("id")))

INSERT_IMAGE = insert(user_images)
GET_IMAGE = Statement(
    sa.select(user_images).where(
        user_images.c.instance_id == bindparam("instance_id"), user_images.c.id == bindparam("id")
    ),
    UserImageRow,
)
DELETE_IMAGES_OF_USER: Statement[None] = Statement(
    sa.delete(user_images).where(
        user_images.c.instance_id == bindparam("instance_id"),
        user_images.c.user_id == bindparam("user_id"),
    )
)
