"""Every SQL statement of this room."""

from __future__ import annotations

from greffier.server.sign_ups.tables import SignUpRow, sign_ups
from greffier.server.verifications.attempts.queries import attempt_statements

ATTEMPTS = attempt_statements(sign_ups, SignUpRow, is_unfinished=sign_ups.c.status == "missing_requirements")
