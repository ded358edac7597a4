"""Second factors of a user as the columns of their row tell, and whether there must be one."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.users.tables import UserRow

SETUP_MFA = "setup-mfa"
"""The session task."""


def has_second_factor(user: UserRow) -> bool:
    """Backup codes do not count: they stand in for another factor."""
    return user.totp_enabled_at is not None or user.phone_factor_enabled_at is not None


def second_factor_columns(user: UserRow, *, now: int, **columns: Any) -> dict[str, Any]:
    """The columns that change with `totp_enabled_at` and its siblings. Neither time is taken back
    when the other is set (contract: `User.mfa_enabled_at`).

    Args:
        now: milliseconds since the epoch.
    """
    before, after = has_second_factor(user), has_second_factor(msgspec.structs.replace(user, **columns))
    if before == after:
        return columns
    return columns | {"mfa_enabled_at" if after else "mfa_disabled_at": now}
