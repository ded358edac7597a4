"""2025-04-10: session tokens of version 2; pending sessions and their tasks; no verification of sessions."""

from greffier.server.versions.gates import Gate

SESSION_TOKEN_V2 = Gate("2025-04-10")
"""Tokens have nested organization claims, `v`, `sts`, `fea` and `pla`; before: flat `org_*`."""
SESSION_TASKS = Gate("2025-04-10")
"""Sessions have `tasks` and the status `pending`."""
NO_SESSION_VERIFICATION = Gate("2025-04-10")
"""Before: `POST /v1/sessions/{session_id}/verify`."""
