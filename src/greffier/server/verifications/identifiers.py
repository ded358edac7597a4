"""Identifiers: texts as their kinds of identification read them."""

from __future__ import annotations

import msgspec


class Identifier(msgspec.Struct, frozen=True):
    """Text that identifies a user within a kind, whether or not a user has it.

    Args:
        kind: name of the kind of identification, such as `username`.
        value: as people are shown it.
        canonical: as it is compared within its kind; no two users have the same.
        family: the canonical form of the plain spelling, where this is another one, such as a sub-address.
            Two users may share it.
    """

    kind: str
    value: str
    canonical: str
    family: str | None = None
