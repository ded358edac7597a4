"""A browser in the middle of things, whose client shows nearly all that a client can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx

from tests.support.organizations import path_of
from tests.support.server import Backend, Browser, JsonObject, TestServer

ADA, BOB, CORA = (f"{name}+clerk_test@example.com" for name in ("ada", "bob", "cora"))
OF_THE_CLOCK = ("last_active_token", "last_active_at", "abandon_at", "updated_at")
"""Fields of a session that say when it was used last."""


class Request(NamedTuple):
    method: str
    path: str
    fields: dict[str, Any] = {}
    status: int = 200
    """Of the answer."""


@dataclass
class World:
    """Ada is signed in, administers Acme, of which Bob is a member, and has a second address that is not
    verified yet. Cora is signed in at the same browser, but not the one who acts."""

    server: TestServer
    backend: Backend
    browser: Browser
    users: dict[str, str]
    sessions: dict[str, str]
    acme: JsonObject
    second_address: str

    async def client(self) -> JsonObject:
        return (await self.browser.get("/v1/client")).json()["response"]

    async def shown(self) -> JsonObject:
        """The client without `updated_at`, and without what moves with the clock."""
        client = await self.client()
        for session in client["sessions"]:
            for name in OF_THE_CLOCK:
                del session[name]
        del client["updated_at"]
        return client

    async def sent(self, request: Request) -> httpx.Response:
        method, path, fields, _ = request
        if "file" not in fields:
            return await self.browser.call(method, path, fields)
        query = {"__clerk_api_version": self.browser.version, "_method": method}
        return await self.browser.http.post(path, params=query, files=fields)

    async def done(self, method: str, path: str, **fields: Any) -> JsonObject:
        response = await self.sent(Request(method, path, fields))
        assert response.status_code == 200, response.text
        return response.json()["response"]

    async def sign_in_path(self, **fields: Any) -> str:
        sign_in = await self.done("POST", "/v1/client/sign_ins", **({"identifier": BOB} | fields))
        return f"/v1/client/sign_ins/{sign_in['id']}"

    async def sign_up_path(self, **fields: Any) -> str:
        sign_up = await self.done("POST", "/v1/client/sign_ups", **fields)
        return f"/v1/client/sign_ups/{sign_up['id']}"

    def session_path(self, *parts: str, of: str = ADA) -> str:
        return "/".join(("/v1/client/sessions", self.sessions[of], *parts))

    def members_path(self, *parts: str) -> str:
        return path_of(self.acme, "memberships", *parts)


async def signed_in(backend: Backend, browser: Browser, user_id: str) -> str:
    """The id of a new session of this user at a browser."""
    token = (await backend.post("/v1/sign_in_tokens", user_id=user_id)).json()["token"]
    done = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token)
    assert done.status_code == 200, done.text
    return done.json()["response"]["created_session_id"]
