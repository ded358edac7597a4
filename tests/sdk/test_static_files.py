"""Files that pages are made of are not looked at, and nothing protected passes for one (S3)."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.static_files import has_dot
from tests.sdk.apps import browser, protected, signed_in_cookies

NEW_APP = [
    "/",
    "/_next/static/chunks/webpack.js?ts=1665014400000",
    "/_next/static/chunks/main.js?ts=1665014400000",
    "/_next/static/chunks/pages/_app.js?ts=1665014400000",
    "/_next/static/chunks/pages/index.js?ts=1665014400000",
    "/_next/static/development/_buildManifest.js?ts=1665014400000",
    "/_next/static/development/_ssgManifest.js?ts=1665014400000",
    "/_next/static/chunks/react-refresh.js?ts=1665014400000",
    "/_next/static/css/app.css",
    "/favicon.ico",
    "/vercel.svg",
    "/_next/static/media/font.woff2",
]
"""What the browser asks of a new application: one page, and the files it is made of."""

CONTENT = {
    "js": "text/javascript",
    "css": "text/css",
    "ico": "image/x-icon",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}


async def files(request: Request) -> Response:
    extension = request.url.path.rpartition(".")[2]
    return Response("content", media_type=CONTENT.get(extension, "text/html"))


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<h1>Secret</h1>")


async def data(request: Request) -> JSONResponse:
    return JSONResponse({"secret": True})


def serving(endpoint: Any) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])


def looked_at(answer: Any) -> bool:
    return "x-clerk-auth-status" in answer.headers


async def test_s3_1_authentication_leaves_the_files_of_a_page_alone() -> None:
    async with browser(protected(inner=serving(files))) as client:
        answer = await client.get("/assets/app.css")

    assert (answer.status_code, answer.text) == (200, "content")
    assert answer.headers["x-clerk-auth-reason"] == "skip"
    assert not looked_at(answer)


async def test_s3_3_of_what_a_new_application_asks_for_only_the_page_is_looked_at() -> None:
    async with browser(protected(inner=serving(files))) as client:
        seen = [path for path in NEW_APP if looked_at(await client.get(path))]

    assert seen == ["/"]


@pytest.mark.parametrize(
    ("path", "is_file"),
    [("/", False), ("/about", False), ("/logo.png", True), ("/a.b/c", True), ("/_next", False)],
)
def test_s3_2_the_published_rule_is_a_dot_anywhere(path: str, is_file: bool) -> None:
    assert has_dot(path) is is_file


async def test_s3_2_the_published_rule_can_be_chosen() -> None:
    dots = re.compile(r"/((?!.*\..*).*)")
    async with browser(protected(inner=serving(files), matcher=[dots])) as client:
        assert looked_at(await client.get("/about"))
        assert not looked_at(await client.get("/logo.png"))


@pytest.mark.parametrize(
    ("path", "runs"),
    [("/", True), ("/reports", True), ("/logo.png", False), ("/_next/data", False), ("/a/_next", True)],
)
async def test_s1_4_the_published_matcher_can_be_used_as_it_is(path: str, runs: bool) -> None:
    matcher = [re.compile(r"/((?!.*\..*|_next).*)"), "/"]
    async with browser(protected(inner=serving(files), matcher=matcher)) as client:
        assert looked_at(await client.get(path)) is runs


async def test_s3_4_single_files_can_be_included_again() -> None:
    async with browser(protected(inner=serving(files), include=["/favicon.ico"])) as client:
        assert looked_at(await client.get("/favicon.ico"))
        assert not looked_at(await client.get("/app.css"))


async def test_s3_5_more_can_be_excluded() -> None:
    async with browser(protected(inner=serving(files), exclude=["/api/**"])) as client:
        assert (await client.get("/api/hooks")).headers["x-clerk-auth-reason"] == "skip"
        assert (await client.get("/apis")).status_code == 401


async def test_s3_6_the_body_of_a_hook_may_decide_too() -> None:
    def before(request: AuthRequest) -> bool | None:
        return False if request.path.startswith("/api/") else None

    async with browser(protected(inner=serving(files), before_auth=before)) as client:
        assert (await client.get("/api/hooks")).status_code == 200
        assert (await client.get("/reports")).status_code == 401


@pytest.mark.parametrize("path", ["/admin/report.pdf", "/admin/x.", "/api/users/1.json", "/admin/.css"])
async def test_s3_7_documents_and_data_are_no_page_files(path: str) -> None:
    async with browser(protected(inner=serving(page))) as client:
        assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize("endpoint", [page, data])
@pytest.mark.parametrize("path", ["/admin/x.css", "/admin/x.js", "/admin.svg", "/sitemap.xml"])
async def test_s3_7_a_page_under_the_name_of_a_file_is_refused(path: str, endpoint: Any) -> None:
    inner = serving(endpoint)
    async with browser(protected(inner=inner)) as client:
        refused = await client.get(path)
    async with browser(protected(inner=inner), **signed_in_cookies()) as client:
        admitted = await client.get(path)

    assert refused.status_code == 401
    assert "ecret" not in refused.text
    assert "ecret" in admitted.text


@pytest.mark.parametrize(
    "path",
    ["/admin;x=.css", "/admin/%2e%2e/x.css", "/a//x.css", "/admin/..%2fapp.css", "/x%2ecss", "/x.css/"],
)
async def test_no_other_spelling_passes_for_a_file(path: str) -> None:
    async with browser(protected(inner=serving(files))) as client:
        answer = await client.get(path)

    canonical = answer.request.url.path == "/x.css"  # httpx decodes the unreserved dot itself
    assert canonical or answer.status_code == 401


async def test_only_reading_a_file_is_left_alone() -> None:
    async with browser(protected(inner=serving(files))) as client:
        assert (await client.post("/app.css")).status_code == 401


async def test_missing_file_is_the_apps_to_tell() -> None:
    async def missing(request: Request) -> HTMLResponse:
        return HTMLResponse("no such file", 404)

    async with browser(protected(inner=serving(missing))) as client:
        assert (await client.get("/app.css")).status_code == 404


async def test_s1_10_an_ignored_route_says_so_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def quiet(request: Request) -> PlainTextResponse:
        return PlainTextResponse("quiet")

    inner = serving(quiet)
    with caplog.at_level(logging.WARNING, logger="greffier.sdk"):
        async with browser(protected(inner=inner, ignored_routes=["/health-of-s1-10"])) as client:
            answers = [await client.get("/health-of-s1-10") for _ in range(2)]

    assert [answer.headers["x-clerk-auth-reason"] for answer in answers] == ["ignored-route"] * 2
    assert len([r for r in caplog.records if "/health-of-s1-10" in r.getMessage()]) == 1
