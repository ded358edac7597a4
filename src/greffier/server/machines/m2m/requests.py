"""Requests about M2M tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from greffier.server.machines.requests import LONGEST_TOKEN_TTL


class M2mTokenRequest(msgspec.Struct, kw_only=True):
    """A new token of the machine that asks; null is as good as absent.

    `seconds_until_expiration` may have a fraction. `min_remaining_ttl_seconds` allows to answer with a token
    made before that lives so long at least.
    """

    token_format: Literal["opaque", "jwt"] = "opaque"  # noqa: S105 (a format)
    seconds_until_expiration: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_TOKEN_TTL)] | None = None
    claims: Any = None
    min_remaining_ttl_seconds: Annotated[int, msgspec.Meta(ge=0)] | None = None
