"""URLs in answers of the Backend API lead to the instance's hosts, whatever host was asked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.configuring import configure
from tests.support.server import (
    DEVELOPMENT,
    LIVE_SECRET_KEY,
    SECRET_KEY,
    TestServer,
    running,
)

LIVE_HOST = "clerk.example.com"
HOST = "clerk.tidy-otter-42.localhost"


async def urls_of_backend(server: TestServer, host: str, secret_key: str) -> dict[str, str]:
    """Every kind of URL of ours that an application's server is told."""
    transport = httpx.ASGITransport(app=server.app)
    headers = {"authorization": f"Bearer {secret_key}", "host": host}
    async with httpx.AsyncClient(transport=transport, base_url="http://unused", headers=headers) as http:

        async def post(path: str, **body: Any) -> dict[str, Any]:
            response = await http.post(path, json=body)
            assert response.is_success, response.text
            return response.json()

        user = await post("/v1/users", email_address=["ada@example.com"], skip_password_requirement=True)
        other = await post("/v1/users", email_address=["bob@example.com"], skip_password_requirement=True)
        application = await post(
            "/v1/oauth_applications", name="Shop", redirect_uris=["https://shop.example/back"]
        )
        organization = await post("/v1/organizations", name="Crew", created_by=user["id"])
        sign_in = await post("/v1/sign_in_tokens", user_id=user["id"])
        actor = await post("/v1/actor_tokens", user_id=user["id"], actor={"sub": other["id"]})
        invitation = await post("/v1/invitations", email_address="eve@example.com", notify=False)
        asked = await post(
            f"/v1/organizations/{organization['id']}/invitations",
            email_address="mia@example.com",
            role="org:member",
            notify=False,
        )
        domain = (await http.get("/v1/domains")).json()["data"][0]
    names = (
        "authorize_url",
        "token_fetch_url",
        "user_info_url",
        "discovery_url",
        "token_introspection_url",
    )
    return {
        **{name: application[name] for name in names},
        "image_url": user["image_url"],
        "logo": organization["image_url"],
        "sign_in_token": sign_in["url"],
        "actor_token": actor["url"],
        "invitation": invitation["url"],
        "organization_invitation": asked["url"],
        "accounts_portal_url": domain["accounts_portal_url"],
    }


async def with_organizations(server: TestServer) -> TestServer:
    await configure(server, {"organizations": {"enabled": True}})
    return server


async def test_backend_answers_lead_to_the_instances_host_whatever_host_was_asked(
    behind_proxy: TestServer,
) -> None:
    urls = await urls_of_backend(await with_organizations(behind_proxy), "greffier:8787", LIVE_SECRET_KEY)

    assert {name: url for name, url in urls.items() if not url.startswith(f"https://{LIVE_HOST}/")} == {
        "accounts_portal_url": f"https://{LIVE_HOST}"
    }


@pytest.mark.parametrize("host", ["greffier", "127.0.0.1:9999", "localhost:9999"])
async def test_backend_answers_of_development_lead_to_where_it_listens(
    development_database: str, host: str
) -> None:
    url = "http://localhost:8787"
    async with running(
        development_database, DEVELOPMENT, listening_url=url, api_hosts=("greffier", "localhost")
    ) as server:
        urls = await urls_of_backend(await with_organizations(server), host, SECRET_KEY)

    assert {name: found for name, found in urls.items() if not found.startswith(url)} == {}


async def test_backend_answers_of_development_never_lead_to_a_host_for_servers(
    development_database: str,
) -> None:
    async with running(development_database, DEVELOPMENT, api_hosts=("greffier",)) as server:
        urls = await urls_of_backend(await with_organizations(server), "greffier:8787", SECRET_KEY)

    assert {name: found for name, found in urls.items() if not found.startswith(f"https://{HOST}")} == {}
