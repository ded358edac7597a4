"""Flask and WSGI apps: signed-in clients, and the lint."""

from typing import Any

from fastapi import FastAPI
from flask import Blueprint, Flask
from flask.views import MethodView
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from greffier import auth
from greffier.flask import Auth, current_auth, require_auth
from greffier.testing import RouteReport, TestServer, lint_routes
from greffier.wsgi import AuthMiddleware


def gates(report: RouteReport) -> dict[str, str]:
    return {f"{' '.join(one.methods)} {one.path}": one.gate for one in report.findings}


class Notes(MethodView):
    def get(self) -> str:
        return "notes"

    @require_auth(role="org:admin")
    def post(self) -> str:
        return "noted"


def flask_shop(**settings: Any) -> Flask:
    app = Flask("shop", static_folder=None)
    blueprint = Blueprint("admin", __name__, url_prefix="/admin")
    blueprint.add_url_rule("/<uuid:user_id>", "user", require_auth(role="org:admin")(lambda user_id: ""))
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "home", lambda: "")
    app.add_url_rule("/me", "me", lambda: {"user_id": current_auth.user_id})
    app.add_url_rule("/files/<path:name>", "file", lambda name: "")
    app.add_url_rule("/notes", view_func=Notes.as_view("notes"))
    if settings:
        Auth(app, **settings)
    return app


def test_a_flask_client_is_signed_in(server: TestServer) -> None:
    user = server.create_user(email_address="ada@example.com")
    app = flask_shop(public_routes=["/"], **server.settings())
    assert app.test_client().get("/me").status_code == 401
    client = server.sign_in(user, app_url="http://localhost").flask_client(app)
    assert client.get("/me").json == {"user_id": user.id}


def test_a_wsgi_app_is_reached_by_httpx(server: TestServer) -> None:
    user = server.create_user(email_address="ada@example.com")

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "text/plain")])
        return [str(auth().user_id).encode()]

    session = server.sign_in(user)
    with session.httpx_client(AuthMiddleware(app, **server.settings())) as client:
        assert client.get("/").text == user.id
        server.clock.advance(minutes=5)
        assert client.get("/").text == user.id


def test_every_route_of_a_flask_app_is_listed_with_its_gate(server: TestServer) -> None:
    assert gates(lint_routes(flask_shop())) == {
        "GET /admin/<uuid:user_id>": "route",
        "GET /": "UNDECIDED",
        "GET /me": "UNDECIDED",
        "GET /files/<path:name>": "UNDECIDED",
        "GET /notes": "UNDECIDED",
        "POST /notes": "route",
    }
    report = lint_routes(flask_shop(public_routes=["/", "/notes"], **server.settings()))
    assert report.undecided == ()
    assert report.gate_of("/me") == "protected"
    assert (report.gate_of("/notes", "GET"), report.gate_of("/notes", "POST")) == ("public", "route")
    assert [one.path for one in report.with_dots] == ["/files/<path:name>"]


def test_a_flask_app_may_be_wrapped_by_hand(server: TestServer) -> None:
    app = flask_shop()
    wrapped = AuthMiddleware(app.wsgi_app, **server.settings())
    assert lint_routes(wrapped).undecided == ()


def test_flask_apps_are_read_through_what_wraps_and_mounts_them(server: TestServer) -> None:
    app = flask_shop()
    app.wsgi_app = ProxyFix(AuthMiddleware(app.wsgi_app, **server.settings()))  # type: ignore[method-assign]
    assert lint_routes(app).undecided == ()

    class Bridge:
        """As those that carry WSGI apps in ASGI apps."""

        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    both = DispatcherMiddleware(Flask("front", static_folder=None), {"/shop": app})
    outside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outside.mount("/wsgi", Bridge(both))
    report = lint_routes(outside)
    assert report.gate_of("/wsgi/shop/me") == "protected"
    assert {one.path.startswith("/wsgi/shop/") for one in report.findings} == {True}


def test_checks_before_each_request_of_a_blueprint_count(server: TestServer) -> None:
    def must_be_support() -> None: ...

    app = flask_shop()
    app.before_request_funcs.setdefault("admin", []).append(must_be_support)
    app.add_url_rule("/open", "admin.open", lambda: "")
    report = lint_routes(app, checks=[must_be_support])
    assert report.gate_of("/open") == "route"
    assert report.gate_of("/me") == "UNDECIDED"
