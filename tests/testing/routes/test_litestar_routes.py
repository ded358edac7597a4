"""The lint of Litestar apps."""

from typing import Any
from uuid import UUID

import pytest
from litestar import Controller, Litestar, Router, WebSocket, asgi, delete, get, websocket
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.params import FromPath

from greffier.asgi import AuthMiddleware
from greffier.litestar import AuthPlugin, require_auth
from greffier.testing import RouteReport, UndecidedRoutes, assert_every_route_is_decided, lint_routes


def must_be_support(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None: ...


@get("/")
async def home() -> None: ...


@get("/reports/{name:str}")
async def report(name: FromPath[str]) -> None: ...


@get("/orders/{number:int}")
async def order(number: FromPath[int]) -> None: ...


@websocket("/feed")
async def feed(socket: WebSocket[Any, Any, Any]) -> None: ...


class Users(Controller):
    path = "/users"
    guards = [must_be_support]

    @get("/{user_id:uuid}")
    async def show(self, user_id: FromPath[UUID]) -> None: ...

    @delete("/{user_id:uuid}")
    async def remove(self, user_id: FromPath[UUID]) -> None: ...


@asgi("/old", is_mount=True, copy_scope=True)
async def old(scope: Any, receive: Any, send: Any) -> None: ...


def shop(*middleware: Any) -> Litestar:
    admin = Router("/admin", route_handlers=[Users])
    return Litestar([home, report, order, feed, admin, old], middleware=middleware, openapi_config=None)


def gates(report: RouteReport) -> dict[str, str]:
    return {f"{' '.join(one.methods)} {one.path}": one.gate for one in report.findings}


def test_every_route_of_a_litestar_app_is_listed_with_its_gate() -> None:
    app = shop(
        DefineMiddleware(
            AuthMiddleware,
            publishable_key="pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
            public_routes=["/"],
            ignored_routes=["/old/**"],
        )
    )
    report = assert_every_route_is_decided(app)
    assert gates(report) == {
        "GET /": "public",
        "GET /reports/{name:str}": "protected",
        "GET /orders/{number:int}": "protected",
        "WebSocket /feed": "protected",
        "GET /admin/users/{user_id:uuid}": "protected",
        "DELETE /admin/users/{user_id:uuid}": "protected",
        "* /old/**": "ignored",
    }
    assert [one.path for one in report.with_dots] == ["/reports/{name:str}"]


def test_the_plugin_and_its_guards_are_known() -> None:
    @get("/mine", guards=[require_auth(role="org:admin")])
    async def mine() -> None: ...

    plain = Litestar([home, mine], openapi_config=None)
    assert gates(lint_routes(plain)) == {"GET /": "UNDECIDED", "GET /mine": "route"}
    plugin = AuthPlugin(publishable_key="pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", public_routes=["/"])
    app = Litestar([home, mine, report], plugins=[plugin], openapi_config=None)
    assert gates(lint_routes(app)) == {
        "GET /": "public",
        "GET /mine": "protected",
        "GET /reports/{name:str}": "protected",
    }


def test_guards_of_the_app_itself_can_be_named() -> None:
    with pytest.raises(UndecidedRoutes) as error:
        assert_every_route_is_decided(shop(), checks=[must_be_support])
    decided = {one.path for one in error.value.report.findings if one.gate == "route"}
    assert decided == {"/admin/users/{user_id:uuid}"}


def test_a_litestar_app_may_be_wrapped_as_a_whole() -> None:
    key = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
    report = lint_routes(AuthMiddleware(shop(), publishable_key=key, public_routes=["/"]))
    assert report.undecided == ()
    assert report.gate_of("/feed") == "protected"
