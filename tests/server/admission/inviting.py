"""Steps of the tests of invitations: inviting a person, and opening the link as their browser does."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.server import Backend, Browser, JsonObject

ADA = "ada@example.com"


async def invite(backend: Backend, email_address: str = ADA, **fields: Any) -> JsonObject:
    created = await backend.post("/v1/invitations", email_address=email_address, **fields)
    assert created.status_code == 200, created.text
    return created.json()


def ticket_of(invitation: JsonObject) -> str:
    return parse_qs(urlsplit(invitation["url"]).query)["ticket"][0]


async def open_link(browser: Browser, invitation: JsonObject) -> httpx.Response:
    return await browser.get("/v1/tickets/accept", ticket=ticket_of(invitation))


async def sign_up_with(browser: Browser, invitation: JsonObject, **fields: Any) -> httpx.Response:
    return await browser.post(
        "/v1/client/sign_ups", strategy="ticket", ticket=ticket_of(invitation), **fields
    )


async def listed(backend: Backend, **query: Any) -> list[JsonObject]:
    return (await backend.get("/v1/invitations", **query)).json()


async def status_of(backend: Backend, invitation: JsonObject) -> str:
    [found] = await listed(backend, query=invitation["id"])
    return found["status"]
