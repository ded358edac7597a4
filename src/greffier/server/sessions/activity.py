"""The activity of a session: device, browser, operating system, address.

The user agent is stored as it was sent; it is parsed when a user lists their devices, because that takes a
table of expressions which a sign-in need not wait for.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from greffier.server.store.ids import new_id
from greffier.server.web.context import Context


def activity_of(ctx: Context, *, activity_id: str | None = None) -> dict[str, Any]:
    """The stored description of this request's device."""
    return {
        "id": activity_id or new_id("sact", now_ms=ctx.now),
        "user_agent": ctx.request.user_agent,
        "ip_address": ctx.request.ip_address,
    }


def shown_activity(stored: dict[str, Any]) -> dict[str, Any]:
    """An activity on the wire. Contract: `Client.SessionActivity`; what is unknown is left out."""
    shown: dict[str, Any] = {
        "object": "session_activity",
        "id": stored["id"],
        **device_of(stored.get("user_agent", "")),
    }
    if stored.get("ip_address"):
        shown["ip_address"] = stored["ip_address"]
    return shown


def device_list_activity(stored: dict[str, Any]) -> dict[str, Any]:
    """The same for the official device list, which shows `ip_address (city, country)` whether or not there is
    a city or a country. No place is known here, so `city` says what the address alone tells."""
    return {**shown_activity(stored), "city": _place_of(stored.get("ip_address", ""))}


def _place_of(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "location unknown"
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback:
        return "this machine"
    return "local network" if parsed.is_private or parsed.is_link_local else "location unknown"


@lru_cache(maxsize=4096)
def device_of(user_agent: str) -> dict[str, Any]:
    """Device, browser and whether it is a mobile one. The first call of a process takes about 150 ms."""
    if not user_agent:
        return {"is_mobile": False}
    import ua_parser

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
