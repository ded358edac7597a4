"""The WSGI middleware: what ASGI apps get, for synchronous ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import greenlet
import pytest
from starlette.responses import PlainTextResponse

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.wsgi import AuthMiddleware, auth, current_user_sync, get_auth
from tests.sdk.apps import DEVELOPMENT, DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.apps import browser as asgi_browser
from tests.sdk.apps import protected as asgi_protected
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.wsgi_apps import Answer, browser, environ_of, protected, say, signed_in


def test_without_configuration_every_route_of_a_wsgi_app_is_protected() -> None:
    with browser(protected()) as client:
        assert client.get("/reports").status_code == 401
        assert client.get("/").text == "/ None"


def test_a_signed_out_page_of_a_wsgi_app_is_redirected_to_sign_in_and_back() -> None:
    with browser(protected()) as client:
        answer = client.get("/reports?year=2026&q=a%20b", headers=DOCUMENT)
        form = client.post("/reports", headers=DOCUMENT, data={"secret": "x"})

    assert (answer.status_code, form.status_code) == (307, 303)
    location = urlsplit(answer.headers["location"])
    assert location._replace(query="").geturl() == "https://accounts.example.com/sign-in"
    assert parse_qs(location.query) == {"redirect_url": [f"{ORIGIN}/reports?year=2026&q=a%20b"]}
    assert answer.headers["x-clerk-auth-reason"] == "session-token-and-uat-missing"


def test_other_requests_to_a_wsgi_app_get_401_with_a_challenge() -> None:
    with browser(protected()) as client:
        answer = client.get("/reports")
        bad = client.get("/reports", headers={"authorization": "Bearer nonsense"})
        head = client.head("/reports")

    assert answer.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert answer.json()["errors"][0]["code"] == "authentication_required"
    assert 'error="invalid_token"' in bad.headers["www-authenticate"]
    assert (head.status_code, head.content) == (401, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


def test_the_root_of_a_wsgi_app_is_public_and_nothing_below_it() -> None:
    with browser(protected(public_routes=["/"])) as client:
        assert [client.get(path).status_code for path in ("/", "/a", "/a/")] == [200, 401, 401]


def test_an_ignored_route_of_a_wsgi_app_says_so_and_is_verified_when_asked() -> None:
    answer = Answer(protected(ignored_routes=["/hooks/**"]), environ_of("/hooks/1", **signed_in()))

    assert answer.body == b"/hooks/1 user_1"
    assert answer.header("x-clerk-auth-reason") == "ignored-route"
    assert answer.header("x-clerk-auth-status") is None


def test_synchronous_apps_ask_by_the_same_names() -> None:
    import greffier

    assert greffier.auth is auth
    assert greffier.get_auth is get_auth
    assert greffier.current_user_sync is current_user_sync


def test_signed_in_browser_passes_a_wsgi_app() -> None:
    token = PRODUCTION.token(now=time.time(), sub="user_header")
    with browser(protected(), **signed_in_cookies()) as client:
        answer = client.get("/reports")
        by_header = client.get("/reports", headers={"authorization": f"Bearer {token}"})

    assert (answer.text, by_header.text) == ("/reports user_1", "/reports user_header")
    assert answer.headers["x-clerk-auth-status"] == "signed-in"


@pytest.mark.parametrize(
    "path", ["//admin", "/./admin", "/public/../admin", "/admin/..;/public", "/%61dmin", ""]
)
def test_no_spelling_of_a_protected_path_passes_the_gate_of_a_wsgi_app(path: str) -> None:
    answer = Answer(protected(public_routes=["/public/**"]), environ_of(path))

    assert answer.status == 401


def test_mounted_wsgi_app_is_matched_by_its_own_paths_and_returned_to_by_the_whole_one() -> None:
    middleware = protected(public_routes=["/open"])
    answer = Answer(middleware, environ_of("/open", SCRIPT_NAME="/sub"))
    page = Answer(middleware, environ_of("/other", SCRIPT_NAME="/sub", HTTP_SEC_FETCH_DEST="document"))

    assert answer.body == b"/open None"
    assert parse_qs(urlsplit(page.header("location") or "").query)["redirect_url"] == [f"{ORIGIN}/sub/other"]


def test_hooks_of_a_wsgi_app_may_answer_with_a_wsgi_app() -> None:
    def after(who: AuthObject, request: AuthRequest) -> Any:
        return None if who.user_id else teapot

    def teapot(environ: Any, start_response: Any) -> list[bytes]:
        start_response("418 I'm a Teapot", [])
        return [b"no"]

    with browser(protected(after_auth=after)) as client:
        refused = client.get("/reports")
    with browser(protected(before_auth=lambda request: False)) as client:
        skipped = client.get("/reports")

    assert (refused.status_code, refused.text) == (418, "no")
    assert refused.headers["x-clerk-auth-status"] == "signed-out"
    assert (skipped.text, skipped.headers["x-clerk-auth-reason"]) == ("/reports None", "skip")


def test_asynchronous_hook_of_a_wsgi_app_is_told_of() -> None:
    async def before(request: AuthRequest) -> None: ...

    with pytest.raises(ConfigurationError, match="before is asynchronous"):
        Answer(protected(before_auth=before), environ_of())


def test_twenty_threads_never_see_one_another() -> None:
    together = threading.Barrier(20, timeout=60)

    def meet(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        before = auth().user_id
        start_response("200 OK", [("Content-Type", "text/plain")])
        together.wait()
        yield str(before).encode()
        together.wait()
        yield f" {auth().user_id}".encode()

    middleware = protected(inner=meet)

    def visit(number: int) -> bytes:
        return Answer(middleware, environ_of("/meet", **signed_in(sub=f"user_{number}"))).body

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(visit, range(20)))

    assert answers == [f"user_{number} user_{number}".encode() for number in range(20)]


def test_greenlets_of_one_thread_never_see_one_another() -> None:
    def switch(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        main.switch()
        start_response("200 OK", [("Content-Type", "text/plain")])
        main.switch()
        yield str(auth().user_id).encode()
        main.switch()
        yield f" {auth().user_id}".encode()

    main = greenlet.getcurrent()
    middleware, answers = protected(inner=switch), dict[int, bytes]()

    def visit(number: int) -> None:
        environ = environ_of("/switch", **signed_in(sub=f"user_{number}"))
        answers[number] = Answer(middleware, environ).body

    running = [greenlet.greenlet(visit) for _ in range(20)]
    for number, one in enumerate(running):
        one.switch(number)
    while not all(one.dead for one in running):
        for one in running:
            one.switch()

    assert answers == {number: f"user_{number} user_{number}".encode() for number in range(20)}
    with pytest.raises(ConfigurationError):
        auth()


def test_two_answers_that_one_thread_sends_in_turns_never_see_one_another() -> None:
    def stream(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for _ in range(3):
            yield str(auth().user_id).encode()

    middleware = protected(inner=stream)
    first, second = (
        iter(middleware(environ_of("/s", **signed_in(sub=sub)), lambda *_: print)) for sub in ("a", "b")
    )

    assert [(next(first), next(second)) for _ in range(3)] == [(b"a", b"b")] * 3
    with pytest.raises(ConfigurationError):
        auth()


def test_who_asks_is_known_until_the_answer_is_closed_and_then_forgotten() -> None:
    seen: list[Any] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            seen.append(auth().user_id)
            yield b"part"

        def close(self) -> None:
            seen.append(auth().user_id)

    def app(environ: Any, start_response: Any) -> Parts:
        start_response("200 OK", [])
        return Parts()

    assert Answer(protected(inner=app), environ_of("/s", **signed_in())).body == b"part"
    assert seen == ["user_1", "user_1"]
    with pytest.raises(ConfigurationError):
        auth()


def test_who_asks_is_forgotten_after_an_error_of_the_app() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise LookupError(auth().user_id)

    with pytest.raises(LookupError, match="user_1"):
        Answer(protected(inner=app), environ_of("/s", **signed_in()))
    with pytest.raises(ConfigurationError):
        auth()


def test_a_request_to_a_wsgi_app_is_verified_exactly_once(verified: list[str]) -> None:
    with browser(protected(), **signed_in_cookies()) as client:
        assert client.get("/reports").text == "/reports user_1"

    assert verified == ["once"]


def test_the_middleware_wraps_the_middleware_of_the_app_itself() -> None:
    def own(environ: dict[str, Any], start_response: Any) -> Any:
        if auth().user_id == "user_banned":
            start_response("451 Unavailable For Legal Reasons", [])
            return []
        return say(environ, start_response)

    middleware = protected(inner=own)
    assert Answer(middleware, environ_of("/a", **signed_in())).body == b"/a user_1"
    assert Answer(middleware, environ_of("/a", **signed_in(sub="user_banned"))).status == 451
    assert Answer(middleware, environ_of("/a")).status == 401


async def test_the_same_call_returns_the_same_in_asgi_and_wsgi_apps() -> None:
    environ = environ_of("/reports", **signed_in(org_id="org_1", org_role="org:admin"))
    Answer(protected(), environ)
    seen: list[AuthObject] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(get_auth(scope))
        await PlainTextResponse("")(scope, receive, send)

    async with asgi_browser(asgi_protected(inner=app)) as client:
        await client.get("/reports", headers={"cookie": environ["HTTP_COOKIE"]})
    assert seen == [get_auth(environ)]
    assert seen[0].has(role="org:admin")


def test_get_auth_takes_an_environ() -> None:
    environ = environ_of("/reports", **signed_in())
    Answer(protected(), environ)

    assert get_auth(environ).user_id == "user_1"
    with pytest.raises(ConfigurationError):
        get_auth(environ_of())


def test_the_user_of_a_wsgi_app_costs_one_request() -> None:
    backend = RecordedBackend({"GET /v1/users/user_1": {"status": 200, "body": {"id": "user_1"}}})

    def ask(environ: Any, start_response: Any) -> list[bytes]:
        first, second = current_user_sync(), current_user_sync()
        assert first is second
        start_response("200 OK", [])
        return [str(first and first["id"]).encode()]

    middleware = protected(inner=ask, secret_key=PRODUCTION.secret_key, transport=backend, load_user=True)
    assert Answer(middleware, environ_of("/me", **signed_in())).body == b"user_1"
    assert backend.calls() == ["GET /v1/users/user_1"]


def test_lazy_wsgi_middleware_verifies_on_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = RecordedBackend({"GET /v1/jwks": {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}})

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"quiet" if environ["PATH_INFO"] == "/quiet" else str(get_auth(environ).user_id).encode()]

    middleware = protected(
        inner=app, lazy=True, jwt_key=None, secret_key=PRODUCTION.secret_key, transport=backend
    )
    assert Answer(middleware, environ_of("/quiet", **signed_in())).body == b"quiet"
    assert backend.requests == []
    assert Answer(middleware, environ_of("/asking", **signed_in())).body == b"user_1"
    assert len(backend.requests) == 1


def test_frontend_api_of_a_server_at_a_path_is_not_touched() -> None:
    def inner(environ: Any, start_response: Any) -> list[bytes]:
        assert "greffier.auth" not in environ
        start_response("200 OK", [])
        return [b"frontend api"]

    middleware = protected(DEVELOPMENT, inner=inner, proxy_url="/__clerk")
    assert Answer(middleware, environ_of("/__clerk/v1/client")).body == b"frontend api"
    page = Answer(middleware, environ_of("/page", HTTP_SEC_FETCH_DEST="document"))
    assert (page.header("location") or "").startswith(f"{ORIGIN}/__clerk/v1/client/handshake?")


def test_middleware_may_stand_behind_another_one() -> None:
    outer = AuthMiddleware(
        protected(),
        publishable_key=PRODUCTION.publishable_key,
        jwt_key=PRODUCTION.pem,
        public_routes=["/**"],
    )
    assert Answer(outer, environ_of("/reports", **signed_in())).body == b"/reports user_1"
    assert Answer(outer, environ_of("/reports")).status == 401
    assert say is protected().app
