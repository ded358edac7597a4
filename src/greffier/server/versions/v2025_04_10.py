"""2025-04-10: session tokens of version 2; pending sessions and their tasks; no verification of sessions."""

CHANGES = (
    "session_token_v2",  # nested organization claims, `v`, `sts`, `fea`, `pla`; before: flat `org_*`
    "session_tasks",  # `tasks` on sessions, and the status `pending`
    "no_session_verification",  # before: `POST /v1/sessions/{session_id}/verify`
)
