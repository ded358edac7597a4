"""Applications that register themselves."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.oauth.applications import Client, ask, code_for, query_of
from tests.support.server import Backend, Browser, JsonObject, TestServer

URI = "https://agent.example/callback"


@pytest.fixture
async def open_server(server: TestServer) -> TestServer:
    """An instance with open registration."""
    await configure(server, {"oauth_provider": {"dynamic_registration": True}})
    return server


async def register(server: TestServer, body: Any, origin: str = "https://agent.example") -> httpx.Response:
    """As JSON; the answer is checked against the contract."""
    from tests.support.contract.published import check_response

    response = await server.browser(origin=origin).http.post("/oauth/register", json=body)
    kind = response.headers.get("content-type")
    problems = check_response("fapi", "POST", "/oauth/register", response.status_code, kind, response.content)
    assert not problems, problems
    return response


def registered_application(registration: JsonObject) -> JsonObject:
    """As a test's client wants it."""
    return {
        "client_id": registration["client_id"],
        "client_secret": registration.get("client_secret", ""),
        "callback_url": registration["redirect_uris"][0],
        "public": registration["token_endpoint_auth_method"] == "none",
    }


@pytest.mark.parametrize("body", [{"redirect_uris": [URI]}, {}, {"redirect_uris": 7}])
async def test_registration_is_refused_unless_the_settings_allow_it(server: TestServer, body: Any) -> None:
    refused = await register(server, body)

    assert error_of(refused)[:2] == (422, "feature_requires_dynamic_oauth_client_registration")
    assert (await server.backend().get("/v1/oauth_applications")).json()["total_count"] == 0


async def test_confidential_client_registers_and_signs_people_in(
    open_server: TestServer, ada: Browser, backend: Backend
) -> None:
    response = await register(
        open_server, {"redirect_uris": [URI], "client_name": "Agent", "scope": "openid email", "jwks": {}}
    )

    made = response.json()
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (201, "*")
    assert response.headers["cache-control"] == "no-store"
    assert (made["client_name"], made["scope"]) == ("Agent", "openid email")
    assert (made["token_endpoint_auth_method"], made["client_secret_expires_at"]) == (
        "client_secret_basic",
        0,
    )
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    tokens = await Client(open_server, registered_application(made)).tokens(ada, scope="openid email")
    assert tokens["id_token"]
    (shown,) = (await backend.get("/v1/oauth_applications", name_query="agent")).json()["data"]
    assert (shown["dynamically_registered"], shown["consent_screen_enabled"]) == (True, True)


async def test_client_that_names_no_scope_may_ask_for_what_discovery_lists(
    open_server: TestServer, ada: Browser
) -> None:
    body = {"redirect_uris": [URI], "token_endpoint_auth_method": "none"}

    made = (await register(open_server, body)).json()

    assert made["scope"] == "openid profile email offline_access"
    tokens = await Client(open_server, registered_application(made)).tokens(
        ada, scope="openid offline_access"
    )
    assert tokens["scope"] == "openid offline_access"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("email mcp:tools", "email"),
        ("mcp:tools", "openid profile email offline_access"),
        ("private_metadata email", "email"),
        ("user:org:read openid", "openid"),
    ],
)
async def test_scopes_that_a_stranger_cannot_have_are_left_out_and_not_refused(
    open_server: TestServer, asked: str, given: str
) -> None:
    made = await register(open_server, {"redirect_uris": [URI], "scope": asked})

    assert (made.status_code, made.json()["scope"]) == (201, given)


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/oauth/token",
        "/oauth/register",
        "/oauth/token/revoke",
    ],
)
async def test_preflight_of_an_agent_in_a_page_passes(open_server: TestServer, path: str) -> None:
    asked = {
        "access-control-request-method": "GET" if path.startswith("/.well-known") else "POST",
        "access-control-request-headers": "content-type,mcp-protocol-version",
    }

    answer = await open_server.browser(origin="https://agent.example").http.options(path, headers=asked)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"content-type", "mcp-protocol-version"} <= set(allowed)


async def test_public_client_gets_no_secret_and_must_use_pkce(open_server: TestServer, ada: Browser) -> None:
    body = {"redirect_uris": ["com.example.agent:/callback"], "token_endpoint_auth_method": "none"}

    made = (await register(open_server, body)).json()

    application = registered_application(made)
    assert "client_secret" not in made
    assert made["client_name"] == made["client_id"]
    refused = await ask(ada, application, code_challenge=None, code_challenge_method=None)
    assert query_of(refused)["error"] == "invalid_request"
    assert (await Client(open_server, application).tokens(ada))["access_token"]


async def test_users_are_always_asked(open_server: TestServer, ada: Browser, backend: Backend) -> None:
    application = registered_application((await register(open_server, {"redirect_uris": [URI]})).json())
    await code_for(ada, application)

    assert "/oauth-consent?" in (await ask(ada, application)).headers["location"]
    (shown,) = (await backend.get("/v1/oauth_applications")).json()["data"]
    path = f"/v1/oauth_applications/{shown['id']}"
    refused = await backend.patch(path, consent_screen_enabled=False)
    assert error_of(refused) == (422, "form_param_format_invalid", "consent_screen_enabled")


async def test_stranger_never_gets_private_metadata(open_server: TestServer) -> None:
    some = await register(open_server, {"redirect_uris": [URI], "scope": "email private_metadata"})
    alone = await register(open_server, {"redirect_uris": [URI], "scope": "private_metadata"})

    assert some.json()["scope"] == "email"
    assert (alone.status_code, alone.json()["scope"]) == (201, "openid profile email offline_access")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": URI}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [URI, "http://agent.example/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [URI + "#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [URI] * 101}, "invalid_redirect_uri"),
        ({"redirect_uris": [URI], "scope": ["email"]}, "invalid_client_metadata"),
        ({"redirect_uris": [URI], "token_endpoint_auth_method": "tls"}, "invalid_client_metadata"),
        ({"redirect_uris": [URI], "client_name": "x" * 257}, "invalid_client_metadata"),
        ({"redirect_uris": [URI], "client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"redirect_uris": [URI], "logo_uri": "http://agent.example/x.png"}, "invalid_client_metadata"),
    ],
)
async def test_wrong_metadata_are_refused(
    open_server: TestServer, backend: Backend, body: JsonObject, error: str
) -> None:
    response = await register(open_server, body)

    assert (response.status_code, response.json()["error"]) == (400, error)
    assert (await backend.get("/v1/oauth_applications")).json()["total_count"] == 0


async def test_body_that_is_no_json_is_refused(open_server: TestServer) -> None:
    response = await open_server.browser().http.post(
        "/oauth/register", content=b"{", headers={"content-type": "application/json"}
    )

    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
