"""Files of pages are not looked at where the application says so, and nowhere else."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.static_files import has_dot
from greffier.starlette import add_auth
from tests.sdk.apps import DOCUMENT, PRODUCTION, browser, protected, signed_in_cookies

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
"""Requests of a browser at a new application: one page, and the files it is made of."""

#: The published rule, and folders by name: what an application may choose.
NO_DOT = [re.compile(r"/((?!.*\..*).*)")]
FOLDERS = ["/_next/**", "/favicon.ico", "/vercel.svg"]


async def files(request: Request) -> Response:
    return Response("content", media_type="text/css")


def serving(endpoint: Any) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])


def looked_at(answer: Any) -> bool:
    return "x-clerk-auth-status" in answer.headers


def site(directory: Path, **settings: Any) -> Any:
    """An application that has mounted a folder of files at two places."""
    (directory / "app.css").write_text("content")
    (directory / "report.pdf").write_text("secret")
    static = StaticFiles(directory=directory)
    routes = [
        Route("/assets/{name}.js", files),
        Mount("/assets", static),
        Mount("/site", routes=[Mount("/assets", static), Route("/{name}", files)]),
        Route("/{path:path}", files, methods=["GET", "POST"]),
    ]
    app = Starlette(routes=routes)
    add_auth(app, publishable_key=PRODUCTION.publishable_key, jwt_key=PRODUCTION.pem, **settings)
    return app


@pytest.mark.parametrize("path", ["/assets/app.css", "/site/assets/app.css"])
async def test_page_files_of_a_mounted_folder_are_not_authenticated(path: str, tmp_path: Path) -> None:
    async with browser(site(tmp_path)) as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.text) == (200, "content")
    assert answer.headers["x-clerk-auth-reason"] == "skip"
    assert not looked_at(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/report.pdf",
        "/assets/menu.js",
        "/assets",
        "/site/menu.css",
        "/app.css",
        "/assets/../app.css",
        "/assets/..%2fapp.css",
        "/assets/%2e%2e/app.css",
        "/assets//app.css",
        "/Assets/app.css",
    ],
)
async def test_a_mounted_folder_opens_no_path_outside_itself(path: str, tmp_path: Path) -> None:
    async with browser(site(tmp_path)) as client:
        assert (await client.get(path)).status_code == 401


async def test_only_reading_a_file_is_left_alone(tmp_path: Path) -> None:
    async with browser(site(tmp_path)) as client:
        assert (await client.post("/assets/app.css")).status_code == 401


@pytest.mark.parametrize("chosen", [{"matcher": NO_DOT}, {"exclude": FOLDERS}])
async def test_of_the_requests_of_a_new_application_only_the_page_is_processed(chosen: Any) -> None:
    async with browser(protected(inner=serving(files), **chosen)) as client:
        seen = [path for path in NEW_APP if looked_at(await client.get(path))]

    assert seen == ["/"]


@pytest.mark.parametrize(
    ("path", "is_file"),
    [("/", False), ("/about", False), ("/logo.png", True), ("/a.b/c", True), ("/_next", False)],
)
def test_the_published_rule_is_a_dot_anywhere(path: str, is_file: bool) -> None:
    assert has_dot(path) is is_file


async def test_the_published_rule_can_be_chosen() -> None:
    async with browser(protected(inner=serving(files), matcher=NO_DOT)) as client:
        assert looked_at(await client.get("/about"))
        assert not looked_at(await client.get("/logo.png"))


@pytest.mark.parametrize(
    ("path", "runs"),
    [("/", True), ("/reports", True), ("/logo.png", False), ("/_next/data", False), ("/a/_next", True)],
)
async def test_the_published_matcher_can_be_used_as_it_is(path: str, runs: bool) -> None:
    matcher = [re.compile(r"/((?!.*\..*|_next).*)"), "/"]
    async with browser(protected(inner=serving(files), matcher=matcher)) as client:
        assert looked_at(await client.get(path)) is runs


async def test_single_files_can_be_included_again() -> None:
    async with browser(protected(inner=serving(files), include=["/favicon.ico"], exclude=["/*.*"])) as client:
        assert looked_at(await client.get("/favicon.ico"))
        assert not looked_at(await client.get("/app.css"))


async def test_further_paths_can_be_excluded() -> None:
    async with browser(protected(inner=serving(files), exclude=["/api/**"])) as client:
        assert (await client.get("/api/hooks")).headers["x-clerk-auth-reason"] == "skip"
        assert (await client.get("/apis")).status_code == 401


async def test_the_body_of_a_hook_may_decide_too() -> None:
    def before(request: AuthRequest) -> bool | None:
        return False if request.path.startswith("/api/") else None

    async with browser(protected(inner=serving(files), before_auth=before)) as client:
        assert (await client.get("/api/hooks")).status_code == 200
        assert (await client.get("/reports")).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/customers/x.map",
        "/api/customers/x.webmanifest",
        "/admin/x.css",
        "/admin/x.js",
        "/files/plan.svg",
        "/sitemap.xml",
        "/robots.txt",
        "/favicon.ico",
        "/admin/report.pdf",
        "/admin/x.",
        "/api/users/1.json",
        "/admin/.css",
        "/admin/x.CSS",
        "/admin;x=.css",
        "/x.css/",
    ],
)
async def test_no_name_of_a_file_lets_a_handler_run_for_who_is_signed_out(path: str) -> None:
    ran: list[str] = []

    async def handler(request: Request) -> Response:
        ran.append(request.url.path)
        return RedirectResponse("https://files.example/plan?signature=secret", 302)

    async with browser(protected(inner=serving(handler))) as client:
        answers = [await client.request(method, path) for method in ("GET", "HEAD")]
        page = await client.get(path, headers=DOCUMENT)

    assert [answer.status_code for answer in (*answers, page)] == [401, 401, 307]
    assert page.headers["location"].startswith("https://accounts.example.com/sign-in")
    assert ran == []
    async with browser(protected(inner=serving(handler)), **signed_in_cookies()) as client:
        assert (await client.get(path)).status_code == 302


async def test_an_ignored_route_says_so_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def quiet(request: Request) -> PlainTextResponse:
        return PlainTextResponse("quiet")

    inner = serving(quiet)
    with caplog.at_level(logging.WARNING, logger="greffier.sdk"):
        async with browser(protected(inner=inner, ignored_routes=["/health-of-s1-10"])) as client:
            answers = [await client.get("/health-of-s1-10") for _ in range(2)]

    assert [answer.headers["x-clerk-auth-reason"] for answer in answers] == ["ignored-route"] * 2
    assert len([r for r in caplog.records if "/health-of-s1-10" in r.getMessage()]) == 1
