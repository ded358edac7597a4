"""The development browser that a hosted page of development gives."""

import httpx
import pytest

from tests.server.hosted_pages.pages import HTML, visitor
from tests.support.server import TestServer

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


DEV_BROWSER = "__clerk_db_jwt"


async def test_a_development_page_gives_the_browser_a_readable_development_browser(
    server: TestServer, http: httpx.AsyncClient
):
    response = await http.get("/sign-in")
    lines = response.headers.get_list("set-cookie")
    names = {line.partition("=")[0] for line in lines}
    assert len(names) == 2
    assert DEV_BROWSER in names
    assert all(name.startswith(DEV_BROWSER) for name in names)
    assert not any("HttpOnly" in line for line in lines)
    token = http.cookies[DEV_BROWSER]
    known = await server.browser().get("/v1/client", __clerk_db_jwt=token)
    assert known.status_code == 200


async def test_a_browser_that_has_one_keeps_it(http: httpx.AsyncClient):
    await http.get("/sign-in")
    token = http.cookies[DEV_BROWSER]
    await http.get("/sign-up")
    assert http.cookies[DEV_BROWSER] == token


async def test_a_development_browser_that_this_server_never_made_is_replaced(http: httpx.AsyncClient):
    response = await http.get("/sign-in", headers={"cookie": f"{DEV_BROWSER}=dvb_of_another_server"})
    assert "dvb_of_another_server" not in str(response.headers)
    assert response.headers.get_list("set-cookie")


async def test_the_development_browser_learns_who_is_signed_in(server: TestServer):
    browser = server.browser(origin="http://localhost:8787")
    client = await browser.sign_up()
    page = await browser.http.get("/user", headers=HTML)
    token = page.cookies[DEV_BROWSER]
    elsewhere = await server.browser().get("/v1/client", __clerk_db_jwt=token)
    assert elsewhere.json()["response"]["id"] == client["id"]


async def test_production_has_no_development_browser(production: TestServer):
    async with visitor(production.app, "https://clerk.example.com") as http:
        assert "set-cookie" not in (await http.get("/sign-in")).headers
