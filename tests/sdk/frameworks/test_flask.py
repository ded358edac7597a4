"""Flask: the extension, decorators, and who is asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Blueprint, Flask, Response, render_template_string, request, stream_with_context
from flask.testing import FlaskClient
from flask.views import MethodView

from greffier.flask import (
    Auth,
    current_auth,
    current_user,
    get_auth,
    login_required,
    redirect_to_sign_in,
    require_auth,
)
from greffier.sdk.authorization import Reverification
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.protection.current import auth
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.recorded_backend import RecordedBackend

KEYS: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}


def shop(**settings: Any) -> Flask:
    """An app whose start page and everything below /open are public."""
    app = Flask("shop")
    Auth(app, **{**KEYS, "public_routes": ["/", "/open/**"], **settings})
    app.add_url_rule("/", "home", lambda: {"user_id": current_auth.user_id})
    app.add_url_rule("/me", "me", lambda: {"user_id": current_auth.user_id})
    app.add_url_rule("/open/mine", "mine", login_required(lambda: {"user_id": current_auth.user_id}))
    return app


def client(app: Flask, **claims: Any) -> FlaskClient:
    """A test client, signed in if claims are given."""
    app.config.update(SERVER_NAME="app.example.com", PREFERRED_URL_SCHEME="https")
    visitor = app.test_client()
    for name, value in signed_in_cookies(**claims).items() if claims else ():
        visitor.set_cookie(name, value, domain="app.example.com")
    return visitor


def test_a_flask_app_is_protected_but_for_its_public_routes() -> None:
    visitor, user = client(shop()), client(shop(), sub="user_1")

    assert visitor.get("/").json == {"user_id": None}
    assert visitor.get("/me").status_code == 401
    assert visitor.get("/nowhere").status_code == 401
    assert user.get("/me").json == {"user_id": "user_1"}
    assert user.get("/me").headers["x-clerk-auth-status"] == "signed-in"
    assert user.get("/nowhere").status_code == 404


def test_a_signed_out_page_of_a_flask_app_is_redirected_to_sign_in_and_back() -> None:
    answer = client(shop()).get("/me?tab=2", headers=DOCUMENT)

    assert answer.status_code == 307
    assert parse_qs(urlsplit(answer.headers["location"]).query)["redirect_url"] == [f"{ORIGIN}/me?tab=2"]


def test_extension_protects_blueprints_of_apps_that_a_factory_makes() -> None:
    extension = Auth(public_routes=["/open/**"])
    reports = Blueprint("reports", __name__, url_prefix="/reports")
    reports.add_url_rule("/", "all", lambda: str(auth().user_id))

    def create_app(name: str) -> Flask:
        app = Flask(name)
        app.config.from_mapping(
            GREFFIER_PUBLISHABLE_KEY=KEYS["publishable_key"], GREFFIER_JWT_KEY=KEYS["jwt_key"]
        )
        extension.init_app(app)
        app.register_blueprint(reports)
        return app

    for app in (create_app("one"), create_app("two")):
        assert client(app).get("/reports/").status_code == 401
        assert client(app, sub="user_1").get("/reports/").text == "user_1"


def test_settings_of_init_app_come_before_those_of_the_extension_and_of_the_config() -> None:
    app = Flask("settings")
    app.config["GREFFIER_SIGN_IN_URL"] = "/from-config"
    app.config["GREFFIER_PUBLIC_ROUTES"] = ["/config"]
    app.config["GREFFIER_AUTHORIZED_PARTIES"] = ["https://config.example"]
    Auth(sign_in_url="/from-extension", authorized_parties=[ORIGIN]).init_app(
        app, **KEYS, sign_in_url="/from-init-app"
    )

    options = app.extensions["greffier"].options
    assert options.sign_in_url == "/from-init-app"
    assert options.authorized_parties == [ORIGIN]
    assert client(app).get("/config").status_code == 404


def test_wrong_settings_are_told_when_the_app_is_made() -> None:
    with pytest.raises(ConfigurationError, match="publishable_key"):
        Auth(Flask("none"))
    with pytest.raises(TypeError, match="unknown option 'publik_routes'"):
        Auth(Flask("typo"), **{**KEYS, "publik_routes": []})
    with pytest.raises(ConfigurationError, match="protected already"):
        Auth(shop(), **KEYS)


def test_a_decorator_protects_a_view_that_the_extension_leaves_open() -> None:
    fetched = client(shop()).get("/open/mine")
    page = client(shop()).get("/open/mine", headers=DOCUMENT)

    assert fetched.status_code == 401
    assert fetched.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert fetched.headers["content-type"] == "application/json"
    assert code_of(fetched) == "authentication_required"
    assert (page.status_code, page.data) == (307, b"")
    assert page.headers.getlist("x-clerk-auth-status") == ["signed-out"]
    assert client(shop(), sub="user_1").get("/open/mine").json == {"user_id": "user_1"}


def code_of(answer: Any) -> str:
    return answer.json["errors"][0]["code"]


def guarded(**asked: Any) -> Flask:
    app = shop()
    app.add_url_rule("/guarded", "guarded", require_auth(**asked)(lambda: "passed"))
    return app


@pytest.mark.parametrize(
    ("asked", "claims"),
    [
        ({"role": "org:admin"}, {"org_id": "org_1", "org_role": "org:admin"}),
        (
            {"permission": "org:reports:read"},
            {"org_id": "org_1", "org_role": "org:x", "org_permissions": ["org:reports:read"]},
        ),
        ({"feature": "user:export"}, {"v": 2, "fea": "u:export"}),
        ({"plan": "user:pro"}, {"v": 2, "pla": "u:pro"}),
    ],
)
def test_view_asks_for_more_than_to_be_signed_in(asked: dict[str, str], claims: dict[str, Any]) -> None:
    app = guarded(**asked)
    refused = client(app, sub="user_1").get("/guarded", headers=DOCUMENT)

    assert refused.status_code == 403
    assert code_of(refused) == "authorization_invalid"
    assert client(app, **claims).get("/guarded").text == "passed"


def test_verification_that_is_too_old_for_a_view_is_told_in_the_published_form() -> None:
    app = guarded(reverification=Reverification("first_factor", 10))
    refused = client(app, fva=[10, -1]).get("/guarded")

    assert refused.status_code == 403
    assert refused.json == {
        "clerk_error": {
            "type": "forbidden",
            "reason": "reverification-error",
            "metadata": {"reverification": {"level": "first_factor", "afterMinutes": 10}},
        }
    }
    assert client(app, fva=[9, -1]).get("/guarded").text == "passed"
    with pytest.raises(ValueError, match="no reverification preset"):
        require_auth(reverification="strickt")  # type: ignore[arg-type]


def test_session_with_a_pending_task_is_told_apart() -> None:
    refused = client(shop(), v=2, sts="pending").get("/open/mine")

    assert code_of(refused) == "session_pending"


def test_decorators_keep_names_arguments_classes_and_asynchronous_views() -> None:
    app = shop()

    @app.get("/orders/<int:number>")
    @login_required
    def order(number: int) -> str:
        return str(number + 1)

    @app.get("/later")
    @login_required
    async def later() -> str:
        return str(auth().user_id)

    class Orders(MethodView):
        decorators = [require_auth(role="org:admin")]

        def get(self) -> str:
            return "orders"

    app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
    user = client(app, sub="user_1")

    assert order.__name__ == "order"
    assert user.get("/orders/1").text == "2"
    assert user.get("/later").text == "user_1"
    assert user.get("/orders").status_code == 403


def test_visitor_is_sent_to_sign_in_by_a_view() -> None:
    app = shop(sign_in_url="/sign-in")
    app.add_url_rule("/open/cart", "cart", lambda: redirect_to_sign_in("/checkout?step=1"))
    app.add_url_rule("/open/own", "own", lambda: current_auth.redirect_to_sign_in("/checkout?step=1"))
    app.add_url_rule("/open/evil", "evil", lambda: redirect_to_sign_in("https://evil.example"))

    answer, evil = client(app).get("/open/cart"), client(app).get("/open/evil")
    assert answer.status_code == 307
    assert answer.headers["location"] == (
        f"{ORIGIN}/sign-in?redirect_url=https%3A%2F%2Fapp.example.com%2Fcheckout%3Fstep%3D1"
    )
    assert client(app).get("/open/own").headers["location"] == answer.headers["location"]
    assert evil.headers["location"] == f"{ORIGIN}/sign-in"


def test_hooks_may_answer_with_a_flask_response() -> None:
    app = shop(after_auth=lambda who, request: None if who.user_id else Response("no", 418))

    assert client(app).get("/").status_code == 418
    assert client(app, sub="user_1").get("/").status_code == 200


def test_templates_and_streams_know_who_asks() -> None:
    app = shop()
    app.add_url_rule(
        "/open/page", "page", lambda: render_template_string("{{ current_auth.user_id or 'signed out' }}")
    )

    @app.get("/stream")
    def stream() -> Response:
        @stream_with_context
        def parts() -> Iterator[str]:
            yield f"{request.path} {current_auth.user_id} "
            yield str(auth().user_id)

        return Response(parts())

    @app.get("/plain-stream")
    def plain() -> Response:
        return Response(str(auth().user_id) for _ in range(2))

    assert client(app).get("/open/page").text == "signed out"
    assert client(app, sub="user_1").get("/open/page").text == "user_1"
    assert client(app, sub="user_1").get("/stream").text == "/stream user_1 user_1"
    assert client(app, sub="user_1").get("/plain-stream").text == "user_1user_1"
    with app.app_context():
        assert render_template_string("{{ current_auth is defined }}") == "False"


def test_requests_of_tests_that_no_middleware_saw_are_authenticated_when_asked() -> None:
    app = shop()
    token = PRODUCTION.token(now=time.time())
    with app.test_request_context("/me", headers={"authorization": f"Bearer {token}"}):
        assert current_auth.user_id == "user_1"
        assert get_auth(request).user_id == "user_1"
    with app.test_request_context("/me"):
        assert current_auth.user_id is None
        assert redirect_to_sign_in().status_code == 307
    with Flask("bare").test_request_context("/"), pytest.raises(ConfigurationError):
        assert current_auth.user_id
    with pytest.raises(RuntimeError, match="request context"):
        assert current_auth.user_id


def test_client_of_a_test_keeps_the_request_at_hand() -> None:
    with client(shop(), sub="user_1") as user:
        user.get("/me")
        assert current_auth.user_id == "user_1"


def test_get_auth_takes_a_flask_request() -> None:
    app = shop()
    app.add_url_rule("/open/both", "both", lambda: f"{get_auth(request).user_id} {get_auth(request.environ)}")

    assert client(app, sub="user_1").get("/open/both").text.startswith("user_1 AuthObject(")


def test_signed_out_nothing_of_current_auth_raises() -> None:
    app = shop()
    app.add_url_rule("/open/all", "all", lambda: {"it": [current_auth.org_id, current_auth.has(role="x")]})

    assert client(app).get("/open/all").json == {"it": [None, False]}


def test_views_of_flask_are_plain_functions_that_only_read() -> None:
    app = shop()
    seen: list[Any] = []
    app.add_url_rule("/read", "read", lambda: seen.append(auth()) or seen.append(current_auth.user_id) or "")

    assert client(app, sub="user_1").get("/read").status_code == 200
    assert seen[0].user_id == seen[1] == "user_1"


def test_a_view_of_flask_sees_session_user_and_token() -> None:
    backend = RecordedBackend(
        {"POST /v1/sessions/sess_1/tokens/hasura": {"status": 200, "body": {"jwt": "a.b.c"}}}
    )
    app = shop(secret_key=PRODUCTION.secret_key, transport=backend)

    @app.get("/all")
    def all_of_it() -> dict[str, Any]:
        own, templated = current_auth.get_token_sync(), current_auth.get_token_sync("hasura")
        return {"it": [current_auth.session_id, current_auth.user_id, own, templated]}

    user = client(app, sub="user_1")
    cookie = user.get_cookie("__session", domain="app.example.com")
    assert cookie
    assert user.get("/all").json == {"it": ["sess_1", "user_1", cookie.value, "a.b.c"]}


def test_nothing_of_a_flask_page_is_rendered_when_signed_out() -> None:
    app, rendered = shop(), list[str]()
    app.add_url_rule("/page", "page", lambda: rendered.append("page") or "secret")
    app.add_url_rule("/open/page", "open", login_required(lambda: rendered.append("open") or "secret"))

    for path in ("/page", "/open/page"):
        answer = client(app).get(path, headers=DOCUMENT)
        assert (answer.status_code, answer.data) == (307, b"")
    assert rendered == []


def test_the_user_id_needs_no_network_in_flask(no_network: None) -> None:
    assert client(shop(), sub="user_1").get("/me").json == {"user_id": "user_1"}


def test_after_one_setup_every_route_of_flask_may_ask() -> None:
    app = shop(lazy=True)
    reports = Blueprint("reports", __name__)
    reports.add_url_rule("/reports", "all", lambda: str(get_auth(request).user_id), methods=["GET", "POST"])
    app.register_blueprint(reports, url_prefix="/v1")
    user = client(app, sub="user_1")

    assert (user.get("/v1/reports").text, user.post("/v1/reports").text) == ("user_1", "user_1")
    assert client(app).get("/v1/reports").text == "None"


def test_the_user_of_a_flask_request_costs_one_request() -> None:
    backend = RecordedBackend({"GET /v1/users/user_1": {"status": 200, "body": {"id": "user_1"}}})
    app = shop(secret_key=PRODUCTION.secret_key, transport=backend)
    app.add_url_rule("/user", "user", lambda: [current_user(), current_user()])

    assert client(app, sub="user_1").get("/user").json == [{"id": "user_1"}] * 2
    assert backend.calls() == ["GET /v1/users/user_1"]


def test_concurrent_requests_of_a_flask_app_never_see_one_another() -> None:
    together = threading.Barrier(20, timeout=60)
    app = shop()

    @app.get("/meet")
    def meet() -> str:
        before = current_auth.user_id
        together.wait()
        return f"{before} {current_auth.user_id} {auth().user_id}"

    def visit(number: int) -> str:
        return client(app, sub=f"user_{number}").get("/meet").text

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(visit, range(20))) == [" ".join([f"user_{n}"] * 3) for n in range(20)]
