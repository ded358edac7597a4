"""What a rule may know of the HTTP request, without the web framework."""

from __future__ import annotations

import msgspec


class RequestInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of one request.

    `base_url` is where the caller reached this server: scheme, host and mount path, without trailing slash.
    """

    method: str
    path: str
    base_url: str
    host: str
    secure: bool
    origin: str | None
    user_agent: str
    ip_address: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    cookies: dict[str, str]

    def query_value(self, name: str) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None
