"""Litestar: the plugin, its dependency and guards, the OpenAPI document, and what is mounted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar import Controller, Litestar, Request, Response, WebSocket, asgi, delete, get, websocket
from litestar.response import Redirect
from litestar.testing import TestClient

from greffier.litestar import AuthObject, AuthPlugin, CurrentAuth, auth, get_auth, require_auth
from greffier.proxy import FrontendApiProxy
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.keys import encode_publishable_key
from greffier.server import create_app
from greffier.testing import lint_routes
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.recorded_backend import RecordedBackend

SETTINGS: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}
ADMIN = {"org_id": "org_1", "org_role": "org:admin"}


@get("/", security=[{}])
async def home(auth: CurrentAuth) -> dict[str, str | None]:
    return {"user_id": auth.user_id}


@get("/me")
async def me(auth: CurrentAuth, request: Request[Any, Any, Any]) -> list[str | None]:
    return [auth.user_id, get_auth(request).user_id]


@get("/plain", sync_to_thread=True)
def plain(auth: AuthObject) -> list[str | None]:
    return [auth.user_id, current()]


def current() -> str | None:
    return auth().user_id


@get("/open/mine", guards=[require_auth()])
async def mine() -> str:
    return "mine"


@get("/open/go")
async def go(auth: CurrentAuth) -> Response[bytes]:
    return auth.redirect_to_sign_in("/me")


class Admin(Controller):
    path = "/admin"
    guards = [require_auth(role="org:admin")]

    @get()
    async def show(self) -> str:
        return "admin"

    @delete("/account", guards=[require_auth(reverification="strict")])
    async def delete_account(self) -> None: ...


@websocket("/open/ws", guards=[require_auth(role="org:admin")])
async def talk(socket: WebSocket[Any, Any, Any], auth: CurrentAuth) -> None:
    await socket.accept()
    await socket.send_text(str(auth.user_id))
    await socket.close()


@asgi("/internal", is_mount=True, copy_scope=True)
async def internal(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"internal"})


def app(**settings: Any) -> Litestar:
    settings = {**SETTINGS, "public_routes": ["/", "/open/**", "/schema/**"], **settings}
    return Litestar([home, me, plain, mine, go, Admin, talk, internal], plugins=[AuthPlugin(**settings)])


def client(made: Litestar | None = None, **claims: Any) -> TestClient[Litestar]:
    one = TestClient(made or app(), base_url=ORIGIN)
    one.follow_redirects = False
    one.cookies.update(signed_in_cookies(**claims) if claims else {})
    return one


def test_every_route_is_protected_but_the_public_ones() -> None:
    assert client().get("/").json() == {"user_id": None}
    refused = client().get("/me")
    page = client().get("/me", headers=DOCUMENT)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "authentication_required")
    assert page.status_code == 307
    assert page.headers["location"].startswith("https://accounts.example.com/sign-in?redirect_url=")


def test_handlers_know_who_asks_by_every_way_of_asking() -> None:
    visitor = client(sub="user_1")

    assert visitor.get("/").json() == {"user_id": "user_1"}
    assert visitor.get("/me").json() == ["user_1", "user_1"]
    assert visitor.get("/plain").json() == ["user_1", "user_1"]


@pytest.mark.parametrize("path", ["/internal", "/internal/", "/internal/x", "/%69nternal"])
def test_what_is_mounted_is_protected_by_its_whole_path(path: str) -> None:
    assert client().get(path).status_code == 401
    assert client().get(f"{ORIGIN}/{path}").status_code == 401
    assert client(sub="user_1").get(path).text == "internal"


def test_mount_can_be_public_by_its_whole_path() -> None:
    assert client(app(public_routes=["/internal/**"])).get("/internal/x").text == "internal"


def test_guards_protect_routes_that_the_middleware_leaves_open() -> None:
    refused = client().get("/open/mine")

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert refused.headers["x-clerk-auth-status"] == "signed-out"
    assert refused.json()["errors"][0]["code"] == "authentication_required"
    assert client().get("/open/mine", headers=DOCUMENT).status_code == 307
    assert client(sub="user_1").get("/open/mine").text == "mine"


def test_guards_of_a_controller_ask_for_roles_and_recent_verification() -> None:
    refused = client(sub="user_1").get("/admin")
    admin = client(**ADMIN)
    late = client(fva=[10, 10], **ADMIN).delete("/admin/account")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "authorization_invalid")
    assert admin.get("/admin").text == "admin"
    assert (late.status_code, late.json()["clerk_error"]["reason"]) == (403, "reverification-error")
    assert client(fva=[0, 0], **ADMIN).delete("/admin/account").status_code == 204


def test_guarded_websockets_are_closed_before_they_open() -> None:
    page = {"origin": ORIGIN}
    for visitor in (client(), client(sub="user_1")):
        with (
            pytest.raises(Exception, match="Sign in first") as caught,
            visitor.websocket_connect("wss://app.example.com/open/ws", headers=page),
        ):
            raise AssertionError("the connection must not open")
        assert getattr(caught.value, "code", 1008) == 1008
    with client(sub="user_1", **ADMIN).websocket_connect(
        "wss://app.example.com/open/ws", headers=page
    ) as socket:
        assert socket.receive_text() == "user_1"


def test_openapi_document_asks_for_a_session() -> None:
    document = client().get("/schema/openapi.json").json()

    assert document["components"]["securitySchemes"]["sessionToken"]["scheme"] == "bearer"
    cookie = document["components"]["securitySchemes"]["sessionCookie"]
    assert (cookie["type"], cookie["in"], cookie["name"]) == ("apiKey", "cookie", "__session")
    assert document["security"] == [{"sessionToken": []}, {"sessionCookie": []}]
    assert {} in document["paths"]["/"]["get"]["security"]
    assert "parameters" not in document["paths"]["/me"]["get"]


def test_app_without_an_openapi_document_is_protected_too() -> None:
    made = Litestar([me], plugins=[AuthPlugin(**SETTINGS)], openapi_config=None)

    assert client(made).get("/me").status_code == 401


def test_redirects_to_sign_in_are_responses_of_litestar() -> None:
    answer = client(app(sign_in_url="/sign-in")).get("/open/go")

    assert answer.status_code == 307
    assert answer.headers["location"].startswith(f"{ORIGIN}/sign-in?redirect_url=")


def test_hooks_may_answer_with_responses_of_litestar() -> None:
    async def after(who: AuthObject, request: Any) -> Any:
        return None if who.user_id else who.redirect_to_sign_in()

    before = client(app(before_auth=lambda request: Redirect("/elsewhere", status_code=303))).get("/me")
    redirected = client(app(after_auth=after)).get("/")

    assert (before.status_code, before.headers["location"]) == (303, "/elsewhere")
    assert redirected.status_code == 307
    assert redirected.headers["x-clerk-auth-status"] == "signed-out"
    assert client(app(after_auth=after), sub="user_1").get("/me").status_code == 200


def test_all_routes_share_one_set_of_keys() -> None:
    backend = RecordedBackend({"GET /v1/jwks": {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}})
    made = app(jwt_key=None, secret_key=PRODUCTION.secret_key, transport=backend)

    with client(made, sub="user_1") as visitor:
        for path in ("/", "/me", "/plain", "/internal"):
            assert visitor.get(path).status_code == 200

    assert len(backend.requests) == 1


def test_lint_of_routes_understands_the_plugin() -> None:
    gates = {found.path: found.gate for found in lint_routes(app()).findings}

    assert gates["/"] == "public"
    assert gates["/me"] == gates["/internal/**"] == "protected"
    assert (gates["/open/mine"], gates["/open/ws"]) == ("route", "route")


def test_wrong_settings_are_told_when_the_app_is_made() -> None:
    with pytest.raises(ConfigurationError):
        Litestar([], plugins=[AuthPlugin(publishable_key="pk_test_nonsense")])
    with pytest.raises(ConfigurationError, match="proxy_url is a path"):
        Litestar([], plugins=[AuthPlugin(frontend_api=home, proxy_url="https://x.example", **SETTINGS)])


def test_greffier_itself_runs_inside(tmp_path: Path) -> None:
    greffier = create_app(tmp_path)
    url = "http://localhost:8000"
    plugin = AuthPlugin(frontend_api=greffier, api_url=f"{url}/__clerk", public_routes=["/"])
    made = Litestar([home, me], plugins=[plugin])

    with TestClient(made, base_url=url) as visitor:
        environment = visitor.get("/__clerk/v1/environment")
        assert visitor.get("/me").status_code == 401

    assert environment.status_code == 200
    assert environment.json()["display_config"]["sign_in_url"] == f"{url}/__clerk/sign-in"


def test_proxy_can_be_mounted_in_its_place() -> None:
    key = encode_publishable_key("clerk.example.localhost")
    proxy = FrontendApiProxy(secret_key="sk_test_1", publishable_key=key, target="http://127.0.0.1:9")
    plugin = AuthPlugin(frontend_api=proxy, publishable_key=key, secret_key="sk_test_1", api_url=ORIGIN)

    answer = client(Litestar([home], plugins=[plugin])).get("/__clerk/v1/environment")

    assert answer.json()["errors"][0]["code"] == "frontend_api_unreachable"
