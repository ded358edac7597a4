"""Every SQL statement of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.identifications.tables import IdentificationRow, identifications
from greffier.server.store.statements import Statement, insert, update
from greffier.server.verifications.tables import VerificationRow, verifications

_OF_INSTANCE = identifications.c.instance_id == bindparam("instance_id")
_OF_USER = sa.and_(_OF_INSTANCE, identifications.c.user_id == bindparam("user_id"))
_OF_KIND = identifications.c.kind == bindparam("kind")
_NAMED = sa.and_(_OF_KIND, identifications.c.canonical == bindparam("canonical"))


class Identification(msgspec.Struct, frozen=True):
    """An identification and its verification."""

    row: IdentificationRow
    verification: VerificationRow | None

    @property
    def verified(self) -> bool:
        return self.row.claimed and not self.row.reserved


_COLUMNS = len(identifications.c)


def _joined(*values: object) -> Identification:
    row = IdentificationRow(*values[:_COLUMNS])  # type: ignore[arg-type]  # columns in order
    rest = values[_COLUMNS:]
    return Identification(row, VerificationRow(*rest) if rest[0] is not None else None)  # type: ignore[arg-type]  # likewise


_WITH_VERIFICATION = (
    sa.select(identifications, verifications)
    .outerjoin(verifications, verifications.c.id == identifications.c.verification_id)
    .where(_OF_INSTANCE)
)
OF_USER = Statement(
    _WITH_VERIFICATION.where(identifications.c.user_id == bindparam("user_id")).order_by(
        identifications.c.created_at, identifications.c.id
    ),
    _joined,
)


def identifications_of_users(
    instance_id: str, user_ids: list[str]
) -> tuple[sa.Select[Any], Callable[..., Identification]]:
    """The identifications of these users."""
    statement = (
        sa.select(identifications, verifications)
        .outerjoin(verifications, verifications.c.id == identifications.c.verification_id)
        .where(identifications.c.instance_id == instance_id, identifications.c.user_id.in_(user_ids))
        .order_by(identifications.c.created_at, identifications.c.id)
    )
    return statement, _joined


GET_OF_USER = Statement(
    _WITH_VERIFICATION.where(
        identifications.c.user_id == bindparam("user_id"), _OF_KIND, identifications.c.id == bindparam("id")
    ),
    _joined,
)
GET = Statement(_WITH_VERIFICATION.where(identifications.c.id == bindparam("id")), _joined)
GET_OF_KIND = Statement(_WITH_VERIFICATION.where(_OF_KIND, identifications.c.id == bindparam("id")), _joined)
LOCK_OF_USER = Statement(
    sa.select(identifications).where(_OF_USER).order_by(identifications.c.id).with_for_update(),
    IdentificationRow,
    locks=True,
)
FIND_CLAIMED = Statement(
    sa.select(identifications).where(_OF_INSTANCE, _NAMED, identifications.c.claimed == sa.true()),
    IdentificationRow,
)
FIND_UNCLAIMED = Statement(
    sa.select(identifications)
    .where(_OF_INSTANCE, _NAMED, identifications.c.claimed == sa.false())
    .order_by(identifications.c.created_at, identifications.c.id)
    .limit(2),
    IdentificationRow,
)
"""Two at most: more than one is no one's."""
CLAIMED_OF_FAMILY: Statement[str] = Statement(
    sa.select(identifications.c.id)
    .where(
        _OF_INSTANCE,
        _OF_KIND,
        identifications.c.claimed == sa.true(),
        sa.or_(
            identifications.c.canonical == bindparam("family"),
            identifications.c.family == bindparam("family"),
        ),
    )
    .limit(1),
    str,
)
NEXT_CLAIMED_KIND: Statement[str] = Statement(
    sa.select(sa.func.min(identifications.c.kind)).where(
        _OF_INSTANCE, identifications.c.claimed == sa.true(), identifications.c.kind > bindparam("after")
    )
)
"""The next kind by name that users have, from the index; `None` after the last."""
FIND_OF_USER = Statement(sa.select(identifications).where(_OF_USER, _NAMED), IdentificationRow)
PRIMARY_OF_USER = Statement(
    sa.select(identifications).where(_OF_USER, _OF_KIND, identifications.c.is_primary == sa.true()),
    IdentificationRow,
)
RELEASE_SECOND_FACTORS: Statement[None] = Statement(
    sa.update(identifications)
    .where(_OF_USER, identifications.c.second_factor.is_not(None))
    .values(second_factor=None, updated_at=bindparam("now"))
)
INSERT = insert(identifications)
UPDATE = update(identifications)
DELETE: Statement[None] = Statement(
    sa.delete(identifications).where(_OF_INSTANCE, identifications.c.id == bindparam("id"))
)
DELETE_UNCLAIMED_OF_USER: Statement[None] = Statement(
    sa.delete(identifications).where(_OF_USER, identifications.c.claimed == sa.false())
)
DELETE_OF_USER: Statement[None] = Statement(sa.delete(identifications).where(_OF_USER, _OF_KIND))
