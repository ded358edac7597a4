"""Browser files are compressed once, and each browser is sent the smallest copy that it takes."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from greffier.server.hosted_pages.assets.compression import accepted, compress
from greffier.server.hosted_pages.page_scripts import page_scripts
from tests.support.server import PRODUCTION, running

SDK = "console.log('the published file');" * 100
URL = "/npm/@clerk/clerk-js@6.40.0/dist/clerk.browser.js"


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    folder = tmp_path / "npm" / "@clerk" / "clerk-js" / "6.40.0"
    (folder / "dist").mkdir(parents=True)
    (folder / "dist" / "clerk.browser.js").write_text(SDK)
    (folder / "dist" / "small.js").write_text("1")
    (folder / "dist" / "picture.png").write_bytes(b"\x89PNG" * 1000)
    compress(folder)
    return tmp_path / "npm"


@pytest.fixture
async def browser(production_database: str, assets: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        running(production_database, PRODUCTION, assets_directory=str(assets), show_inbox=False) as server,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=server.app), base_url="https://clerk.example.com"
        ) as http,
    ):
        yield http


async def fetch(browser: httpx.AsyncClient, accept_encoding: str) -> tuple[httpx.Headers, bytes]:
    async with browser.stream("GET", URL, headers={"accept-encoding": accept_encoding}) as response:
        return response.headers, b"".join([chunk async for chunk in response.aiter_raw()])


def test_files_that_gain_by_it_have_two_copies_and_a_second_time_changes_nothing(assets: Path) -> None:
    folder = assets / "@clerk" / "clerk-js" / "6.40.0" / "dist"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}

    compress(folder)

    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert set(before) == {
        "clerk.browser.js",
        "clerk.browser.js.br",
        "clerk.browser.js.gz",
        "small.js",
        "picture.png",
    }


def test_without_node_there_is_gzip_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    (tmp_path / "x.js").write_text(SDK)

    compress(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"x.js", "x.js.gz"}


async def test_copies_hold_the_published_file(browser: httpx.AsyncClient) -> None:
    _, plain = await fetch(browser, "identity")
    _, zipped = await fetch(browser, "gzip")
    _, brotli = await fetch(browser, "gzip, deflate, br")
    script = "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(0)))"
    unpacked = subprocess.run(["node", "-e", script], input=brotli, capture_output=True, check=True).stdout

    assert plain == gzip.decompress(zipped) == unpacked == SDK.encode()


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_smallest_copy_that_the_browser_takes_is_sent_and_kept_for_good(
    browser: httpx.AsyncClient, accept_encoding: str, coding: str | None
) -> None:
    headers, _ = await fetch(browser, accept_encoding)

    assert headers.get("content-encoding") == coding
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["vary"] == "accept-encoding"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    known = {"accept-encoding": accept_encoding, "if-none-match": headers["etag"]}
    again = await browser.get(URL, headers=known)
    assert again.status_code == 304


async def test_copies_have_tags_of_their_own(browser: httpx.AsyncClient) -> None:
    tags = {(await fetch(browser, coding))[0]["etag"] for coding in ("identity", "gzip", "br")}

    assert len(tags) == 3


def test_codings_are_read_as_the_rfc_says() -> None:
    assert accepted("GZIP , br;q=0.000") == ["gzip"]


def test_page_names_what_is_installed_and_what_its_component_will_ask_for(assets: Path) -> None:
    ui = assets / "@clerk" / "ui" / "1.36.0" / "dist"
    ui.mkdir(parents=True)
    (ui / "ui.browser.js").write_text('x.h=()=>"58d0c711908d2399",x.g=1')
    for name in ("framework_ui_58d0c7", "signin_ui_58d0c7", "signin_ui_a1de94", "signup_ui_58d0c7"):
        (ui / f"{name}_1.36.0.js").write_text("")

    scripts = page_scripts(assets, "SignIn")

    assert scripts.clerk_js == "@clerk/clerk-js@6.40.0/dist/clerk.browser.js?published"
    assert scripts.ui == "@clerk/ui@1.36.0/dist/ui.browser.js"
    assert [chunk.rpartition("/")[2] for chunk in scripts.chunks] == [
        "framework_ui_58d0c7_1.36.0.js",
        "signin_ui_58d0c7_1.36.0.js",
    ]


def test_page_without_installed_files_names_what_to_install(tmp_path: Path) -> None:
    assert page_scripts(tmp_path, "SignIn").clerk_js == "@clerk/clerk-js@6/dist/clerk.browser.js"
