"""A text that names somebody, as its kind of identification reads it."""

from __future__ import annotations

import msgspec


class Identifier(msgspec.Struct, frozen=True):
    """What may name a user, whether or not somebody has it.

    Args:
        kind: name of the kind of identification, such as `username`.
        value: as people are shown it.
        canonical: as it is compared within its kind; no two users have the same.
    """

    kind: str
    value: str
    canonical: str
