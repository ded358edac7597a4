"""Cross-origin requests: simple ones are answered, disallowed origins refused before anything runs."""

from __future__ import annotations

import pytest

from greffier.server.web.operations import frontend
from tests.support.answers import error_of
from tests.support.server import TestServer

ALLOWED_IN_DEVELOPMENT = [
    "http://localhost:3000",
    "https://localhost",
    "http://127.0.0.1:5173",
    "http://[::1]:8080",
    "http://shop.localhost:3000",
]
REFUSED_IN_DEVELOPMENT = [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://localhost:3000@evil.example",
    "http://evil.example/localhost",
    "http://notlocalhost",
    "http://localhost\\.evil.example",
    "http://localhost:99999999",
    "ftp://localhost",
    "null",
    "",
]


@pytest.mark.parametrize("origin", ALLOWED_IN_DEVELOPMENT)
async def test_development_allows_this_machine(server: TestServer, origin: str) -> None:
    response = await server.browser(origin=origin).get("/v1/client")

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("origin", REFUSED_IN_DEVELOPMENT)
async def test_a_disallowed_origin_is_refused_before_any_handler_query_or_cookie(
    server: TestServer, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = server.browser(origin=None, headers={"origin": origin})
    begun: list[str] = []
    monkeypatch.setattr(type(server.app.database), "begin", lambda _: begun.append("transaction"))
    monkeypatch.setattr(frontend, "read_body", lambda *_, **__: begun.append("body"))

    response = await browser.post("/v1/client/sign_ups", email_address="ada@example.com")

    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "origin_invalid"
    assert "set-cookie" not in response.headers
    assert begun == []


async def test_refused_page_can_read_why(server: TestServer) -> None:
    response = await server.browser(origin="https://evil.example").get("/v1/client")

    assert response.headers["access-control-allow-origin"] == "https://evil.example"


async def test_disallowed_origin_mutates_nothing(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]

    await browser.call("DELETE", "/v1/client/sessions", headers={"origin": "https://evil.example"})

    assert (await browser.token(session_id)).status_code == 200


@pytest.mark.parametrize("origin", ["https://example.com", "https://app.example.com"])
async def test_production_allows_its_own_domain(production: TestServer, origin: str) -> None:
    browser = production.browser(origin=origin, base_url="https://clerk.example.com")

    assert (await browser.get("/v1/client")).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "http://example.com",
        "https://example.com.evil.example",
        "https://badexample.com",
    ],
)
async def test_production_refuses_everything_else(production: TestServer, origin: str) -> None:
    browser = production.browser(origin=origin, base_url="https://clerk.example.com")

    assert (await browser.get("/v1/client")).status_code == 403


async def test_credentials_are_never_allowed_to_a_wildcard_origin(server: TestServer) -> None:
    keys = await server.browser(origin="https://evil.example").get("/.well-known/jwks.json")

    assert keys.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in keys.headers


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://evil.example"])
async def test_answers_with_credentials_name_the_exact_origin(server: TestServer, origin: str) -> None:
    for response in (
        await server.browser(origin=origin).get("/v1/client"),
        await server.browser(origin=origin).post("/v1/client/sign_ups"),
        await server.browser(origin=origin).get("/v1/client/sign_ins/sia_none"),
    ):
        assert response.headers.get_list("access-control-allow-origin") == [origin]
        assert response.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in response.headers["vary"]


async def test_preflight_of_a_disallowed_origin_is_refused(server: TestServer) -> None:
    browser = server.browser(origin="https://evil.example")

    response = await browser.http.options("/v1/client", headers={"access-control-request-method": "POST"})

    assert response.status_code == 403
    assert "access-control-allow-methods" not in response.headers


@pytest.mark.parametrize("query", ["", "?_is_native=1"])
async def test_origin_null_is_refused(server: TestServer, query: str) -> None:
    """The origin of a sandboxed frame, or of a page from a file; native apps send none."""
    browser = server.browser(origin="null")

    response = await browser.http.post(f"/v1/client/sign_ups{query}")

    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


async def test_preflight_of_an_allowed_origin_is_answered(server: TestServer) -> None:
    browser = server.browser()

    response = await browser.http.options("/v1/client", headers={"access-control-request-method": "POST"})

    assert response.status_code == 204
    assert "Authorization" in response.headers["access-control-allow-headers"]


async def test_navigation_without_origin_is_answered(server: TestServer) -> None:
    assert (await server.browser(origin=None).get("/v1/client")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/client/sessions?_method=DELETE", "/v1/client/sign_ins", "/v1/me?_method=PATCH"]
)
async def test_page_of_another_site_that_hides_its_origin_changes_nothing(
    server: TestServer, path: str
) -> None:
    browser = server.browser(origin=None)
    client = await browser.sign_up()

    response = await browser.http.post(path, headers={"sec-fetch-site": "cross-site"})

    assert error_of(response)[:2] == (403, "origin_invalid")
    assert (await browser.token(client["last_active_session_id"])).status_code == 200


async def test_provider_may_send_people_back_by_a_form_of_its_own(server: TestServer) -> None:
    response = await server.browser(origin=None).http.post(
        "/v1/oauth_callback", headers={"sec-fetch-site": "cross-site"}
    )

    assert response.status_code != 403


async def test_navigation_from_another_site_is_answered(server: TestServer) -> None:
    response = await server.browser(origin=None).http.get(
        "/v1/client", headers={"sec-fetch-site": "cross-site"}
    )

    assert response.status_code == 200
