"""The WSGI interface: environs, parts of answers, and the files that pages are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer as GateAnswer
from greffier.wsgi import AnswerApp, route_path
from tests.sdk.apps import ORIGIN
from tests.sdk.wsgi_apps import Answer, environ_of, protected, signed_in


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"PATH_INFO": "/caf\xc3\xa9 \xe2\x82\xac"}, "/caf%C3%A9%20%E2%82%AC"),
        ({"PATH_INFO": "/100%/a?b"}, "/100%25/a%3Fb"),
        ({"PATH_INFO": "/a/b", "RAW_URI": "/a%2Fb?x=1"}, "/a%2Fb"),
        ({"PATH_INFO": "/a/b", "REQUEST_URI": "/a%2Fb"}, "/a%2Fb"),
        ({"PATH_INFO": "/b", "SCRIPT_NAME": "/a", "REQUEST_URI": "/a/%62"}, "/a/%62"),
        ({"PATH_INFO": "/admin", "REQUEST_URI": "/public"}, "/admin"),
        ({"PATH_INFO": "/a", "RAW_URI": "https://evil.example/a"}, "/a"),
        ({"PATH_INFO": "/\xff"}, "/%FF"),
        ({"PATH_INFO": ""}, "/"),
    ],
)
def test_path_of_an_environ_is_known_as_it_was_sent(environ: dict[str, str], path: str) -> None:
    assert AuthRequest.from_environ(environ_of(**environ)).path == path


@given(st.binary(max_size=12), st.text("ab=&%+", max_size=6))
def test_same_request_is_the_same_in_wsgi_and_asgi(raw: bytes, query: str) -> None:
    sent = "/" + quote(raw, safe="/%:@!$&'()*+,;=~-._").replace("?", "%3F")
    seen = unquote_to_bytes(sent)
    scope = {
        "type": "http",
        "path": seen.decode("utf-8", "replace"),
        "raw_path": sent.encode(),
        "query_string": query.encode(),
        "scheme": "https",
        "headers": [(b"host", b"app.example.com")],
    }
    environ = environ_of(seen.decode("latin-1"), QUERY_STRING=query)
    told = AuthRequest.from_environ({**environ, "RAW_URI": f"{sent}?{query}"})

    assert told.url == AuthRequest.from_asgi(scope).url
    assert unquote_to_bytes(AuthRequest.from_environ(environ).path) == seen
    assert route_path(environ) == scope["path"]


def test_routes_of_a_wsgi_app_are_compared_as_text_not_as_bytes() -> None:
    answer = Answer(protected(public_routes=["/café"]), environ_of("/caf\xc3\xa9"))

    assert answer.status == 200


def test_headers_of_an_environ_have_their_usual_names() -> None:
    changes = {"HTTP_X_FORWARDED_PROTO": "http", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": ""}
    request = AuthRequest.from_environ(environ_of("/a", QUERY_STRING="b=%20c", **changes))

    assert request.url == "http://app.example.com/a?b=%20c"
    assert request.parameter("b") == " c"
    assert request.header("content-type") == "text/plain"
    assert "content-length" not in request.headers
    assert AuthRequest.from_environ({}).url == "http://localhost/"
    direct = environ_of("/")
    del direct["HTTP_HOST"]
    assert AuthRequest.from_environ(direct | {"SERVER_PORT": "8443"}).origin == f"{ORIGIN}:8443"


@pytest.mark.parametrize("path", ["/app.css", "/admin.js", "/api/customers/x.map", "/x.svg"])
def test_no_name_of_a_file_lets_a_wsgi_app_run_for_who_is_signed_out(path: str) -> None:
    ran: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        ran.append(environ["PATH_INFO"])
        start_response("302 Found", [("Location", "https://files.example/?signature=secret")])
        return [b""]

    refused = Answer(protected(inner=app), environ_of(path))

    assert (refused.status, ran) == (401, [])
    assert Answer(protected(inner=app), environ_of(path, **signed_in())).status == 302


def test_app_that_answers_again_after_an_error_keeps_its_second_answer() -> None:
    error = (ValueError, ValueError("x"), None)

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        start_response("500 Internal Server Error", [("X-Own", "1")], error)
        return [b"sorry"]

    answer = Answer(protected(inner=app), environ_of("/", **signed_in()))

    assert (answer.status, answer.body, answer.starts[-1][2]) == (500, b"sorry", error)
    assert answer.header("x-own") == "1"
    assert answer.header("x-clerk-auth-status") == "signed-in"


def test_files_and_lists_reach_the_server_as_they_are() -> None:
    class Wrapper:
        def __init__(self, parts: list[bytes]) -> None:
            self.parts = parts

        def __iter__(self) -> Iterator[bytes]:
            return iter(self.parts)

    def file(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/css")])
        return environ["wsgi.file_wrapper"]([b"p {}"])

    served = Answer(protected(inner=file), environ_of("/", **{"wsgi.file_wrapper": Wrapper}))

    assert isinstance(served.parts, Wrapper)
    assert isinstance(Answer(protected(), environ_of("/")).parts, list)


@pytest.mark.parametrize("path", ["/", "/reports", "/app.css"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_middleware_keeps_the_rules_of_the_interface_on_both_sides(path: str, method: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else b"content"]

    environ: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": method}
    environ |= {"SCRIPT_NAME": "", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    answer = Answer(validator(protected(inner=validator(app))), environ)

    assert answer.status == (200 if path == "/" else 401)


def test_answer_as_an_app_sends_its_headers_in_native_text() -> None:
    answer = Answer(AnswerApp(GateAnswer(404, (("x-name", "caf\u20ac"),), b"none")), environ_of())

    assert (answer.starts[0][0], answer.body) == ("404 Not Found", b"none")
    assert (answer.header("x-name"), answer.header("content-length")) == ("caf?", "4")
