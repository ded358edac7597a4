"""Sends the notices about what a request has changed: the port `NoticesPort` of `web/`."""

from __future__ import annotations

import asyncio
from functools import partial

from greffier.server.delivery.messages import Notice, account_changed_message
from greffier.server.errors import ApiError
from greffier.server.identifications.claims import of_user
from greffier.server.identifications.kinds import kind_named, kinds
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.notices.changes import Change, changes_in
from greffier.server.notices.queries import OTHER_DEVICE
from greffier.server.notices.session_links import new_session_link
from greffier.server.sessions.activity import device_of
from greffier.server.web.context import Context

_SECTIONS = {
    "new_device": "new_device",
    "password_changed": "password",
    "password_removed": "password",
    "identification_added": "identifications",
    "identification_removed": "identifications",
    "primary_changed": "identifications",
    "second_factor_added": "second_factors",
    "second_factor_removed": "second_factors",
    "backup_codes_created": "second_factors",
    "passkey_added": "passkeys",
    "passkey_removed": "passkeys",
    "trusted_device_added": "trusted_devices",
}
"""The setting of each notice."""


async def notify_of_changes(ctx: Context) -> None:
    """Queues notices about what the transaction has written so far, in the same transaction."""
    if not ctx.db.written:
        return
    for change in changes_in(ctx.db.written):
        if getattr(ctx.instance.settings.notices, _SECTIONS[change.kind]) and await _is_news(ctx, change):
            await _notify(ctx, change)


async def _is_news(ctx: Context, change: Change) -> bool:
    """The Backend API says itself whether a former primary address is notified. A device is new if the user
    has signed in before, and not on it."""
    if change.kind == "primary_changed":
        return not ctx.by_server
    if change.kind != "new_device":
        return True
    known = await ctx.db.one(
        OTHER_DEVICE,
        instance_id=ctx.instance.id,
        id=change.session_id,
        user_id=change.user_id,
        client_id=change.client_id,
    )
    return not ctx.by_server and known is False


async def _notify(ctx: Context, change: Change) -> None:
    notifying = {kind.name for kind in kinds() if kind.notifies}
    recipients = [one for one in await _recipients(ctx, change) if one.kind in notifying]
    if not recipients:
        return
    session_id = change.session_id or await _acting_session(ctx, change.user_id)
    device = await _device(ctx) if session_id else ""
    ip_address = ctx.request.ip_address if session_id else ""
    for row in recipients:
        # One link for each mail: each can be used.
        link = await new_session_link(ctx, session_id) if session_id else None
        notice: Notice = partial(
            account_changed_message,
            kind=change.kind,
            subject=change.subject,
            device=device,
            ip_address=ip_address,
            link=link,
        )
        await kind_named(row.kind).notify(ctx, row, notice)


async def _recipients(ctx: Context, change: Change) -> list[IdentificationRow]:
    if change.kind == "primary_changed":
        return [change.former] if change.former else []
    primary = [one.row for one in await of_user(ctx, change.user_id) if one.row.is_primary]
    found = [row for row in primary if change.new is None or row.id != change.new.id]
    return [change.former, *found] if change.former else found


async def _acting_session(ctx: Context, user_id: str) -> str | None:
    """Returns the id of the user's session in which the request was made, if it was."""
    if ctx.by_server:
        return None
    began = (
        write.value("id") for write in ctx.db.written if write.table.name == "sessions" and write.inserted
    )
    if (session_id := next(began, None)) is not None:
        return session_id
    try:
        caller = await ctx.require_session()
    except ApiError:
        return None
    return caller.id if caller.user_id == user_id else None


async def _device(ctx: Context) -> str:
    """Returns the device of the request for people, such as "Chrome on Linux"."""
    # The first call of a process reads a table of expressions.
    device = await asyncio.to_thread(device_of, ctx.request.user_agent)
    names = [device[name] for name in ("browser_name", "device_type") if device.get(name)]
    return " on ".join(names)
