"""An instance with satellite domains, and a browser that walks between them as people's do."""

from __future__ import annotations

from http.cookiejar import Cookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from greffier.server.instances.administration import (
    choose_instance,
    read_instance_document,
    update_instance,
)
from tests.support.contract.published import check_response
from tests.support.server import LIVE_SECRET_KEY, PASSWORD, Browser, TestServer

PRIMARY = "https://clerk.example.com"
SATELLITE = "https://clerk.example.dev"
PAGE = "https://app.example.dev/orders?page=2"
PROXY = "https://shop.example/__clerk"
SATELLITES: list[dict[str, Any]] = [{"domain": "example.dev"}, {"domain": "shop.example", "proxy_url": PROXY}]
ADA = "ada@example.com"


async def declare(server: TestServer, satellites: list[dict[str, Any]] = SATELLITES) -> None:
    async with server.app.database.transaction() as db:
        row = await choose_instance(db, None)
        document = read_instance_document({"satellites": satellites})
        await update_instance(db, row, document, server.clock.now_ms())
    await server.app.poll()


class Walker(Browser):
    """A browser: one cookie jar, many hosts."""

    def __init__(self, server: TestServer) -> None:
        super().__init__(server, origin="https://example.com", base_url=PRIMARY)

    async def add_user(self, server: TestServer, email_address: str = ADA) -> None:
        created = await server.backend(secret_key=LIVE_SECRET_KEY).create_user(email_address)
        assert created["id"]

    async def open(self, url: str, **query: str) -> httpx.Response:
        """One navigation; redirects are not followed."""
        address = f"{url}?{urlencode(query)}" if query else url
        request = self.http.build_request("GET", address)
        del request.headers["origin"]
        response = await self.http.send(request)
        content_type = response.headers.get("content-type")
        path = urlsplit(url).path
        problems = check_response("fapi", "GET", path, response.status_code, content_type, response.content)
        assert not problems, problems
        return response

    async def walk(self, url: str, **query: str) -> list[str]:
        """Follow redirects as long as they lead to this server; every address after the first."""
        response, seen = await self.open(url, **query), list[str]()
        while response.status_code == 307:
            seen.append(response.headers["location"])
            assert len(seen) < 10, seen
            if not seen[-1].startswith((PRIMARY, SATELLITE)):
                return seen
            response = await self.open(seen[-1])
        raise AssertionError(f"{response.status_code} after {seen}: {response.text}")

    async def synchronize(self, page: str = PAGE) -> list[str]:
        return await self.walk(f"{SATELLITE}/v1/client/sync", redirect_url=page)

    async def client_at(self, host: str) -> dict[str, Any] | None:
        """Returns the client as the browser SDK of a page reads it."""
        response = await self.http.get(f"{host}/v1/client", params={"__clerk_api_version": self.version})
        assert response.status_code == 200, response.text
        return response.json()["response"]

    async def sessions_at(self, host: str) -> list[str]:
        client = await self.client_at(host)
        return [session["id"] for session in client["sessions"]] if client else []

    def cookie(self, name: str, host: str) -> str | None:
        """The value that the browser keeps for a host, or for a domain with its leading dot."""
        found = [cookie for cookie in self.http.cookies.jar if _is(cookie, name, host)]
        return found[0].value if found else None


def _is(cookie: Cookie, name: str, host: str) -> bool:
    return cookie.name == name and cookie.domain == host


def query_of(url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


__all__ = ["ADA", "PAGE", "PASSWORD", "PRIMARY", "PROXY", "SATELLITE", "Walker", "declare", "query_of"]
