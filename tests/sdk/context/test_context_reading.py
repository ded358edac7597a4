"""`get_context` from every kind of request, and values within one process."""

from __future__ import annotations

import asyncio
import importlib
import io
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response as WerkzeugResponse

from greffier import get_context, with_context
from greffier.asgi_context import ContextMiddleware
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer
from greffier.wsgi_context import ContextMiddleware as WsgiContextMiddleware

URL = "https://app.example.com/orders"
Given = Callable[[dict[str, str], str], Any]


def scope_of(headers: dict[str, str], query: str) -> dict[str, Any]:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": "http",
        "method": "GET",
        "path": "/orders",
        "query_string": query.encode(),
        "headers": raw,
    }


def environ_of(headers: dict[str, str], query: str) -> dict[str, Any]:
    return EnvironBuilder("/orders", query_string=query, headers=headers).get_environ()


def django_request(headers: dict[str, str], query: str) -> Any:
    wsgi = pytest.importorskip("django.core.handlers.wsgi")
    importlib.import_module("tests.sdk.django.project")  # sets Django up
    return wsgi.WSGIRequest({**environ_of(headers, query), "wsgi.input": io.BytesIO()})


def message_of(headers: dict[str, str]) -> Message:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return message


REQUESTS: dict[str, Given] = {
    "asgi scope": scope_of,
    "wsgi environ": environ_of,
    "starlette": lambda headers, query: Request(scope_of(headers, query)),
    "litestar": lambda headers, query: LitestarRequest(
        {**scope_of(headers, query), "app": None, "server": ("app.example.com", 80)}  # type: ignore[arg-type]
    ),
    "werkzeug": lambda headers, query: WerkzeugRequest(environ_of(headers, query)),
    "django": django_request,
    "httpx": lambda headers, query: httpx.Request("GET", f"{URL}?{query}", headers=headers),
    "own": lambda headers, query: AuthRequest.from_url("GET", f"{URL}?{query}", headers.items()),
    "headers object": lambda headers, query: SimpleNamespace(
        headers=Headers(list(headers.items())), url=f"/orders?{query}#part"
    ),
    "message": lambda headers, query: SimpleNamespace(headers=message_of(headers), url=f"/?{query}"),
    "dict and path": lambda headers, query: {"headers": headers, "url": f"/orders?{query}"},
    "capitals in a dict": lambda headers, query: {
        "headers": {name.title(): value for name, value in headers.items()},
        "url": f"/?{query}",
    },
}


@pytest.mark.parametrize("given", REQUESTS.values(), ids=REQUESTS)
def test_a_value_is_read_from_every_kind_of_request(given: Given) -> None:
    by_header = given({"ctx-foo": "bar", "other": "1"}, "ctx-foo=query")
    by_query = given({"other": "1"}, "a=1&ctx-foo=b%20a+r&ctx-foo=second")

    assert get_context(by_header, "foo") == get_context(by_header, "FOO") == "bar"
    assert get_context(by_query, "foo") == "b a r"
    assert get_context(by_query, "other") is None
    assert get_context(given({}, ""), "foo") is None


def test_the_response_in_flight_is_read_after_the_header_and_before_the_query() -> None:
    state = {"greffier.context": {"ctx-foo": "on its way"}}
    scope = {**scope_of({}, "ctx-foo=query"), "state": state}

    assert get_context(Request(scope), "foo") == "on its way"
    assert get_context({**scope, "headers": [(b"Ctx-Foo", b"header")]}, "foo") == "header"
    assert get_context({**scope, "headers": [(b"ctx-foo", b"")]}, "foo") == "on its way"
    assert get_context({**environ_of({}, "ctx-foo=query"), **state}, "foo") == "on its way"


def test_headers_of_urllib_are_read_too() -> None:
    sent = urllib.request.Request(URL, headers={"ctx-foo": "bar"})

    assert get_context({"headers": sent.headers, "url": sent.full_url}, "foo") == "bar"


async def say(request: Request) -> JSONResponse:
    return JSONResponse(
        [
            request.url.path,
            request.url.query,
            get_context(request, "foo"),
            dict(request.headers).get("ctx-foo"),
        ]
    )


def tell(set_context: Any, request: AuthRequest) -> Any:
    """A middleware that says by the path what it does."""
    set_context("foo", request.path)
    return {
        "/redirect": RedirectResponse("/sign-in"),
        "/final": PlainTextResponse("final"),
        "/rewrite": PlainTextResponse("", headers={"x-middleware-rewrite": "/new%20place?b=2"}),
        "/cross": PlainTextResponse("", headers={"x-middleware-rewrite": "https://other.example/"}),
        "/answer": Answer(418, (), b"tea"),
    }.get(request.path)


def asgi(function: Any = tell, app: Any = None) -> httpx.AsyncClient:
    inner = app or Starlette(routes=[Route("/{path:path}", say)])
    middleware = ContextMiddleware(inner, with_context(["foo"], function))
    return httpx.AsyncClient(transport=httpx.ASGITransport(middleware), base_url="https://app.example.com")


async def test_within_one_process_values_travel_in_the_state_and_never_leave_it() -> None:
    async with asgi() as client:
        answer = await client.get("/orders?a=1")

    assert answer.json() == ["/orders", "a=1", "/orders", None]
    assert not [name for name in answer.headers if name.startswith(("ctx-", "x-middleware"))]


async def test_rewrite_of_the_middleware_is_followed_within_the_process() -> None:
    async with asgi() as client:
        assert (await client.get("/rewrite?a=1")).json() == ["/new place", "b=2", "/rewrite", None]


@pytest.mark.parametrize(
    ("path", "status"), [("redirect", 307), ("final", 200), ("answer", 418), ("cross", 200)]
)
async def test_other_answers_of_the_middleware_are_sent_as_they_are(path: str, status: int) -> None:
    async with asgi() as client:
        answer = await client.get(f"/{path}")

    assert answer.status_code == status
    assert "ctx-foo" not in answer.headers
    assert answer.headers.get("x-middleware-rewrite") == (
        "https://other.example/" if path == "cross" else None
    )


async def test_without_a_value_the_app_is_called_with_an_unchanged_scope() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    middleware = ContextMiddleware(app, with_context(["foo"], lambda set_context, request: None))
    given = scope_of({}, ""), object(), object()
    await middleware(*given)  # type: ignore[arg-type]

    assert all(one is other for one, other in zip(seen[0], given, strict=True))


async def test_a_spoofed_request_is_answered_400_and_the_app_does_not_run() -> None:
    def never(*arguments: Any) -> Any:
        raise AssertionError("must not run")

    async with asgi(never, never) as client:
        by_header = await client.get("/", headers={"ctx-foo": ""})
        by_query = await client.get("/?ctx-foo=x")

    assert by_header.status_code == by_query.status_code == 400
    message = "Key foo is being spoofed. Blocking this request."
    assert by_header.json() == by_query.json()
    assert by_header.json()["errors"] == [
        {"code": "context_spoofed", "message": message, "long_message": message}
    ]


def test_websockets_get_values_and_spoofed_ones_are_closed() -> None:
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(get_context(websocket, "foo")))
        await websocket.close()

    inner = Starlette(routes=[WebSocketRoute("/ws", talk)])
    with TestClient(ContextMiddleware(inner, with_context(["foo"], tell))) as client:
        with client.websocket_connect("/ws") as websocket:
            assert websocket.receive_text() == "/ws"
        with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/ws?ctx-foo=x"):
            pass
    assert caught.value.code == 1008


async def test_asynchronous_middleware_and_concurrent_requests() -> None:
    async def slow(set_context: Any, request: AuthRequest) -> None:
        set_context("foo", request.path)
        await asyncio.sleep(0)

    async with asgi(slow) as client:
        answers = await asyncio.gather(*(client.get(f"/{number}") for number in range(30)))

    assert [answer.json()[2] for answer in answers] == [f"/{number}" for number in range(30)]


async def test_two_middlewares_pass_on_the_values_of_both() -> None:
    async def both(request: Request) -> JSONResponse:
        return JSONResponse([get_context(request, "foo"), get_context(request, "bar")])

    inner = Starlette(routes=[Route("/{path:path}", both)])
    passing = with_context(["bar"], lambda set_context, request: set_context("bar", "1"))
    async with asgi(app=ContextMiddleware(inner, passing)) as client:
        assert (await client.get("/x")).json() == ["/x", "1"]


async def test_litestar_reads_what_a_middleware_in_front_has_set() -> None:
    @get("/orders", sync_to_thread=False)
    def orders(request: LitestarRequest[Any, Any, Any]) -> dict[str, str | None]:
        return {"foo": get_context(request, "foo")}

    async with asgi(app=Litestar([orders])) as client:
        assert (await client.get("/orders")).json() == {"foo": "/orders"}


async def test_process_of_its_own_tells_its_host_to_continue() -> None:
    passing = with_context(["foo"], tell)
    transport = httpx.ASGITransport(ContextMiddleware(None, passing))
    async with httpx.AsyncClient(transport=transport, base_url="https://app.example.com") as host:
        told = await host.get("/orders?a=1")
        rewritten = await host.get("/rewrite")
    async with asgi(lambda set_context, request: None) as client:
        answer = await client.get(told.headers["x-middleware-rewrite"].replace("ctx-foo", "ctx-bar"))

    assert told.headers["ctx-foo"] == "/orders"
    assert told.headers["x-middleware-rewrite"] == f"{URL}?a=1&ctx-foo=%2Forders"
    assert rewritten.headers["x-middleware-rewrite"] == (
        "https://app.example.com/new%20place?b=2&ctx-foo=%2Frewrite"
    )
    assert answer.json()[1] == "a=1&ctx-bar=%2Forders"


def wsgi_app(environ: Any, start_response: Any) -> Any:
    request = WerkzeugRequest(environ)
    text = f"{request.path} {request.query_string.decode()} {get_context(request, 'foo')}"
    return WerkzeugResponse(text)(environ, start_response)


def tell_by_environ(set_context: Any, environ: Any) -> Any:
    if environ["PATH_INFO"] == "/quiet":
        return None
    set_context("foo", environ["PATH_INFO"])
    if environ["PATH_INFO"] == "/redirect":
        return WerkzeugResponse(status=302, headers={"location": "/sign-in"})
    if environ["PATH_INFO"] == "/rewrite":
        return WerkzeugResponse(headers={"x-middleware-rewrite": "/new%20place?b=2"})
    return None


def wsgi(app: Any = wsgi_app) -> Client:
    return Client(WsgiContextMiddleware(app, with_context(["foo"], tell_by_environ)))


def test_values_travel_in_the_environ_of_wsgi() -> None:
    assert wsgi().get("/orders?a=1").text == "/orders a=1 /orders"
    assert wsgi().get("/quiet").text == "/quiet  None"
    assert wsgi().get("/rewrite").text == "/new place b=2 /rewrite"
    redirect = wsgi().get("/redirect")
    assert (redirect.status_code, redirect.headers["location"]) == (302, "/sign-in")
    assert "ctx-foo" not in redirect.headers


@pytest.mark.parametrize("name", ["ctx-foo", "ctx_foo", "CTX-FOO"])
def test_under_wsgi_both_spellings_of_a_header_are_refused(name: str) -> None:
    def never(environ: Any, start_response: Any) -> Any:
        raise AssertionError("must not run")

    environ = environ_of({}, "") | {"HTTP_" + name.upper().replace("-", "_"): ""}
    client = wsgi(never)
    by_header, by_query = client.open(environ), client.get(f"/?{name}=")

    assert by_header.status_code == by_query.status_code == 400
    assert by_header.json is not None
    assert by_header.json["errors"][0]["code"] == "context_spoofed"


def test_threads_of_wsgi_never_see_one_anothers_values() -> None:
    app = WsgiContextMiddleware(wsgi_app, with_context(["foo"], tell_by_environ))
    with ThreadPoolExecutor(10) as pool:
        texts = list(pool.map(lambda number: Client(app).get(f"/{number}").text, range(50)))

    assert texts == [f"/{number}  /{number}" for number in range(50)]


def test_wsgi_process_of_its_own_tells_its_host_to_continue() -> None:
    host = Client(WsgiContextMiddleware(None, with_context(["foo"], tell_by_environ)))

    told = host.get("/orders?a=1", base_url="https://app.example.com/")

    assert told.headers["x-middleware-rewrite"] == f"{URL}?a=1&ctx-foo=%2Forders"
    assert host.head("/orders").data == b""
