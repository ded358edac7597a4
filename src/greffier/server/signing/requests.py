"""Requests about JWT templates."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Lifetime = Annotated[int, msgspec.Meta(ge=30, le=315_360_000)]
ClockSkew = Annotated[int, msgspec.Meta(ge=0, le=300)]


class JwtTemplateRequest(msgspec.Struct, kw_only=True):
    """A new template, or changes of one: absent fields stay then, and null is the default."""

    name: str
    claims: dict[str, Any]
    lifetime: Lifetime | msgspec.UnsetType | None = msgspec.UNSET
    allowed_clock_skew: ClockSkew | msgspec.UnsetType | None = msgspec.UNSET
    custom_signing_key: bool | None = None
    signing_algorithm: str | None = None
    signing_key: str | None = None
