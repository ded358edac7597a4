"""The hosted account pages: where they are, what they allow to run, and where they lead by themselves."""

import base64
import hashlib
import json
import re
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.server.hosted_pages.pages import boot_of, visitor
from tests.support.configuring import configure
from tests.support.server import DEVELOPMENT, PUBLISHABLE_KEY, TestServer, running

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


# The pages


async def test_sign_in_page_knows_whom_a_ticket_signs_in_and_does_not_use_it(
    server: TestServer, http: httpx.AsyncClient
) -> None:
    backend = server.backend()
    ada = await backend.add_user("ada&co@example.com")
    token = (await backend.post("/v1/sign_in_tokens", user_id=ada["id"])).json()["token"]
    actor = {"user_id": ada["id"], "actor": {"sub": "user_of_support"}}
    acting = (await backend.post("/v1/actor_tokens", **actor)).json()["token"]
    link = {"__clerk_ticket": token}

    answers = [await http.get("/sign-in", params=link) for _ in range(2)]
    of_actor = await http.get("/sign-in/factor-one", params={"__clerk_ticket": acting})

    expected = {"user": ada["id"], "name": "ada&co@example.com", "actor": False}
    assert [boot_of(answer)["ticket"] for answer in answers] == [expected, expected]
    assert boot_of(of_actor)["ticket"] == expected | {"actor": True}
    assert "Continue as ada&amp;co@example.com?" in answers[0].text
    assert (await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=token)).is_success


async def test_sign_in_page_says_nothing_of_a_ticket_that_is_not_good(
    server: TestServer, http: httpx.AsyncClient
) -> None:
    backend = server.backend()
    ada = await backend.add_user()
    made = (await backend.post("/v1/sign_in_tokens", user_id=ada["id"])).json()
    await backend.post(f"/v1/sign_in_tokens/{made['id']}/revoke")
    neighbour = await server.neighbour()
    bob = await neighbour.add_user()
    theirs = (await neighbour.post("/v1/sign_in_tokens", user_id=bob["id"])).json()["token"]
    host = {"host": "clerk.tidy-otter-42.localhost"}

    for ticket in ("", "x", made["token"], theirs):
        answer = await http.get("/sign-in", params={"__clerk_ticket": ticket}, headers=host)
        assert answer.status_code == 200
        assert boot_of(answer)["ticket"] is None


def without_versions(html: str) -> str:
    """With majors in place of the versions that are installed here."""
    return re.sub(r"@(\d+)\.\d+\.\d+/", r"@\1/", html).replace(".js?published", ".js")


@pytest.mark.parametrize(
    ("path", "component"), [("/sign-in", "SignIn"), ("/sign-up", "SignUp"), ("/user", "UserProfile")]
)
async def test_each_page_mounts_the_official_component_from_this_servers_own_files(
    http: httpx.AsyncClient, path: str, component: str
):
    response = await http.get(path)
    assert response.status_code == 200
    assert boot_of(response)["component"] == component
    assert boot_of(response)["path"] == path
    assert f'data-clerk-publishable-key="{PUBLISHABLE_KEY}"' in response.text
    assert re.findall(r'src="([^"]+)"', without_versions(response.text)) == [
        "/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
        "/npm/@clerk/ui@1/dist/ui.browser.js",
    ]


@pytest.mark.parametrize(
    "path",
    ["/sign-in/factor-one", "/sign-in/sso-callback", "/sign-up/verify-email-address", "/user/security"],
)
async def test_every_path_below_a_page_answers_the_same_page(http: httpx.AsyncClient, path: str):
    response = await http.get(path)
    assert response.status_code == 200
    assert boot_of(response)["path"] == "/" + path.split("/")[1]


async def test_a_page_allows_only_its_own_scripts_and_no_frame_around_it(http: httpx.AsyncClient):
    response = await http.get("/sign-in")
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    nonce = re.fullmatch(r"'nonce-([\w-]{20,})' 'strict-dynamic'", policy["script-src"])
    assert nonce is not None
    scripts = re.findall(r"<script (?!type=\"application/json\")[^>]*", response.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "strict-origin"
    assert response.headers["cache-control"] == "no-store"


async def test_each_answer_has_a_nonce_of_its_own(http: httpx.AsyncClient):
    first, second = await http.get("/sign-in"), await http.get("/sign-in")
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]


async def test_the_ui_is_told_to_send_no_telemetry(http: httpx.AsyncClient):
    assert "telemetry: false" in (await http.get("/sign-in")).text


# Mounted in another application


async def test_mounted_under_a_path_everything_stays_below_it(server: TestServer):
    app = Starlette(routes=[Mount("/__clerk", server.app)])
    async with visitor(app, "http://localhost:3000") as http:
        page = await http.get("/__clerk/sign-in/factor-one")
        landing = await http.get("/__clerk/")
        inbox = await http.get("/__clerk/inbox")
    assert page.status_code == landing.status_code == inbox.status_code == 200
    boot = boot_of(page)
    assert (boot["path"], boot["signUp"]) == ("/__clerk/sign-in", "/__clerk/sign-up")
    assert 'location.origin + "/__clerk"' in page.text
    assert 'src="/__clerk/npm/@clerk/clerk-js@6/dist/clerk.browser.js"' in without_versions(page.text)
    assert 'href="/__clerk/sign-up"' in landing.text
    assert 'action="/__clerk/inbox"' in inbox.text


async def test_behind_a_proxy_that_takes_a_path_away_the_public_url_brings_it_back(development_database: str):
    public = "https://example.com/auth"
    async with running(development_database, DEVELOPMENT, public_url=public) as server:
        page = await visitor(server.app).get("/sign-in?redirect_url=https://example.com/home")
    assert page.status_code == 200
    assert boot_of(page)["path"] == "/auth/sign-in"


# Around the pages


async def test_the_root_names_the_pages_of_a_development_server(http: httpx.AsyncClient):
    response = await http.get("/")
    assert response.status_code == 200
    assert re.findall(r'<a href="([^"]+)"', response.text) == ["/sign-in", "/sign-up", "/user", "/inbox"]


async def test_the_root_of_a_production_server_leads_to_the_sign_in(production: TestServer):
    async with visitor(production.app, "https://clerk.example.com") as http:
        response = await http.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", ["/nothing", "/sign-inn", "/favicon.ico"])
async def test_a_path_with_nothing_at_it_is_404_as_a_page_or_as_json(http: httpx.AsyncClient, path: str):
    page, program = await http.get(path), await http.get(path, headers={"accept": "*/*"})
    assert page.status_code == program.status_code == 404
    assert "There is nothing at this path." in page.text
    assert program.json()["errors"][0]["code"] == "resource_not_found"


async def test_pages_can_only_be_read(http: httpx.AsyncClient):
    response = await http.post("/sign-in", headers={"accept": "*/*"})
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_a_head_request_has_the_headers_of_the_page_and_no_body(http: httpx.AsyncClient):
    response = await http.head("/sign-in")
    assert response.status_code == 200
    assert response.headers["x-frame-options"] == "DENY"
    assert response.content == b""


async def test_files_of_packages_that_are_not_installed_name_the_command(
    development_database: str, tmp_path: Any
):
    async with running(development_database, DEVELOPMENT, assets_directory=str(tmp_path)) as server:
        response = await visitor(server.app).get("/npm/@clerk/clerk-js@6/dist/clerk.browser.js")
    assert response.status_code == 404
    assert "greffier assets install" in response.text


# Pictures


async def test_each_id_has_a_picture_of_its_own_that_never_changes(http: httpx.AsyncClient):
    ada, again, bob = [
        await http.get(f"/avatars/user_{name}.svg?width=160") for name in ("ada", "ada", "bob")
    ]
    assert ada.headers["content-type"] == "image/svg+xml"
    assert ada.text == again.text != bob.text
    assert "immutable" in ada.headers["cache-control"]


async def test_pages_of_other_origins_may_show_the_picture(http: httpx.AsyncClient):
    response = await http.get("/avatars/user_ada.svg", headers={"origin": "http://localhost:3000"})
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", ["%3Cscript%3E", "a b", "a" * 65, "..", "%00"])
async def test_a_picture_is_of_an_id_only(http: httpx.AsyncClient, name: str):
    assert (await http.get(f"/avatars/{name}.svg")).status_code == 404


# Where the pages are, and where they lead


@pytest.mark.parametrize("enabled", [True, False])
async def test_every_page_that_the_environment_names_is_there(server: TestServer, enabled: bool) -> None:
    await configure(server, {"organizations": {"enabled": enabled}})
    async with visitor(server.app, "http://localhost:8787") as http:
        display = (await http.get("/v1/environment")).json()["display_config"]
        own = {name: url for name, url in display.items() if str(url).startswith("http://localhost:8787")}
        asked = {"client_id": "x"}  # which the page for consent needs
        statuses = {name: (await http.get(url, params=asked)).status_code for name, url in own.items()}

    assert {"sign_in_url", "user_profile_url", "waitlist_url"} <= set(own)
    assert set(statuses.values()) == {200}, statuses


@pytest.mark.parametrize("page", ["organization", "create-organization"])
async def test_pages_of_organizations_are_there_where_organizations_are(
    server: TestServer, http: httpx.AsyncClient, page: str
) -> None:
    off = await http.get(f"/{page}")
    await configure(server, {"organizations": {"enabled": True}})
    on = await http.get(f"/{page}")

    assert (off.status_code, on.status_code) == (404, 200)


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        ({}, "https://example.com"),
        ({"home_url": "https://app.example.com/start"}, "https://app.example.com/start"),
        ({"home_url": "https://clerk.example.com/"}, "/user"),
        ({"home_url": "https://clerk.example.com"}, "/user"),
        ({"home_url": "https://accounts.example.com/sign-in"}, "/user"),
        ({"urls": {"after_sign_in": "https://clerk.example.com/sign-in"}}, "/user"),
        ({"urls": {"after_sign_in": "https://app.example.com/in"}}, "https://app.example.com/in"),
    ],
)
async def test_sign_in_without_a_destination_leads_on_and_never_back_to_itself(
    production: TestServer, settings: dict[str, Any], after: str
) -> None:
    await configure(production, settings)
    async with visitor(production.app, "https://clerk.example.com") as http:
        page = (await http.get("/sign-in")).text

    boot = json.loads(re.findall(r'id="boot">(.*?)</script>', page)[0])
    assert boot["after"]["after_sign_in"] == after


async def test_sign_in_of_development_leads_to_the_profile(http: httpx.AsyncClient) -> None:
    page = (await http.get("/sign-in")).text

    assert json.loads(re.findall(r'id="boot">(.*?)</script>', page)[0])["after"]["after_sign_in"] == "/user"


async def test_landing_page_knows_who_is_signed_in(server: TestServer) -> None:
    browser = server.browser()
    before = await browser.http.get("/")
    client = await browser.sign_up()
    while_signed_in = await browser.http.get("/")
    await browser.post(f"/v1/client/sessions/{client['last_active_session_id']}/end")
    after = await browser.http.get("/")

    assert ["you are signed in" in page.text for page in (before, while_signed_in, after)] == [
        False,
        True,
        False,
    ]
    assert 'href="/sign-in"' in before.text
    assert 'href="/sign-in"' not in while_signed_in.text


async def test_consent_page_without_an_application_says_who_opens_it(http: httpx.AsyncClient) -> None:
    response = await http.get("/oauth-consent", headers={"accept": "text/html"})

    assert response.status_code == 400
    assert response.text.count("in its address.</h1>") == 1
    assert "in its address.</p>" not in response.text
    assert "An application opens this page" in response.text
    assert (await http.get("/oauth-consent", params={"client_id": "x"})).status_code == 200


async def test_error_page_of_the_oauth_provider_may_use_its_own_style_and_nothing_else(
    http: httpx.AsyncClient,
) -> None:
    response = await http.get("/oauth/authorize", headers={"accept": "text/html"})

    (style,) = re.findall(r"<style>(.*?)</style>", response.text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["content-security-policy"]
    assert "{{" not in style
