"""A user whose mail arrives, in a browser that they have signed in with."""

from __future__ import annotations

import re
from typing import Any

from tests.support.server import Browser, JsonObject, TestServer

ADA = "ada@example.com"
SECOND = "second@example.com"


async def signed_in(server: TestServer, **fields: Any) -> Browser:
    """The browser of a user that an application's backend has made."""
    await server.backend().create_user(ADA, **fields)
    browser = server.browser()
    await browser.sign_in(ADA)
    return browser


async def kinds(server: TestServer, to: str = ADA) -> list[str]:
    """Returns the kinds of the notices to an address, oldest first; codes and links do not count."""
    found = [message["kind"] for message in await server.messages(to)]
    return [kind for kind in reversed(found) if not kind.endswith(("_code", "_link"))]


async def notice(server: TestServer, to: str = ADA) -> JsonObject:
    """Returns the newest message to an address."""
    return (await server.messages(to))[0]


def link_in(message: JsonObject) -> str:
    [link] = set(re.findall(r"https?://\S+/end-session\?token=[\w-]+", message["text"]))
    return link


async def code_for(server: TestServer, to: str) -> str:
    return next(one["code"] for one in await server.messages(to) if one.get("code"))


async def add_address(server: TestServer, browser: Browser, address: str = SECOND) -> str:
    """Adds and verifies an address; returns its id."""
    added = (await browser.post("/v1/me/email_addresses", email_address=address)).json()["response"]
    path = f"/v1/me/email_addresses/{added['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    done = await browser.post(f"{path}/attempt_verification", code=await code_for(server, address))
    assert done.status_code == 200, done.text
    return added["id"]
