"""Retention of verifications. This room decides, because identifications alone show theirs for
ever; sign-ins, sign-ups and reverifications are purged before their verifications are."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.identifications.tables import identifications
from greffier.server.jobs.retention_rules import RetentionRule
from greffier.server.verifications.retention import KEEP
from greffier.server.verifications.tables import verifications

SHOWN_BY = (identifications.c.verification_id,)


def _shown(column: sa.Column[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        column == verifications.c.id, column.table.c.instance_id == verifications.c.instance_id
    )


RETENTION_RULES = (
    RetentionRule(
        verifications.c.created_at,
        keep=KEEP,
        only=sa.and_(*(sa.not_(_shown(column)) for column in SHOWN_BY)),
    ),
)
