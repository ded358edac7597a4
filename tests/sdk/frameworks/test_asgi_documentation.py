"""Code in the pages about ASGI frameworks does what they say."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.frameworks.test_documentation import code_of


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREFFIER_PUBLISHABLE_KEY", PRODUCTION.publishable_key)
    monkeypatch.setenv("GREFFIER_SECRET_KEY", PRODUCTION.secret_key)
    monkeypatch.setenv("GREFFIER_JWT_KEY", PRODUCTION.pem)


def run(page: str, *blocks: int, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns the names that are defined after the blocks of a page were run in order."""
    names = {"__name__": __name__, **(names or {})}
    for number in blocks:
        exec(compile(code_of(page)[number], page, "exec", dont_inherit=True), names)
    return names


def browser(app: Any, **cookies: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN, cookies=cookies)


@pytest.mark.parametrize("page", ["tutorials/starlette.md", "tutorials/fastapi.md", "tutorials/litestar.md"])
async def test_application_of_the_page_protects_what_it_says(page: str) -> None:
    app = run(page, 0)["app"]

    async with browser(app) as visitor, browser(app, **signed_in_cookies()) as user:
        assert (await visitor.get("/", headers=DOCUMENT)).status_code in (200, 404)
        assert (await visitor.get("/me")).status_code == 401
        assert (await visitor.get("/me", headers=DOCUMENT)).status_code == 307
        assert (await user.get("/me")).json() == {"user_id": "user_1"}


async def test_hook_of_the_fastapi_page_sends_others_elsewhere() -> None:
    from starlette.responses import RedirectResponse

    app = run("tutorials/fastapi.md", 0)["app"]
    from fastapi import FastAPI

    from greffier.fastapi import add_auth

    app = FastAPI()
    run(
        "tutorials/fastapi.md",
        2,
        names={"app": app, "add_auth": add_auth, "RedirectResponse": RedirectResponse},
    )

    async with browser(app, **signed_in_cookies()) as user:
        answer = await user.get("/anything")
    assert (answer.status_code, answer.headers["location"]) == (307, "/welcome")


async def test_routes_of_the_fastapi_page_ask_for_more() -> None:
    app = run("tutorials/fastapi.md", 0, 1)["app"]
    admin = signed_in_cookies(org_id="org_1", org_role="org:x", org_permissions=["org:reports:delete"])

    async with browser(app, **signed_in_cookies(fva=[20, 20])) as user, browser(app, **admin) as boss:
        assert (await user.delete("/reports/1")).status_code == 403
        assert (await boss.delete("/reports/1")).status_code == 200
        assert "clerk_error" in (await user.delete("/account")).json()


async def test_controller_of_the_litestar_page_asks_for_more() -> None:
    from litestar import Controller, Litestar, delete

    from greffier.litestar import AuthPlugin

    names = run("tutorials/litestar.md", 1, names={"Controller": Controller, "delete": delete})
    app = Litestar([names["Reports"]], plugins=[AuthPlugin()])
    boss = signed_in_cookies(
        org_id="org_1", org_role="org:admin", org_permissions=["org:reports:delete"], fva=[0, 0]
    )

    async with browser(app, **signed_in_cookies()) as user, browser(app, **boss) as admin:
        assert (await user.delete("/reports/1")).status_code == 403
        assert (await admin.delete("/reports/1")).status_code == 204


async def test_hook_of_the_litestar_page_sends_others_elsewhere() -> None:
    from litestar import Litestar
    from litestar.response import Redirect

    from greffier.litestar import AuthPlugin

    names = run("tutorials/litestar.md", 4, names={"Redirect": Redirect, "AuthPlugin": AuthPlugin})
    app = Litestar(
        [run("tutorials/litestar.md", 0)["me"]], plugins=[AuthPlugin(after_auth=names["only_staff"])]
    )

    async with browser(app, **signed_in_cookies()) as user:
        assert (await user.get("/me")).headers["location"] == "/welcome"


async def test_scopes_of_the_starlette_page_are_those_of_the_session() -> None:
    from starlette.applications import Starlette
    from starlette.authentication import requires
    from starlette.middleware import Middleware
    from starlette.middleware.authentication import AuthenticationMiddleware
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    import greffier.starlette as adapter

    async def endpoint(request: Any) -> JSONResponse:
        return await documented["reports"](request) or JSONResponse(request.user.identity)

    documented = run(
        "tutorials/starlette.md",
        2,
        names={
            **vars(adapter),
            "Starlette": Starlette,
            "Middleware": Middleware,
            "AuthenticationMiddleware": AuthenticationMiddleware,
            "requires": requires,
            "routes": [Route("/reports", endpoint)],
        },
    )
    allowed = signed_in_cookies(org_id="org_1", org_role="org:x", org_permissions=["org:reports:read"])

    app = documented["app"]
    async with browser(app, **signed_in_cookies()) as user, browser(app, **allowed) as reader:
        assert (await user.get("/reports")).status_code == 403
        assert (await reader.get("/reports")).json() == "user_1"


async def test_middleware_of_the_context_page_passes_its_value_on() -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    class Router:
        def get(self, path: str) -> Any:
            return lambda function: function

    async def plan_of(host: str) -> str:
        return f"plan of {host}"

    async def prices(request: Request) -> JSONResponse:
        return JSONResponse(await documented["prices"](request))

    inner = Starlette(routes=[Route("/prices", prices)])
    names = {"app": inner, "plan_of": plan_of, "router": Router(), "Request": Request}
    documented = run("guides/context.md", 0, names=names)

    async with browser(documented["app"]) as visitor:
        assert (await visitor.get("/prices")).json() == {"plan": "plan of app.example.com"}
        assert (await visitor.get("/prices?ctx-plan=x")).status_code == 400


async def test_proxy_of_the_litestar_page_is_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    from litestar import Litestar

    from greffier.litestar import AuthPlugin
    from greffier.proxy import FrontendApiProxy

    monkeypatch.delenv("GREFFIER_JWT_KEY")
    names = {"AuthPlugin": AuthPlugin, "FrontendApiProxy": FrontendApiProxy}
    app = Litestar([], plugins=[run("tutorials/litestar.md", 3, names=names)["plugin"]])

    async with browser(app) as visitor:
        answer = await visitor.request("TRACE", "/__clerk/v1/client")
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"


async def test_application_of_the_proxy_page_keeps_the_path_for_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fastapi import FastAPI

    monkeypatch.delenv("GREFFIER_JWT_KEY")
    app = run("guides/proxy.md", 0, names={"app": FastAPI()})["app"]

    async with browser(app) as visitor:
        assert (await visitor.get("/elsewhere")).status_code == 401
        answer = await visitor.request("TRACE", "/__clerk/v1/client")
    assert answer.status_code == 405
    assert json.loads(answer.content)["errors"][0]["code"] == "method_not_allowed"
