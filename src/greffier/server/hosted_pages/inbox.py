"""The development inbox: the mail and text messages this server has written, as a page for people and as
JSON for tests.

It is served only where `Settings.show_inbox` is true.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from greffier.server import errors
from greffier.server.delivery.queries import GET, NEWEST, NEWEST_TO
from greffier.server.delivery.tables import MessageRow, opened
from greffier.server.hosted_pages.mounting import mount_path
from greffier.server.hosted_pages.rendering import safety_headers
from greffier.server.hosted_pages.responses import page, prefers_html, response_of
from greffier.server.web.context import Services
from greffier.server.web.http.incoming import read_request
from greffier.server.web.http.reply import json_reply
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.instance.instance import Instance

MAX_WAIT = 60
"""Seconds."""
MAX_MESSAGES = 200
"""Messages in one answer."""
_POLL_SECONDS = 0.5  # for messages that another process has written

_SECONDS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")

_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)


class InboxMessage(msgspec.Struct, frozen=True):
    """A message as tests see it."""

    id: str
    kind: str
    channel: str
    to: str
    subject: str
    text: str
    html: str
    code: str | None
    links: list[str]


class InboxQuery(msgspec.Struct, frozen=True):
    """`to`: of this address only. `after`: only messages newer than this one. `wait`: seconds."""

    to: str | None
    after: str | None
    wait: float


def read_query(request: RequestInfo) -> InboxQuery:
    """The query string.

    Raises:
        ApiError: 400 when `wait` is no number of seconds up to 60.
    """
    wait = request.query_value("wait") or "0"
    if not _SECONDS.fullmatch(wait) or float(wait) > MAX_WAIT:
        raise errors.bad_request(f"wait must be a number of seconds from 0 to {MAX_WAIT}.")
    return InboxQuery(request.query_value("to") or None, request.query_value("after") or None, float(wait))


class Inbox:
    """Answers `/inbox` and the documents of its messages."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outbox = services.ports.outbox

    async def show(self, request: Request) -> Response:
        """`GET /inbox`: HTML for people, else JSON."""
        info, instance = self._enter(request)
        query = read_query(info)
        if prefers_html(info):
            return await self._page(info, instance, query)
        rows = await self._wait_for_messages(request, instance, query)
        return response_of(json_reply(200, [_as_json(row) for row in rows]))

    async def show_body(self, request: Request) -> Response:
        """`GET /inbox/{id}`: the HTML of one message, for a frame, unable to do anything."""
        _, instance = self._enter(request)
        row = await self._message(instance, request.path_params["message_id"])
        if row is None:
            raise errors.not_found("message")
        headers = safety_headers(_MAIL_POLICY, frame_options="SAMEORIGIN")
        return Response(row.body_html, 200, headers, media_type="text/html")

    def _enter(self, request: Request) -> tuple[RequestInfo, Instance]:
        info = read_request(request.scope)
        instance = self._services.ports.instances.by_host(info.host)
        if instance is None or not self._services.settings.show_inbox:
            raise errors.route_not_found()
        return info, instance

    async def _wait_for_messages(
        self, request: Request, instance: Instance, query: InboxQuery
    ) -> list[MessageRow]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + query.wait
        after = await self._position(instance, query.after)
        while True:
            committed = self._outbox.next_commit()
            rows = await self._messages(instance, query.to, after)
            left = deadline - loop.time()
            if rows or left <= 0 or self._outbox.draining or await request.is_disconnected():
                return rows
            await _set_within(committed, min(left, _POLL_SECONDS))

    async def _position(self, instance: Instance, after: str | None) -> int:
        if after is None:
            return 0
        row = await self._message(instance, after)
        if row is None:
            raise errors.bad_request("after must be the id of a message.")
        return row.position

    async def _messages(self, instance: Instance, to: str | None, after: int = 0) -> list[MessageRow]:
        keys = {"instance_id": instance.id, "after": after, "most": MAX_MESSAGES}
        async with self._services.database.transaction() as db:
            if to is None:
                rows = await db.all(NEWEST, **keys)
            else:
                rows = await db.all(NEWEST_TO, to_address=to, **keys)
            return [opened(db, row) for row in rows]

    async def _message(self, instance: Instance, message_id: str) -> MessageRow | None:
        async with self._services.database.transaction() as db:
            row = await db.one(GET, instance_id=instance.id, id=message_id)
            return None if row is None else opened(db, row)

    async def _page(self, info: RequestInfo, instance: Instance, query: InboxQuery) -> Response:
        rows = await self._messages(instance, query.to)
        wanted = info.query_value("message")
        chosen = next((row for row in rows if row.id == wanted), rows[0] if rows else None)
        return page(
            # The script of the page asks for the part that changes.
            "inbox_messages.html" if info.query_value("part") == "messages" else "inbox.html",
            application_name=instance.settings.application_name,
            mount=mount_path(self._services.settings, info),
            to=query.to or "",
            messages=rows,
            chosen=chosen,
            time_of=_time_of,
        )


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _as_json(row: MessageRow) -> InboxMessage:
    return InboxMessage(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        to=row.to_address,
        subject=row.subject,
        text=row.body_text,
        html=row.body_html,
        code=row.code,
        links=row.links,
    )


def _time_of(row: MessageRow) -> str:
    return datetime.fromtimestamp(row.created_at / 1000, UTC).isoformat(timespec="seconds")
