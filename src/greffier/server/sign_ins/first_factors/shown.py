"""The part of a sign-in's resource that depends on its user."""

from __future__ import annotations

import msgspec

from greffier.server.strategies.strategy import Factor
from greffier.server.users.tables import UserRow


class Shown(msgspec.Struct, frozen=True):
    """`None`: unknown, or not asked for at this step."""

    user: UserRow | None = None
    first_factors: list[Factor] | None = None
    second_step: list[Factor] | None = None
