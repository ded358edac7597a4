"""Identifications know the plain spelling of an address with sub-address."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_BATCH_SIZE = 5000
_table = sa.table(
    "identifications", *(sa.column(name, sa.Text()) for name in ("id", "kind", "canonical", "family"))
)


def upgrade() -> None:
    op.add_column("identifications", sa.Column("family", sa.Text()))
    last = ""
    while rows := _addresses_after(last):
        changes = [{"b_id": id, "b_family": plain} for id, text in rows if (plain := _plain(text)) != text]
        if changes:
            statement = sa.update(_table).where(_table.c.id == sa.bindparam("b_id"))
            op.get_bind().execute(statement.values(family=sa.bindparam("b_family")), changes)
        last = rows[-1][0]
    op.create_index(
        "ix_identifications_family",
        "identifications",
        ["instance_id", "family"],
        sqlite_where=sa.text("family IS NOT NULL"),
        postgresql_where=sa.text("family IS NOT NULL"),
    )


def _addresses_after(last: str) -> list[tuple[str, str]]:
    statement = (
        sa.select(_table.c.id, _table.c.canonical)
        .where(_table.c.kind == "email_address", _table.c.id > last)
        .order_by(_table.c.id)
        .limit(_BATCH_SIZE)
    )
    return [(row.id, row.canonical) for row in op.get_bind().execute(statement)]


def _plain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    yahoo = domain.startswith(("yahoo.", "ymail.", "rocketmail.", "myyahoo."))
    plain = re.split(r"[+=#-]" if yahoo else r"[+=#]", local, maxsplit=1)[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        domain, plain = "gmail.com", plain.replace(".", "")
    return f"{plain}@{domain}"
