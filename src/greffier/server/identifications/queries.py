"""Every SQL statement of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.identifications.tables import EmailAddressRow, email_addresses
from greffier.server.store.statements import Statement, insert, update
from greffier.server.verifications.tables import VerificationRow, verifications

_OF_INSTANCE = email_addresses.c.instance_id == bindparam("instance_id")


class EmailWithVerification(msgspec.Struct, frozen=True):
    """An address and the verification that made it what it is."""

    email: EmailAddressRow
    verification: VerificationRow | None


_EMAIL_COLUMNS = len(email_addresses.c)


def _joined(*values: object) -> EmailWithVerification:
    email = EmailAddressRow(*values[:_EMAIL_COLUMNS])  # type: ignore[arg-type]
    rest = values[_EMAIL_COLUMNS:]
    return EmailWithVerification(email, VerificationRow(*rest) if rest[0] is not None else None)  # type: ignore[arg-type]


_WITH_VERIFICATION = (
    sa.select(email_addresses, verifications)
    .outerjoin(verifications, verifications.c.id == email_addresses.c.verification_id)
    .where(_OF_INSTANCE)
)
OF_USER = Statement(
    _WITH_VERIFICATION.where(email_addresses.c.user_id == bindparam("user_id")).order_by(
        email_addresses.c.created_at, email_addresses.c.id
    ),
    _joined,
)


def of_users(
    instance_id: str, user_ids: list[str]
) -> tuple[sa.Select[Any], Callable[..., EmailWithVerification]]:
    """The addresses of these users."""
    statement = (
        sa.select(email_addresses, verifications)
        .outerjoin(verifications, verifications.c.id == email_addresses.c.verification_id)
        .where(email_addresses.c.instance_id == instance_id, email_addresses.c.user_id.in_(user_ids))
        .order_by(email_addresses.c.created_at, email_addresses.c.id)
    )
    return statement, _joined


GET_OF_USER = Statement(
    _WITH_VERIFICATION.where(
        email_addresses.c.user_id == bindparam("user_id"), email_addresses.c.id == bindparam("id")
    ),
    _joined,
)
GET = Statement(_WITH_VERIFICATION.where(email_addresses.c.id == bindparam("id")), _joined)
LOCK_OF_USER = Statement(
    sa.select(email_addresses)
    .where(_OF_INSTANCE, email_addresses.c.user_id == bindparam("user_id"))
    .order_by(email_addresses.c.id)
    .with_for_update(),
    EmailAddressRow,
    locks=True,
)
FIND_CLAIMED = Statement(
    sa.select(email_addresses).where(
        _OF_INSTANCE,
        email_addresses.c.canonical == bindparam("canonical"),
        email_addresses.c.claimed == sa.true(),
    ),
    EmailAddressRow,
)
FIND_OF_USER = Statement(
    sa.select(email_addresses).where(
        _OF_INSTANCE,
        email_addresses.c.canonical == bindparam("canonical"),
        email_addresses.c.user_id == bindparam("user_id"),
    ),
    EmailAddressRow,
)
PRIMARY_OF_USER = Statement(
    sa.select(email_addresses).where(
        _OF_INSTANCE,
        email_addresses.c.user_id == bindparam("user_id"),
        email_addresses.c.is_primary == sa.true(),
    ),
    EmailAddressRow,
)
UNSET_PRIMARY: Statement[None] = Statement(
    sa.update(email_addresses)
    .where(_OF_INSTANCE, email_addresses.c.user_id == bindparam("user_id"))
    .values(is_primary=sa.false())
)
INSERT = insert(email_addresses)
UPDATE = update(email_addresses)
DELETE: Statement[None] = Statement(
    sa.delete(email_addresses).where(_OF_INSTANCE, email_addresses.c.id == bindparam("id"))
)
DELETE_OF_USER: Statement[None] = Statement(
    sa.delete(email_addresses).where(_OF_INSTANCE, email_addresses.c.user_id == bindparam("user_id"))
)
