"""What a sign-in shows of its user and of what they can prove."""

from __future__ import annotations

import msgspec

from greffier.server.strategies.strategy import Factor
from greffier.server.users.tables import UserRow


class Shown(msgspec.Struct, frozen=True):
    """`None` is what the sign-in does not know, or not ask for, at this step."""

    user: UserRow | None = None
    first_factors: list[Factor] | None = None
    second_step: list[Factor] | None = None
