"""Requests about domains."""

from __future__ import annotations

from typing import Annotated

import msgspec

DomainName = Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
ProxyUrl = Annotated[str, msgspec.Meta(max_length=2048)]


class DomainRequest(msgspec.Struct, kw_only=True):
    name: DomainName
    is_satellite: bool
    proxy_url: ProxyUrl | None = None


class DomainPatch(msgspec.Struct, kw_only=True):
    name: DomainName | msgspec.UnsetType | None = msgspec.UNSET
    proxy_url: ProxyUrl | msgspec.UnsetType | None = msgspec.UNSET
    is_secondary: bool | None = None
