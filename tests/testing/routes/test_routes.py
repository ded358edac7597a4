"""The lint: every route with its gate, and those without one."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from flask import Flask
from litestar import Litestar
from litestar.static_files import create_static_files_router
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles

from greffier.asgi import AuthMiddleware
from greffier.fastapi import RequiredAuth, add_auth, require_auth
from greffier.flask import Auth
from greffier.litestar import AuthPlugin
from greffier.sdk.http.static_files import has_dot
from greffier.starlette import add_auth as starlette_add_auth
from greffier.starlette import require_auth as starlette_require_auth
from greffier.testing import RouteReport, UndecidedRoutes, assert_every_route_is_decided, lint_routes


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("page")


def shop(**settings: Any) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if settings:
        add_auth(app, **settings)

    @app.get("/")
    async def home() -> None: ...

    @app.get("/orders/{number}")
    async def order(number: int) -> None: ...

    @app.get("/reports/{name}")
    async def report(name: str) -> None: ...

    @app.delete("/reports/{name}", dependencies=[Depends(require_auth(permission="org:reports:delete"))])
    async def delete_report(name: str) -> None: ...

    @app.get("/app.js")
    async def script() -> None: ...

    @app.get("/me")
    async def me(auth: RequiredAuth) -> None: ...

    return app


def gates(report: RouteReport) -> dict[str, str]:
    return {f"{' '.join(one.methods)} {one.path}": one.gate for one in report.findings}


def test_every_route_of_a_fastapi_app_is_listed_with_its_gate() -> None:
    report = assert_every_route_is_decided(shop(public_routes=["/"], ignored_routes=["/orders/**"]))
    assert gates(report) == {
        "GET /": "public",
        "GET /orders/{number}": "ignored",
        "GET /reports/{name}": "protected",
        "DELETE /reports/{name}": "protected",
        "GET /app.js": "protected",
        "GET /me": "protected",
    }


@pytest.mark.parametrize("kind", ["fastapi", "flask", "litestar"])
def test_the_lint_notes_what_a_dot_opens_in_a_mounted_folder(kind: str, tmp_path: Path) -> None:
    fastapi = FastAPI(openapi_url=None)
    fastapi.mount("/static", StaticFiles(directory=tmp_path))
    add_auth(fastapi)
    flask = Flask("files", static_folder=tmp_path, static_url_path="/static")
    Auth(flask, publishable_key="pk_test_Y2xlcmsuZXhhbXBsZS5jb20k")
    files = create_static_files_router("/static", [tmp_path])
    litestar = Litestar([files], plugins=[AuthPlugin(publishable_key="pk_test_Y2xlcmsuZXhhbXBsZS5jb20k")])

    report = assert_every_route_is_decided({"fastapi": fastapi, "flask": flask, "litestar": litestar}[kind])

    found = [one for one in report.findings if one.path.startswith("/static")]
    assert {one.gate for one in found} == {"protected"}
    assert any("page file for paths with a dot" in one.notes for one in found)


def test_without_a_middleware_only_routes_with_a_check_are_decided() -> None:
    with pytest.raises(UndecidedRoutes) as error:
        assert_every_route_is_decided(shop())
    decided = {one.path: one.gate for one in error.value.report.findings if one.gate != "UNDECIDED"}
    assert decided == {"/reports/{name}": "route", "/me": "route"}
    assert "4 routes" in str(error.value)
    assert "/orders/{number}" in str(error.value)
    assert "/me" not in str(error.value)


def test_settings_of_a_middleware_elsewhere_can_be_given() -> None:
    report = lint_routes(shop(), public_routes=["/", "/orders/*"])
    assert report.undecided == ()
    assert report.gate_of("/orders/{number}") == "public"


def test_lazily_only_routes_with_a_check_are_decided() -> None:
    undecided = {one.path for one in lint_routes(shop(lazy=True)).undecided}
    assert undecided == {"/", "/orders/{number}", "/reports/{name}", "/app.js"}


def test_protected_routes_are_named_whose_last_parameter_could_hold_a_dot() -> None:
    report = lint_routes(shop(public_routes=["/"]))
    assert {(one.path, one.methods) for one in report.with_dots} == {
        ("/reports/{name}", ("GET",)),
        ("/reports/{name}", ("DELETE",)),
    }
    assert "a parameter may hold a dot" in str(report)


def test_the_published_dot_rule_leaves_such_routes_undecided_unless_they_check() -> None:
    report = lint_routes(
        shop(public_routes=["/", "/app.js"], exclude=[lambda request: has_dot(request.path)])
    )
    (open_report,) = report.undecided
    assert (open_report.path, open_report.methods) == ("/reports/{name}", ("GET",))
    assert any("dot" in note for note in open_report.notes)


def test_routes_that_a_matcher_leaves_out_are_undecided() -> None:
    report = lint_routes(shop(matcher=["/reports/**", "/me"], public_routes=["/"]))
    assert {one.path for one in report.undecided} == {"/orders/{number}", "/app.js"}


def test_a_gate_that_depends_on_a_parameter_is_the_weaker_one_and_said_to_depend() -> None:
    report = lint_routes(shop(public_routes=["/", r"/reports/example"]))
    (finding,) = (one for one in report.findings if one.path == "/reports/{name}" and "GET" in one.methods)
    assert finding.gate == "public"
    assert finding.notes == ("other requests: protected",)


def test_a_gate_that_depends_on_the_method_is_told_for_each() -> None:
    app = Starlette(
        routes=[Route("/notes", page, methods=["GET", "POST"])],
        middleware=[
            Middleware(AuthMiddleware, public_routes=[lambda request: request.method == "GET"]),
        ],
    )
    assert gates(lint_routes(app)) == {"GET /notes": "public", "POST /notes": "protected"}


def test_an_app_that_answers_every_method_is_asked_about_reading_and_writing() -> None:
    app = AuthMiddleware(bare, **KEY, public_routes=[lambda request: request.method == "GET"])
    (finding,) = lint_routes(app).findings
    assert (finding.gate, finding.notes) == ("public", ("other requests: protected",))


def test_included_routers_are_read_with_their_prefixes_and_dependencies() -> None:
    inner = APIRouter(prefix="/admin", dependencies=[Depends(require_auth(role="org:admin"))])
    inner.add_api_route("/users/{user_id}", lambda user_id: None, methods=["GET"])
    outer = APIRouter(prefix="/v1")
    outer.include_router(inner)
    outer.add_api_route("/health", lambda: None)

    @outer.websocket("/feed")
    async def feed(socket: Any) -> None: ...

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(outer, prefix="/api")
    assert gates(lint_routes(app)) == {
        "GET /api/v1/admin/users/{user_id}": "route",
        "GET /api/v1/health": "UNDECIDED",
        "WebSocket /api/v1/feed": "UNDECIDED",
    }


def test_documentation_pages_count_as_routes() -> None:
    paths = {one.path for one in lint_routes(FastAPI()).undecided}
    assert {"/openapi.json", "/docs", "/redoc"} <= paths


def test_mounted_apps_have_the_strictest_of_the_middlewares_around_them(tmp_path: Path) -> None:
    admin = Starlette(
        routes=[Route("/", page), Route("/login", page)],
        middleware=[Middleware(AuthMiddleware, public_routes=["/login"])],
    )
    app = Starlette(
        routes=[
            Mount("/admin", admin),
            Mount("/files", StaticFiles(directory=tmp_path)),
            Mount("/nested", Router([Route("/{name:path}", page)])),
        ],
    )
    assert gates(lint_routes(app)) == {
        "GET /admin/": "protected",
        "GET /admin/login": "public",
        "* /files/**": "UNDECIDED",
        "GET /nested/{name:path}": "UNDECIDED",
    }
    wrapped = CORSMiddleware(AuthMiddleware(app, **KEY, public_routes=["/admin/**"]))
    assert gates(lint_routes(wrapped)) == {
        "GET /admin/": "protected",
        "GET /admin/login": "public",
        "* /files/**": "protected",
        "GET /nested/{name:path}": "protected",
    }


KEY: dict[str, Any] = {"publishable_key": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"}


def test_decorators_of_starlette_endpoints_count() -> None:
    app = Starlette(
        routes=[
            Route("/mine", starlette_require_auth(role="org:admin")(page)),
            Route("/scoped", requires("authenticated")(page)),
            Route("/open", page),
        ]
    )
    assert gates(lint_routes(app)) == {"GET /mine": "route", "GET /scoped": "route", "GET /open": "UNDECIDED"}
    starlette_add_auth(app, **KEY, public_routes=["/open"])
    assert lint_routes(app).undecided == ()


def test_middlewares_of_single_routes_mounts_and_routers_count() -> None:
    own = [Middleware(AuthMiddleware, **KEY, public_routes=["/open"])]
    app = Starlette(
        routes=[
            Route("/mine", page, middleware=own),
            Route("/theirs", page),
            Mount("/mount", routes=[Route("/open", page), Route("/rest", page)], middleware=own),
            Mount("/router", Router([Route("/open", page), Route("/rest", page)], middleware=own)),
        ]
    )
    assert gates(lint_routes(app)) == {
        "GET /mine": "protected",
        "GET /theirs": "UNDECIDED",
        "GET /mount/open": "public",
        "GET /mount/rest": "protected",
        "GET /router/open": "public",
        "GET /router/rest": "protected",
    }


def test_parameters_of_prefixes_are_parameters_too() -> None:
    inner = Starlette(
        routes=[Route("/open", page), Route("/rest", page)],
        middleware=[Middleware(AuthMiddleware, **KEY, public_routes=["/open"])],
    )
    report = lint_routes(Starlette(routes=[Mount("/{tenant}/shop", inner)]))
    assert gates(report) == {"GET /{tenant}/shop/open": "public", "GET /{tenant}/shop/rest": "protected"}
    assert [one.path for one in report.with_dots] == ["/{tenant}/shop/rest"]


def test_routes_that_the_dot_rule_makes_public_say_so() -> None:
    report = lint_routes(shop(public_routes=["/", lambda request: has_dot(request.path)]))
    (finding,) = (one for one in report.findings if one.path == "/reports/{name}" and "GET" in one.methods)
    assert finding.gate == "protected"
    assert "public for paths with a dot" in finding.notes


def test_methods_of_class_based_endpoints_are_told_apart() -> None:
    class Notes(HTTPEndpoint):
        async def get(self, request: Request) -> PlainTextResponse:
            return PlainTextResponse("notes")

        async def delete(self, request: Request) -> PlainTextResponse:
            return PlainTextResponse("gone")

    app = Starlette(routes=[Route("/notes", Notes)])
    assert gates(lint_routes(app, checks=[Notes.delete])) == {
        "GET /notes": "UNDECIDED",
        "DELETE /notes": "route",
    }


def test_checks_of_the_app_itself_can_be_named() -> None:
    def must_have_api_key() -> None: ...

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/hook", lambda: None, dependencies=[Depends(must_have_api_key)])
    assert gates(lint_routes(app)) == {"GET /hook": "UNDECIDED"}
    assert gates(lint_routes(app, checks=[must_have_api_key])) == {"GET /hook": "route"}


def test_routes_of_an_unknown_kind_are_undecided() -> None:
    class Odd(BaseRoute): ...

    (finding,) = lint_routes(Starlette(routes=[Odd()])).undecided
    assert "Odd" in finding.path


async def bare(scope: Any, receive: Any, send: Any) -> None: ...


def test_an_app_of_no_framework_is_one_route() -> None:
    assert gates(lint_routes(bare)) == {"* /**": "UNDECIDED"}
    assert gates(lint_routes(AuthMiddleware(bare, **KEY))) == {"* /**": "protected"}


def test_the_frontend_api_behind_the_app_is_decided() -> None:
    app = Starlette(routes=[Mount("/__clerk", bare)])
    report = lint_routes(app, **KEY, proxy_url="/__clerk")
    assert gates(report) == {"* /__clerk/**": "Frontend API"}


def test_a_route_that_is_not_there_is_told() -> None:
    with pytest.raises(LookupError, match="POST /"):
        lint_routes(shop()).gate_of("/", "POST")
