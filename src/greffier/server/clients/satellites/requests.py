"""Requests of satellite domains."""

from __future__ import annotations

import msgspec


class SyncQuery(msgspec.Struct, kw_only=True):
    """`state` is this server's own: the hash of the cookie that identifies the browser that began."""

    link_domain: str | None = None
    redirect_url: str | None = None
    state: str | None = None


class LinkQuery(msgspec.Struct, kw_only=True):
    token: str = msgspec.field(name="__clerk_token")
