"""Request structs to prepare and to attempt a verification."""

from __future__ import annotations

import msgspec


class StrategyRequest(msgspec.Struct, kw_only=True):
    """The strategy reads its own parameters."""

    strategy: str


class ImpliedStrategyRequest(msgspec.Struct, kw_only=True):
    """As `StrategyRequest`, where one is offered only and need not be named."""

    strategy: str | None = None


class AttemptRequest(msgspec.Struct, kw_only=True):
    """A code for a verification that is named by its id."""

    verification_id: str
    code: str
