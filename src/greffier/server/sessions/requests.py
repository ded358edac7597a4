"""Requests about sessions and their tokens."""

from __future__ import annotations

from typing import Annotated

import msgspec


class SessionTokenRequest(msgspec.Struct, kw_only=True):
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=30, le=315_360_000)] | None = None


class VerifySessionRequest(msgspec.Struct, kw_only=True):
    token: str


class TokenRequest(msgspec.Struct, kw_only=True):
    organization_id: str | msgspec.UnsetType | None = msgspec.UNSET


class TouchRequest(msgspec.Struct, kw_only=True):
    active_organization_id: str | msgspec.UnsetType | None = msgspec.UNSET
    intent: str | None = None
