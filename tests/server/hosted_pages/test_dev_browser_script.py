"""The browser SDK's script as applications in development get it: with a development browser."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.server import DEVELOPMENT, PRODUCTION, TestServer, running

SDK = "/* the published file */"
FILE = "dist/clerk.browser.js"


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    for package, version, name in (
        ("clerk-js", "6.40.0", FILE),
        ("clerk-js", "6.40.0", "dist/chunk_6.40.0.js"),
        ("ui", "1.36.0", "dist/ui.browser.js"),
    ):
        path = tmp_path / "npm" / "@clerk" / package / version / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SDK)
    return tmp_path / "npm"


@pytest.fixture
async def development(development_database: str, assets: Path) -> AsyncIterator[TestServer]:
    async with running(development_database, DEVELOPMENT, assets_directory=str(assets)) as server:
        yield server


async def fetch(server: TestServer, path: str, **headers: str) -> httpx.Response:
    async with server.browser(origin=None).http as http:
        return await http.get(f"/npm/@clerk/{path}", headers=headers)


@pytest.mark.parametrize("version", ["6", "6.40", "6.40.0", "latest"])
async def test_script_of_a_page_is_the_published_file_between_two_small_ones(
    development: TestServer, version: str
) -> None:
    response = await fetch(development, f"clerk-js@{version}/{FILE}")

    before, after = response.text.split(SDK)
    instance = development.app.instances.any()
    assert instance is not None
    for part in (before, after):
        assert f'["__clerk_db_jwt_{instance.cookie_suffix}","__clerk_db_jwt"]' in part
    assert "/v1/dev_browser" in before
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [f"clerk-js@6.40.0/{FILE}?published", "clerk-js@6/dist/chunk_6.40.0.js", "ui@1/dist/ui.browser.js"],
)
async def test_everything_else_is_the_published_file(development: TestServer, path: str) -> None:
    assert (await fetch(development, path)).text == SDK


async def test_production_serves_the_published_file(production_database: str, assets: Path) -> None:
    async with running(
        production_database, PRODUCTION, assets_directory=str(assets), public_url="https://localhost"
    ) as server:
        assert (await fetch(server, f"clerk-js@6/{FILE}")).text == SDK


@pytest.mark.parametrize("query", ["", "?published"])
async def test_exact_version_of_production_is_kept_for_ever(
    production_database: str, assets: Path, query: str
) -> None:
    async with running(
        production_database, PRODUCTION, assets_directory=str(assets), public_url="https://localhost"
    ) as server:
        response = await fetch(server, f"clerk-js@6.40.0/{FILE}{query}")

    assert response.text == SDK
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_hosted_pages_keep_the_published_file_for_ever_in_development(development: TestServer) -> None:
    async with development.browser(origin=None).http as http:
        page = await http.get("/sign-in")
    (path,) = set(re.findall(r"/npm/@clerk/(clerk-js@[^\"]+)", page.text))
    response = await fetch(development, path)

    assert response.text == SDK
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("version", ["6", "6.40.0"])
async def test_script_is_sent_once_and_asked_for_again(development: TestServer, version: str) -> None:
    path = f"clerk-js@{version}/{FILE}"
    first = await fetch(development, path)
    again = await fetch(development, path, **{"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


async def test_script_is_compressed_for_who_understands_that(development: TestServer) -> None:
    plain = await fetch(development, f"clerk-js@6/{FILE}", **{"accept-encoding": "identity"})
    async with (
        development.browser(origin=None).http as http,
        http.stream("GET", f"/npm/@clerk/clerk-js@6/{FILE}", headers={"accept-encoding": "gzip"}) as response,
    ):
        raw = b"".join([chunk async for chunk in response.aiter_raw()])

    assert "content-encoding" not in plain.headers
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["etag"] != plain.headers["etag"]
    assert gzip.decompress(raw) == plain.content


async def test_client_of_the_hosted_page_becomes_that_of_its_development_browser(server: TestServer) -> None:
    """A page of another site sends no cookie along, but the development browser that it shares with the page
    where people sign in."""
    hosted = server.browser(origin="http://localhost:8787")
    token = (await hosted.post("/v1/dev_browser")).json()["id"]
    hosted.http.cookies.set("__clerk_db_jwt", token)
    client = await hosted.sign_up()

    elsewhere = await server.browser().get("/v1/client", __clerk_db_jwt=token)

    assert elsewhere.json()["response"]["id"] == client["id"]
