"""Where a session is used from: device, browser, operating system, address (S4.8)."""

from __future__ import annotations

from typing import Any

from greffier.server.store.ids import new_id
from greffier.server.web.context import Context


def activity_of(ctx: Context, *, activity_id: str | None = None) -> dict[str, Any]:
    """What this request tells of its device; shaped like the contract's `SessionActivity`."""
    activity: dict[str, Any] = {
        "object": "session_activity",
        "id": activity_id or new_id("sact", now_ms=ctx.now),
        "is_mobile": False,
    }
    if ctx.request.ip_address:
        activity["ip_address"] = ctx.request.ip_address
    if ctx.request.user_agent:
        activity |= _device(ctx.request.user_agent)
    return activity


def _device(user_agent: str) -> dict[str, Any]:
    import ua_parser  # takes 100 ms to import, and only a sign-in needs it

    found = ua_parser.parse(user_agent)
    system = found.os.family if found.os else ""
    browser = found.user_agent
    device: dict[str, Any] = {"is_mobile": "Mobile" in user_agent or system in ("iOS", "Android")}
    if system:
        device["device_type"] = {"Mac OS X": "Macintosh"}.get(system, system)
    if browser is not None:
        device["browser_name"] = browser.family
        version = ".".join(part for part in (browser.major, browser.minor) if part)
        if version:
            device["browser_version"] = version
    return device
