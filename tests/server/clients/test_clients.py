"""The client: its cookie, the rotation of its secret, signing out."""

from __future__ import annotations

import httpx

from tests.support.server import Browser, TestServer


def client_cookie(browser: Browser) -> str:
    return browser.http.cookies["__client"]


async def test_browser_without_a_client_is_told_so_and_gets_no_cookie(server: TestServer) -> None:
    response = await server.browser().get("/v1/client")

    assert response.status_code == 200
    assert response.json() == {"response": None, "client": None}
    assert "set-cookie" not in response.headers


async def test_client_cookie_is_http_only_and_lax(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ups")

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__client=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # plain http on localhost


async def test_client_cookie_is_of_the_host_on_the_customers_own_domain_alone(
    production: TestServer,
) -> None:
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")

    response = await browser.post("/v1/client/sign_ups")

    lines = response.headers.get_list("set-cookie")
    (cookie,) = [line for line in lines if line.startswith("__client=")]
    attributes = {attribute.strip().lower() for attribute in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= attributes
    assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_secret_rotates_at_sign_in(server: TestServer) -> None:
    browser = server.browser()
    await browser.begin_sign_up("ada+clerk_test@example.com")
    before = client_cookie(browser)

    await browser.sign_up("bob+clerk_test@example.com")

    assert client_cookie(browser) != before


async def test_former_secret_is_readable_for_requests_in_flight(server: TestServer) -> None:
    browser = server.browser()
    await browser.begin_sign_up("ada+clerk_test@example.com")
    former = client_cookie(browser)
    client = await browser.sign_up("bob+clerk_test@example.com")
    server.clock.advance(seconds=29)

    response = await with_cookie(server, former).get("/v1/client")

    assert response.json()["response"]["id"] == client["id"]


async def test_reuse_of_a_former_secret_revokes_the_sessions(server: TestServer) -> None:
    browser = server.browser()
    await browser.begin_sign_up("ada+clerk_test@example.com")
    former = client_cookie(browser)
    session_id = (await browser.sign_up("bob+clerk_test@example.com"))["last_active_session_id"]
    server.clock.advance(seconds=31)

    thief = await with_cookie(server, former).get("/v1/client")
    owner = await browser.token(session_id)

    assert thief.json()["response"] is None
    assert owner.status_code == 401


async def test_made_up_cookies_name_no_client(server: TestServer) -> None:
    await server.browser().sign_up()
    for cookie in ("x", "a.b.c", "a.e30.c", "..", "a.eyJpZCI6ImNsaWVudF8xIiwicm90YXRpbmdfdG9rZW4iOiJ4In0.c"):
        response = await with_cookie(server, cookie).get("/v1/client")
        assert response.json()["response"] is None


async def test_cookie_of_one_instance_names_no_client_of_another(
    server: TestServer, production: TestServer
) -> None:
    browser = server.browser()
    await browser.sign_up()
    other = production.browser(origin="https://example.com", base_url="https://clerk.example.com")
    other.http.cookies.set("__client", client_cookie(browser))

    assert (await other.get("/v1/client")).json()["response"] is None


async def test_one_request_tells_a_page_all_it_shows_of_who_is_signed_in(server: TestServer) -> None:
    browser = server.browser()
    signed_up = await browser.sign_up(first_name="Ada")

    client = (await browser.get("/v1/client")).json()["response"]

    (session,) = client["sessions"]
    assert client["last_active_session_id"] == session["id"]
    assert session["status"] == "active"
    assert session["last_active_token"]["jwt"]
    assert session["user"] == signed_up["sessions"][0]["user"]
    assert session["user"]["first_name"] == "Ada"
    assert session["user"]["email_addresses"][0]["verification"]["status"] == "verified"


async def test_client_shows_the_session_right_after_sign_in(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    read = (await browser.get("/v1/client")).json()["response"]

    assert [s["id"] for s in read["sessions"]] == [client["last_active_session_id"]]


async def test_mutation_moves_the_clients_updated_at(server: TestServer) -> None:
    browser = server.browser()
    before = await browser.sign_up()
    server.clock.advance(seconds=1)

    after = (await browser.patch("/v1/me", first_name="Augusta")).json()["client"]

    assert after["updated_at"] > before["updated_at"]
    assert after["sessions"][0]["user"]["first_name"] == "Augusta"


async def test_signing_out_of_all_sessions_keeps_the_client(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    response = await browser.delete("/v1/client/sessions")

    assert response.json()["response"]["sessions"] == []
    assert (await browser.get("/v1/client")).json()["response"]["id"] == client["id"]


async def test_deleting_the_client_forgets_it(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]

    response = await browser.delete("/v1/client")

    assert response.json() == {"response": None, "client": None}
    assert "__client" not in browser.http.cookies
    assert (await browser.token(session_id)).status_code == 401


async def test_native_app_gets_its_secret_by_header(server: TestServer) -> None:
    native = server.browser(origin=None)
    started = await native.call("POST", "/v1/client/sign_ups", query={"_is_native": "1"})

    token = started.headers["authorization"]
    client = await native.call(
        "GET", "/v1/client", query={"_is_native": "1"}, headers={"authorization": token}
    )

    assert "set-cookie" not in started.headers
    assert client.json()["response"]["sign_up"]["id"] == started.json()["response"]["id"]


async def test_production_says_when_the_client_changed(production: TestServer) -> None:
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")

    response = await browser.post("/v1/client/sign_ups")

    lines = response.headers.get_list("set-cookie")
    uat = [line for line in lines if line.startswith("__client_uat")]
    assert {line.partition("=")[0] for line in uat} == {"__client_uat", "__client_uat_naoXFJnI"}
    assert all("=0; " in line and "Domain=example.com" in line for line in uat)


def with_cookie(server: TestServer, cookie: str) -> Browser:
    browser = server.browser()
    browser.http.cookies = httpx.Cookies({"__client": cookie})
    return browser
