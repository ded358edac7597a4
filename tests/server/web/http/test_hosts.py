"""Hosts at which the server answers; no URL that it sends comes from a request's own host."""

from __future__ import annotations

import httpx
import pytest

from greffier.server.delivery.queries import NEWEST
from greffier.server.instances.administration import (
    choose_instance,
    read_instance_document,
    update_instance,
)
from greffier.server.provisioning import ensure_instance
from greffier.server.settings import from_environment
from tests.support.configuring import configure
from tests.support.server import (
    APP_ORIGIN,
    DEVELOPMENT,
    LIVE_PUBLISHABLE_KEY,
    LIVE_SECRET_KEY,
    PRODUCTION,
    PUBLISHABLE_KEY,
    TestServer,
    running,
)

EVIL = "evil.example"
PROXY = "10.0.0.1"
LIVE_HOST = "clerk.example.com"
HOST = "clerk.tidy-otter-42.localhost"
PATHS = [
    "/v1/environment",
    "/v1/client",
    "/v1/nonsense",
    "/.well-known/openid-configuration",
    "/.well-known/jwks.json",
    "/sign-in",
    "/",
    "/inbox",
    "/avatars/user_1.svg",
    "/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
    "/nonsense",
]


async def ask(
    server: TestServer, path: str, host: str, *, peer: str = "192.0.2.7", **headers: str
) -> httpx.Response:
    """A request without a page around it."""
    transport = httpx.ASGITransport(app=server.app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="https://unused") as http:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http.get(path, headers={"host": host} | sent)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", [EVIL, f"{EVIL}.", f"{EVIL}:443", "localhost", "127.0.0.1", "203.0.113.9"])
async def test_production_refuses_requests_at_a_host_that_is_not_configured(
    production: TestServer, path: str, host: str
) -> None:
    response = await ask(production, path, host)

    assert response.status_code in (401, 404)  # at this machine's own names there is the Backend API
    assert "set-cookie" not in response.headers
    assert "clerk.example.com" not in response.text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", [EVIL, "localhost.evil.example", "203.0.113.9", "192.168.1.7", "[2001:db8::1]"]
)
async def test_development_answers_at_this_machines_names_and_at_no_other(
    server: TestServer, path: str, host: str
) -> None:
    assert (await ask(server, path, host)).status_code == 404


@pytest.mark.parametrize(
    "host", ["localhost:8787", "127.0.0.1", "[::1]:80", "app.localhost", f"{HOST}:1", f"{HOST}."]
)
async def test_development_answers_at_names_of_this_machine(server: TestServer, host: str) -> None:
    assert (await ask(server, "/v1/environment", host)).status_code == 200


@pytest.mark.parametrize("host", [EVIL, "greffier.evil.example", "api.example.com"])
async def test_backend_api_is_not_answered_at_a_host_that_is_not_configured(
    behind_proxy: TestServer, host: str
) -> None:
    authorization = f"Bearer {LIVE_SECRET_KEY}"

    assert (await ask(behind_proxy, "/v1/users", host, authorization=authorization)).status_code == 404


@pytest.mark.parametrize("host", ["greffier:8787", "GREFFIER", LIVE_HOST, "accounts.example.com"])
async def test_backend_api_is_answered_at_hosts_of_servers_and_of_instances(
    behind_proxy: TestServer, host: str
) -> None:
    response = await ask(behind_proxy, "/v1/users", host, authorization=f"Bearer {LIVE_SECRET_KEY}")

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/v1/client", "/v1/environment", "/sign-in", "/.well-known/jwks.json"])
async def test_host_of_servers_shows_browsers_nothing(behind_proxy: TestServer, path: str) -> None:
    assert (await ask(behind_proxy, path, "greffier")).status_code == 404


async def test_refusal_names_the_host_and_the_settings(production: TestServer) -> None:
    (error,) = (await ask(production, "/v1/environment", f"{EVIL}:8080")).json()["errors"]

    assert error["code"] == "resource_not_found"
    assert f"does not answer at {EVIL}." in error["long_message"]
    assert "GREFFIER_PUBLIC_URL" in error["long_message"]


async def test_person_at_a_wrong_host_gets_a_page_that_says_so(production: TestServer) -> None:
    response = await ask(production, "/sign-in", EVIL, accept="text/html")

    assert response.headers["content-type"].startswith("text/html")
    assert f"does not answer at {EVIL}" in response.text


@pytest.mark.parametrize("host", [EVIL, "10.1.2.3:8787", "localhost"])
async def test_health_is_answered_at_every_host(production: TestServer, host: str) -> None:
    assert (await ask(production, "/v1/health", host)).json() == {"status": "healthy"}


async def test_metrics_are_answered_at_every_host(production_database: str) -> None:
    token = "a-token-for-the-metrics"
    async with running(production_database, PRODUCTION, metrics_token=token) as server:
        response = await ask(server, "/metrics", "10.1.2.3:8787", authorization=f"Bearer {token}")

    assert response.status_code == 200


@pytest.mark.parametrize("host", [f"{LIVE_HOST}.", f"{LIVE_HOST}.:443", "CLERK.example.COM"])
async def test_a_dot_at_the_end_and_capitals_are_the_same_host(production: TestServer, host: str) -> None:
    assert (await ask(production, "/v1/environment", host)).status_code == 200


async def test_host_of_the_public_url_is_answered(production_database: str) -> None:
    async with running(production_database, PRODUCTION, public_url="https://example.com/__clerk") as server:
        assert (await ask(server, "/v1/environment", "example.com")).status_code == 200
        assert (await ask(server, "/v1/environment", f"www.{EVIL}")).status_code == 404


# --- proxies


@pytest.mark.parametrize(
    ("forwarded_host", "forwarded_for"),
    [
        (LIVE_HOST, "203.0.113.9"),
        (f"{LIVE_HOST}.", "203.0.113.9"),
        (f"{LIVE_HOST}, inner.example", "203.0.113.9, 10.0.0.1"),
        (f"{LIVE_HOST}, one.example, two.example", "203.0.113.9, 10.0.0.1, 10.0.0.1"),
        (f"{EVIL}, {LIVE_HOST}, inner.example", "203.0.113.9, 10.0.0.1"),
        (LIVE_HOST, "203.0.113.9, 10.0.0.1"),  # a proxy that replaces what it got
    ],
)
async def test_the_first_value_that_a_trusted_proxy_wrote_is_the_host(
    behind_proxy: TestServer, forwarded_host: str, forwarded_for: str
) -> None:
    response = await ask(
        behind_proxy,
        "/v1/environment",
        "inner",
        peer=PROXY,
        x_forwarded_host=forwarded_host,
        x_forwarded_for=forwarded_for,
    )

    assert response.status_code == 200


@pytest.mark.parametrize("peer", [PROXY, "192.0.2.7"])
@pytest.mark.parametrize("forwarded", [EVIL, f"{EVIL}, {EVIL}", f"{LIVE_HOST}, {EVIL}"])
async def test_forwarded_foreign_host_is_not_answered(
    behind_proxy: TestServer, peer: str, forwarded: str
) -> None:
    response = await ask(
        behind_proxy,
        "/v1/environment",
        EVIL,
        peer=peer,
        x_forwarded_host=forwarded,
        x_forwarded_for="203.0.113.9",
    )

    assert response.status_code == 404


async def test_first_of_several_schemes_counts(development_database: str) -> None:
    async with running(development_database, DEVELOPMENT, trusted_proxies=(PROXY,)) as server:
        response = await ask(
            server,
            "/v1/environment",
            "inner",
            peer=PROXY,
            x_forwarded_host=f"{HOST}, inner",
            x_forwarded_proto="https, http",
            x_forwarded_for=f"203.0.113.9, {PROXY}",
        )

    assert response.json()["display_config"]["sign_in_url"] == f"https://{HOST}/sign-in"


async def test_proxy_of_the_application_may_ask_by_the_name_for_servers(behind_proxy: TestServer) -> None:
    proxy_url = "https://example.com/__clerk"
    told = {"clerk_proxy_url": proxy_url, "x_forwarded_for": "203.0.113.9"}

    proven = await ask(behind_proxy, "/v1/environment", "greffier", clerk_secret_key=LIVE_SECRET_KEY, **told)
    guessed = await ask(behind_proxy, "/v1/environment", "greffier", clerk_secret_key="sk_live_x", **told)
    elsewhere = await ask(behind_proxy, "/v1/environment", EVIL, clerk_secret_key=LIVE_SECRET_KEY, **told)

    assert proven.json()["display_config"]["sign_in_url"] == f"{proxy_url}/sign-in"
    assert (guessed.status_code, elsewhere.status_code) == (404, 404)


# --- no mail and no redirect leads where the request's host says


@pytest.mark.parametrize(
    "named",
    [
        {"host": EVIL},
        {"host": LIVE_HOST, "x-forwarded-host": EVIL},
        {"host": f"{LIVE_HOST}:8443", "x-forwarded-host": EVIL},
        {"host": EVIL, "x-forwarded-host": LIVE_HOST},
    ],
)
@pytest.mark.parametrize("origin", [None, f"https://{EVIL}"])
async def test_mail_never_leads_to_a_page_of_the_requesting_host(
    production: TestServer, named: dict[str, str], origin: str | None
) -> None:
    await production.backend(secret_key=LIVE_SECRET_KEY).create_user("ada@example.com")
    sent_as = {"first_factors": ["email_link"], "verifications": ["email_link"]}
    await configure(production, {"attributes": {"email_address": sent_as}})
    browser = production.browser(origin=origin, base_url=f"https://{LIVE_HOST}", headers=named)
    form = {"strategy": "email_link", "redirect_url": f"https://{EVIL}/sign-in"}

    response = await browser.http.post("/v1/client/sign_ins", data={"identifier": "ada@example.com"} | form)

    assert response.status_code in (403, 404, 422)
    async with production.app.database.transaction() as db:
        instance = production.app.instances.any()
        assert instance is not None
        assert await db.all(NEWEST, instance_id=instance.id, after=0, most=10) == []


@pytest.mark.parametrize(
    "proxy_url",
    [
        f"https://{EVIL}/__clerk",
        f"http://{EVIL}/__clerk",
        f"https://example.com.{EVIL}/__clerk",
        f"https://example.com@{EVIL}/__clerk",
        f"https://{EVIL}\\.example.com/__clerk",
    ],
)
async def test_no_mail_leads_to_a_host_that_a_proxy_of_the_application_took_from_its_visitor(
    production: TestServer, proxy_url: str
) -> None:
    await production.backend(secret_key=LIVE_SECRET_KEY).create_user("ada@example.com")
    sent_as = {"first_factors": ["email_link"], "verifications": ["email_link"]}
    await configure(production, {"attributes": {"email_address": sent_as}})
    told = {"clerk-proxy-url": proxy_url, "clerk-secret-key": LIVE_SECRET_KEY}
    browser = production.browser(origin=None, base_url=f"https://{LIVE_HOST}", headers=told)
    form = {"strategy": "email_link", "redirect_url": "https://example.com/sign-in"}

    response = await browser.http.post("/v1/client/sign_ins", data={"identifier": "ada@example.com"} | form)

    assert (response.status_code, response.json()["errors"][0]["code"]) == (403, "origin_invalid")
    async with production.app.database.transaction() as db:
        instance = production.app.instances.any()
        assert instance is not None
        assert await db.all(NEWEST, instance_id=instance.id, after=0, most=10) == []


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_proxy_of_the_application_may_not_know_of_its_tls(production: TestServer, scheme: str) -> None:
    told = {"clerk-proxy-url": f"{scheme}://app.example.com/__clerk", "clerk-secret-key": LIVE_SECRET_KEY}
    browser = production.browser(origin=None, base_url=f"https://{LIVE_HOST}", headers=told)

    response = await browser.http.get("/v1/environment")

    assert response.json()["display_config"]["sign_in_url"] == f"{scheme}://app.example.com/__clerk/sign-in"


@pytest.mark.parametrize("path", ["/v1/client/handshake", "/v1/client/touch", "/v1/redirect"])
@pytest.mark.parametrize(
    "url", [f"https://{EVIL}/", f"http://{LIVE_HOST}/", f"https://{LIVE_HOST}.{EVIL}/", "http://localhost/"]
)
async def test_no_redirect_leads_to_an_origin_only_because_the_request_came_there(
    production: TestServer, path: str, url: str
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=production.app), base_url=f"http://{LIVE_HOST}"
    ) as http:
        response = await http.get(path, params={"redirect_url": url}, headers={"x-forwarded-host": EVIL})

    assert response.status_code == 422


# --- pages that SDKs lead to by default


@pytest.mark.parametrize("page", ["sign-in", "sign-up", "user", "unauthorized-sign-in"])
async def test_accounts_host_leads_to_the_page_on_the_host_with_the_cookie(
    production: TestServer, page: str
) -> None:
    response = await ask(production, f"/{page}?redirect_url=https://example.com/x", "accounts.example.com")

    assert response.status_code == 303
    assert response.headers["location"] == f"https://{LIVE_HOST}/{page}?redirect_url=https://example.com/x"


async def test_accounts_host_is_no_way_to_pages_of_others(production: TestServer) -> None:
    response = await ask(production, f"/sign-in?redirect_url=https://{EVIL}/", "accounts.example.com")

    assert response.status_code == 422


async def test_host_that_an_instance_named_is_not_taken_by_the_key_of_another(server: TestServer) -> None:
    async with server.app.database.transaction() as db:
        row = await choose_instance(db, None)
        document = read_instance_document({"hosts": ["accounts.example.com"]})
        await update_instance(db, row, document, server.clock.now_ms())
    await ensure_instance(server.app.database, server.clock, PRODUCTION)
    await server.app.reload()

    found = server.app.instances.by_host("accounts.example.com")

    assert found is not None
    assert found.publishable_key == PUBLISHABLE_KEY
    live = server.app.instances.by_host(LIVE_HOST)
    assert live is not None
    assert live.publishable_key == LIVE_PUBLISHABLE_KEY


# --- the setting


def test_hosts_of_servers_are_a_list_of_names() -> None:
    settings = from_environment({"GREFFIER_API_HOSTS": "greffier, API.internal,10.0.0.7"})

    assert settings.api_hosts == ("greffier", "api.internal", "10.0.0.7")


@pytest.mark.parametrize("value", ["http://greffier", "greffier:8787", "a b", "*", "*.example.com"])
def test_host_that_is_no_name_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="GREFFIER_API_HOSTS"):
        from_environment({"GREFFIER_API_HOSTS": value})


async def test_page_of_the_application_still_calls(server: TestServer) -> None:
    assert (await server.browser(origin=APP_ORIGIN).get("/v1/client")).status_code == 200
