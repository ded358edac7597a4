"""Values from a middleware to the application behind it, over the wire: `with_context` and `get_context`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from werkzeug.wrappers import Response as WerkzeugResponse

from greffier import ConfigurationError, ContextSpoofed, GreffierError, set_context, with_context
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer

URL = "https://app.example.com/orders?page=2"


def request(url: str = URL, *headers: tuple[str, str]) -> AuthRequest:
    return AuthRequest.from_url("GET", url, headers)


def setting(answer: Any = None, **values: Any) -> Any:
    """A middleware that sets values and answers."""

    def middleware(set_context: Any, request: Any) -> Any:
        for key, value in values.items():
            set_context(key, value)
        return answer

    return middleware


def headers_of(answer: Answer) -> dict[str, str]:
    return dict(answer.headers)


def test_only_declared_keys_can_be_set() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        with_context(["foo"], setting(Bar="x")).handle(request())

    assert str(caught.value) == "Key Bar is not allowed. Add it to withContext's first argument."


def test_keys_are_lower_case_and_prefixed_on_the_wire() -> None:
    answer = with_context(["PlanName"], setting(planNAME="pro")).handle(request())

    assert headers_of(answer)["ctx-planname"] == "pro"


@pytest.mark.parametrize("keys", [[1], ["foo", None], [b"foo"]])
def test_keys_must_be_strings(keys: list[Any]) -> None:
    with pytest.raises(TypeError, match=r"^All keys must be strings$"):
        with_context(keys, setting())


def test_single_text_is_not_a_list_of_keys() -> None:
    with pytest.raises(TypeError, match="list of keys"):
        with_context("foo", setting())


@pytest.mark.parametrize("key", ["", "a b", "a:b", "a\r\nb", "größe"])
def test_key_that_no_header_can_be_named_after_is_refused(key: str) -> None:
    if key:
        with pytest.raises(ValueError, match="name"):
            with_context([key], setting())
    else:
        with pytest.raises(ValueError, match="''"):
            with_context([key], setting())


def test_keys_that_wsgi_takes_for_one_cannot_both_be_declared() -> None:
    with pytest.raises(ValueError, match="tell key 'a-b' from another"):
        with_context(["a_b", "a-b"], setting())


@pytest.mark.parametrize(("value", "kind"), [(1, "int"), (None, "NoneType"), (b"x", "bytes"), (True, "bool")])
def test_values_must_be_strings(value: Any, kind: str) -> None:
    with pytest.raises(TypeError) as caught:
        with_context(["foo"], setting(foo=value)).handle(request())

    assert str(caught.value) == f"Value for foo must be a string, received {kind}"


SPOOFED = [
    (URL, ("ctx-foo", "x")),
    (URL, ("CTX-Foo", "x")),
    (f"{URL}&ctx-foo=x", None),
    ("https://app.example.com/?ctx%2Dfoo=x", None),
]
EMPTY = [(URL, ("ctx-foo", "")), (f"{URL}&ctx-foo=", None), (f"{URL}&ctx-foo", None)]
OTHER_SPELLINGS = [(URL, ("ctx_foo", "x")), (f"{URL}&ctx_foo=x", None), (f"{URL}&CTX-FOO=x", None)]
REPEATED = [
    (f"{URL}&a=1&a=2&b=&ctx-foo=x", None),
    (f"{URL}&ctx-foo=&ctx-foo=x", None),
    (f"{URL};ctx-foo=x", None),
]


def assert_blocked(url: str, header: tuple[str, str] | None) -> None:
    called: list[Any] = []
    passing = with_context(["bar", "foo"], lambda set_context, request: called.append(request))
    with pytest.raises(ContextSpoofed) as caught:
        passing.handle(request(url, *([header] if header else [])))
    assert str(caught.value) == "Key foo is being spoofed. Blocking this request."
    assert isinstance(caught.value, GreffierError)
    assert called == []


@pytest.mark.parametrize(("url", "header"), SPOOFED)
def test_request_that_brings_a_value_itself_is_blocked(
    url: str, header: tuple[str, str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "greffier.sdk"):
        assert_blocked(url, header)

    assert [record.getMessage() for record in caplog.records] == [
        "Key foo is being spoofed. Blocking this request. (GET)"
    ]


def test_spoofing_is_checked_before_the_middleware_runs() -> None:
    assert_blocked(URL, ("ctx-foo", "x"))  # which also checks that no server was called


@pytest.mark.parametrize(("url", "header"), EMPTY)
def test_an_empty_value_is_spoofed_too(url: str, header: tuple[str, str] | None) -> None:
    assert_blocked(url, header)


@pytest.mark.parametrize(("url", "header"), OTHER_SPELLINGS)
def test_other_spellings_of_a_name_are_spoofed_too(url: str, header: tuple[str, str] | None) -> None:
    assert_blocked(url, header)


@pytest.mark.parametrize(("url", "header"), REPEATED)
def test_every_repeated_value_is_checked(url: str, header: tuple[str, str] | None) -> None:
    assert_blocked(url, header)


def test_the_list_of_keys_is_not_changed_and_can_be_used_again() -> None:
    keys = ["Foo"]
    with_context(keys, setting())
    assert keys == ["Foo"]

    passing = with_context(keys, setting(foo="1"))
    keys.append("bar")

    assert headers_of(passing.handle(request()))["ctx-foo"] == "1"
    assert passing.allowed == {"ctx-foo"}


def test_a_spoofed_value_is_never_overridden_instead() -> None:
    passing = with_context(["foo"], setting(foo="ours"))

    with pytest.raises(ContextSpoofed):
        passing.handle(request(URL, ("ctx-foo", "theirs")))


def test_keys_that_are_not_declared_are_left_alone() -> None:
    answer = with_context(["foo"], setting()).handle(request(f"{URL}&ctx-bar=1", ("ctx-baz", "2")))

    assert answer.headers == (("x-middleware-next", "1"),)


async def test_without_a_value_the_response_passes_through_untouched() -> None:
    response = Response(b"\x00body", 203, {"x-middleware-rewrite": "/elsewhere", "X-Own": "1"})
    before = list(response.raw_headers)

    answer = await with_context(["foo"], setting(response)).handle_async(request())

    assert answer is response
    assert (answer.raw_headers, answer.body, answer.status_code) == (before, b"\x00body", 203)


@pytest.mark.parametrize(
    "response",
    [
        RedirectResponse("/sign-in"),
        WerkzeugResponse(status=302, headers={"Location": "/sign-in"}),
        Answer(307, (("Location", "/sign-in"),)),
    ],
    ids=["starlette", "werkzeug", "own"],
)
def test_redirects_are_not_changed(response: Any) -> None:
    before = list(dict(response.headers).items())

    answer = with_context(["foo"], setting(response, foo="bar")).handle(request())

    assert answer is response
    assert list(dict(answer.headers).items()) == before


@pytest.mark.parametrize(
    "target",
    [
        "https://other.example.com/orders",
        "http://app.example.com/orders",
        "https://app.example.com:8443/orders",
        "https://user@app.example.com/orders",
        "//other.example.com/orders",
    ],
)
def test_rewrites_to_another_origin_are_not_changed(target: str) -> None:
    response = PlainTextResponse("", headers={"x-middleware-rewrite": target})
    before = list(response.raw_headers)

    answer = with_context(["foo"], setting(response, foo="bar")).handle(request())

    assert answer.raw_headers == before


@pytest.mark.parametrize("make", [PlainTextResponse, WerkzeugResponse], ids=["starlette", "werkzeug"])
def test_values_go_on_the_headers_and_on_the_rewritten_url(make: Any) -> None:
    response = make("", headers={"X-Middleware-Rewrite": "https://app.example.com:443/shop?a=1&ctx-foo=old"})

    answer = with_context(["foo", "bar"], setting(response, foo="b a&r", bar="ü")).handle(request())

    assert (answer.headers["ctx-foo"], answer.headers["ctx-bar"]) == ("b a&r", "ü")
    rewritten = httpx.URL(answer.headers["x-middleware-rewrite"])
    assert (rewritten.host, rewritten.path) == ("app.example.com", "/shop")
    assert dict(rewritten.params) == {"a": "1", "ctx-foo": "b a&r", "ctx-bar": "ü"}


def test_a_middleware_that_returns_nothing_continues() -> None:
    quiet = with_context(["foo"], setting()).handle(request())
    telling = with_context(["foo"], setting(foo="bar")).handle(request())

    assert (quiet.status, quiet.headers) == (200, (("x-middleware-next", "1"),))
    assert headers_of(telling) == {
        "x-middleware-next": "1",
        "ctx-foo": "bar",
        "x-middleware-rewrite": f"{URL}&ctx-foo=bar",
    }


def test_request_that_knows_only_its_path_is_rewritten_to_a_path() -> None:
    answer = with_context(["foo"], setting(foo="bar")).handle({"headers": {}, "url": "/orders?page=2"})

    assert headers_of(answer)["x-middleware-rewrite"] == "/orders?page=2&ctx-foo=bar"


@pytest.mark.parametrize("value", ["a\r\nset-cookie: x=1", "a\x00b", " a", "a ", "\t", "日本"])
def test_what_a_header_cannot_carry_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="Value for foo cannot be sent in a header"):
        with_context(["foo"], setting(foo=value)).handle(request())


def test_values_that_are_too_large_are_refused_with_their_sizes() -> None:
    passing = with_context(["foo", "bar"], setting(foo="x" * 30, bar="ö" * 5), max_bytes=60)

    with pytest.raises(ValueError, match=r"take 78 bytes of headers and query; 60 are allowed"):
        passing.handle(request())
    with_context(["foo", "bar"], setting(foo="x" * 30, bar="ö" * 5), max_bytes=78).handle(request())


def test_value_can_be_set_again_and_the_last_one_counts() -> None:
    def middleware(set_context: Any, request: Any) -> None:
        for _ in range(100):
            set_context("foo", "x" * 3000)
        set_context("foo", "last")

    assert headers_of(with_context(["foo"], middleware).handle(request()))["ctx-foo"] == "last"


def test_value_that_comes_too_late_is_an_error() -> None:
    kept: list[Any] = []
    with_context(["foo"], lambda set_context, request: kept.append(set_context)).handle(request())

    with pytest.raises(RuntimeError, match="after the middleware had returned"):
        kept[0]("foo", "bar")


async def test_functions_that_the_middleware_calls_set_values_of_their_own_request() -> None:
    async def deeper(path: str) -> None:
        await asyncio.sleep(0)
        set_context("path", path)

    async def middleware(given: Any, request: AuthRequest) -> None:
        await deeper(request.path)

    passing = with_context(["path"], middleware)
    answers = await asyncio.gather(
        *(passing.handle_async(request(f"https://app.example.com/{number}")) for number in range(20))
    )

    assert [headers_of(answer)["ctx-path"] for answer in answers] == [f"/{number}" for number in range(20)]
    with pytest.raises(ConfigurationError, match="outside of a middleware"):
        set_context("path", "x")


async def test_concurrent_requests_never_see_one_anothers_values() -> None:
    async def middleware(set_context: Any, request: AuthRequest) -> None:
        set_context("path", request.path)
        await asyncio.sleep(0)
        set_context("again", request.path)

    passing = with_context(["path", "again"], middleware)
    answers = await asyncio.gather(
        *(passing.handle_async(request(f"https://app.example.com/{number}")) for number in range(50))
    )

    for number, answer in enumerate(answers):
        assert headers_of(answer)["ctx-path"] == headers_of(answer)["ctx-again"] == f"/{number}"
