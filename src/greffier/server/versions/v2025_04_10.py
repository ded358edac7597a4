"""2025-04-10: session tokens of version 2; sessions that are pending and their tasks."""

CHANGES = (
    "session_token_v2",  # nested organization claims, `v`, `sts`, `fea`, `pla`; before: flat `org_*`
    "session_tasks",  # `tasks` on sessions, and the status `pending`
)
