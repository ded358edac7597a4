"""Requests about machines."""

from __future__ import annotations

from typing import Annotated

import msgspec

LONGEST_TOKEN_TTL = 315_360_000
"""Seconds."""

DEFAULT_TOKEN_TTL = 3600
"""Seconds."""
MAX_SCOPES = 150
"""Machines that one machine may reach."""
LONGEST_OVERLAP = 28_800
"""Seconds that a former secret key works at most."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
TokenTtl = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_TOKEN_TTL)]


class MachineRequest(msgspec.Struct, kw_only=True):
    """A new machine. `scoped_machines` are ids of those that it may reach."""

    name: Name
    scoped_machines: Annotated[list[str], msgspec.Meta(max_length=MAX_SCOPES)] = []
    default_token_ttl: TokenTtl = DEFAULT_TOKEN_TTL


class MachinePatch(msgspec.Struct, kw_only=True):
    """Changes of a machine; absent fields stay."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    default_token_ttl: TokenTtl | msgspec.UnsetType = msgspec.UNSET


class RotationRequest(msgspec.Struct, kw_only=True):
    """`previous_token_ttl`: seconds that the former secret key works."""

    previous_token_ttl: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_OVERLAP)]


class MachineScopeRequest(msgspec.Struct, kw_only=True):
    to_machine_id: str


LONGEST_REASON = 1024
"""Characters."""


class RevocationRequest(msgspec.Struct, kw_only=True):
    revocation_reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] | None = None


class VerificationRequest(msgspec.Struct, kw_only=True):
    """The token, by the name that the contract has, or that SDKs for other kinds of tokens have."""

    token: str | None = None
    secret: str | None = None
    access_token: str | None = None
