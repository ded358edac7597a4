"""Requests to providers: JSON documents, within a time, and in production from public addresses alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from greffier.server import outgoing
from greffier.server.development_provider.endpoints import respond
from greffier.server.outgoing import Answer, Method, Unreachable
from greffier.server.strategies.oauth.connections import Connection
from greffier.server.web.context import Context

_SECONDS = 10.0


class Refused(Exception):
    """A provider did not answer, or not with what was asked for. The text is for the operator's log and holds
    no secret."""


async def send(
    ctx: Context,
    connection: Connection,
    method: Method,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer, whatever it is.

    Raises:
        Refused: there is none.
    """
    public_only = not ctx.instance.is_development and not connection.settings.private_addresses
    try:
        return await outgoing.request(
            method,
            url,
            body,
            {"accept": "application/json", **(headers or {})},
            seconds=_SECONDS,
            public_only=public_only,
        )
    except Unreachable as error:
        raise Refused(f"no answer ({error})") from None


async def fetch(
    ctx: Context,
    connection: Connection,
    method: Literal["GET", "POST"],
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """The status and the JSON of the answer.

    Raises:
        Refused: there is none.
    """
    if connection.stands_in:
        return respond(ctx, method, url, body, headers or {})  # it is this server, which may not reach itself
    answer = await send(ctx, connection, method, url, body, headers)
    try:
        return answer.status, msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Refused(f"{answer.status} without JSON") from None
