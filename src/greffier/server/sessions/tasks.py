"""Session tasks: what a user must do after a sign-in before the session is active.

A session with tasks is `pending`: applications treat it as signed out until the last task is done. API
versions of before tasks could show neither, so that for their browsers such a session does not exist. A
compromised password is replaced within the sign-in there; a second factor is set up in a newer browser.
"""

from __future__ import annotations

from greffier.server.users.passwords.policy import RESET_PASSWORD
from greffier.server.users.second_factors.state import SETUP_MFA, has_second_factor
from greffier.server.users.tables import UserRow
from greffier.server.versions.v2025_04_10 import SESSION_TASKS
from greffier.server.web.context import Context

_SETTINGS = {RESET_PASSWORD: "reset_password"}
"""Key of a task and its name in the instance's settings."""


def understands_tasks(ctx: Context) -> bool:
    """Whether the caller understands pending sessions."""
    return SESSION_TASKS.applies(ctx.version)


def asks_for(ctx: Context, task: str) -> bool:
    """Whether the instance gives this task, and the caller is able to show it."""
    return _SETTINGS[task] in ctx.instance.settings.session.tasks and understands_tasks(ctx)


def tasks_of(ctx: Context, user: UserRow) -> list[str]:
    """The tasks of this user at a sign-in now, the first one first.

    A second factor is demanded whatever version the browser asks for: it is the browser that names it.
    """
    must_reset = user.password_compromised_at is not None and asks_for(ctx, RESET_PASSWORD)
    must_set_up = ctx.instance.settings.second_factor_required and not has_second_factor(user)
    return [*([RESET_PASSWORD] if must_reset else []), *([SETUP_MFA] if must_set_up else [])]
