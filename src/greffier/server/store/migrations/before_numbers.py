"""Databases from before migrations had numbers: upgraded once to 0001.

Since then addresses are compared by their A-label domains, and a code or link verifies the address that it
was mailed to. Addresses that were two before and are one now are reported and set aside, never merged: no
look-up finds such a one, and its user can delete it and verify it anew. Codes, links and sign-ins that were
under way may have found a user by a lookalike, so they end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from greffier.server.delivery.addresses import canonical

log = logging.getLogger("greffier.migrations")

_COLUMNS = ("id", "instance_id", "email_address", "canonical")
_addresses = sa.table(
    "email_addresses",
    *map(sa.column, _COLUMNS),
    sa.column("user_id"),
    sa.column("verification_id"),
    sa.column("claimed", sa.Boolean()),
    sa.column("reserved", sa.Boolean()),
    sa.column("is_primary", sa.Boolean()),
    sa.column("created_at"),
)
_invitations = sa.table("invitations", *map(sa.column, _COLUMNS), sa.column("sole", sa.Boolean()))
_organization_invitations = sa.table("organization_invitations", *map(sa.column, _COLUMNS))
_sign_ins = sa.table("sign_ins", sa.column("status"), sa.column("abandon_at"))
_verifications = sa.table("verifications", sa.column("status"), sa.column("code_hash"), sa.column("strategy"))


def number_schema(db: sa.Connection) -> None:
    """Bring a database from before to what 0001 makes; leave every other one as it is."""
    if not sa.inspect(db).has_table("alembic_version"):
        return
    former = db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if former not in _STEPS:
        return
    names = list(_STEPS)
    for name in names[names.index(former) :]:
        _STEPS[name](db)
    db.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))


def _compare_addresses_by_a_labels(db: sa.Connection) -> None:
    db.execute(sa.text("ALTER TABLE verifications ADD COLUMN sent_to TEXT"))
    _end_pending(db)
    changed = _changed(db, _addresses)
    for row in changed:  # their old forms are free before the new ones are taken
        _save(db, _addresses, row, canonical=f"{canonical(row.email_address)}#{row.id}")
    for row in sorted(changed, key=lambda row: (not row.claimed, row.created_at, row.id)):
        twin = _twin(db, row)
        if twin is None:
            _save(db, _addresses, row, canonical=canonical(row.email_address))
        else:
            _set_aside(db, row, twin)
    for row in _changed(db, _invitations):
        _save(db, _invitations, row, canonical=canonical(row.email_address), sole=sa.false())
    for row in _changed(db, _organization_invitations):
        _save(db, _organization_invitations, row, canonical=canonical(row.email_address))


def _end_pending(db: sa.Connection) -> None:
    db.execute(
        sa.update(_verifications)
        .where(
            _verifications.c.status.in_(("unverified", "transferable")),
            sa.or_(_verifications.c.code_hash.is_not(None), _verifications.c.strategy == "email_link"),
        )
        .values(status="expired")
    )
    db.execute(sa.update(_sign_ins).where(_sign_ins.c.status != "complete").values(abandon_at=0))


def _changed(db: sa.Connection, table: sa.TableClause) -> list[Any]:
    """Read in pages: a cursor would stay open, and PostgreSQL drops no table that one is open on."""
    found: list[Any] = []
    page = sa.select(table).where(table.c.id > sa.bindparam("after")).order_by(table.c.id).limit(1000)
    last = ""
    while rows := db.execute(page, {"after": last}).all():
        found += [row for row in rows if row.canonical != canonical(row.email_address)]
        last = rows[-1].id
    return found


def _save(db: sa.Connection, table: sa.TableClause, row: Any, **values: Any) -> None:
    db.execute(sa.update(table).where(table.c.id == row.id).values(**values))


def _twin(db: sa.Connection, row: Any) -> Any:
    """Another row that has the address already: of the same user, or of any user who has claimed it."""
    same = _addresses.c.user_id == row.user_id
    return db.execute(
        sa.select(_addresses).where(
            _addresses.c.instance_id == row.instance_id,
            _addresses.c.canonical == canonical(row.email_address),
            _addresses.c.id != row.id,
            sa.or_(same, _addresses.c.claimed == sa.true()) if row.claimed else same,
        )
    ).first()


def _set_aside(db: sa.Connection, row: Any, twin: Any) -> None:
    log.warning(
        "Address %s of user %s (instance %s) is the same as address %s of user %s; it is unverified now",
        row.id,
        row.user_id,
        row.instance_id,
        twin.id,
        twin.user_id,
    )
    _save(db, _addresses, row, claimed=False, reserved=False, is_primary=False, verification_id=None)
    if not row.is_primary:
        return
    others = sa.select(_addresses).where(
        _addresses.c.user_id == row.user_id, _addresses.c.claimed == sa.true()
    )
    other = db.execute(others.order_by(_addresses.c.created_at, _addresses.c.id)).first()
    if other is not None:
        _save(db, _addresses, other, is_primary=True)


def _name_resources(db: sa.Connection) -> None:
    for table in ("oauth_grants", "oauth_tokens"):
        db.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN resource TEXT"))


def _nothing(db: sa.Connection) -> None:
    pass


_STEPS: dict[str, Callable[[sa.Connection], None]] = {
    "2026_11_23_zk_forgetting_mail": _compare_addresses_by_a_labels,
    "2026_11_30_canonical_addresses": _name_resources,
    "2026_11_30_oauth_resources": _nothing,
}
"""The steps that each of the last revisions with names instead of numbers lacks."""
