"""Requests about clients."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class VerifyRequest(msgspec.Struct, kw_only=True):
    """`token` is the value of the `__client` cookie."""

    token: str


class HandshakePayloadQuery(msgspec.Struct, kw_only=True):
    nonce: str


class SessionRequest(msgspec.Struct, kw_only=True):
    user_id: str
    active_organization_id: str | None = None


class RedirectQuery(msgspec.Struct):
    redirect_url: str | None = None


class VerifyQuery(msgspec.Struct):
    token: str


class TicketQuery(msgspec.Struct):
    ticket: str


class DevBrowserInitQuery(msgspec.Struct):
    origin: str | None = None


class HandshakeQuery(msgspec.Struct, kw_only=True):
    redirect_url: str | None = None
    format: str | None = None
    organization_id: str | msgspec.UnsetType | None = msgspec.UNSET
    satellite_fapi: str | None = None
    reason: str | None = msgspec.field(name="__clerk_hs_reason", default=None)
    session: str | None = msgspec.field(name="__session", default=None)
    suffixed: str | None = msgspec.field(name="suffixed_cookies", default=None)
    state: str = msgspec.field(name="__greffier_state", default="")


class RefreshRequest(msgspec.Struct, kw_only=True):
    """Contract: `RefreshSession`. The browser's headers and address are taken and not needed."""

    expired_token: str
    refresh_token: str
    request_origin: str
    request_headers: dict[str, Any] | None = None
    format: Literal["token", "cookie"] | None = None
    request_originating_ip: str | None = None
