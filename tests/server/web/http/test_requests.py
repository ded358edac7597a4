"""Reading of requests: the method in the query, bodies of every kind, slashes, versions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import TestServer


async def test_method_in_the_query_of_a_post_is_the_method(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    response = await browser.http.post("/v1/me?_method=PATCH", data={"first_name": "Ada"})

    assert response.json()["response"]["first_name"] == "Ada"


async def test_method_in_the_query_of_a_get_is_ignored(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    response = await browser.http.get("/v1/client/sessions?_method=DELETE")

    assert response.status_code == 405
    assert (await browser.token(client["last_active_session_id"])).status_code == 200


@pytest.mark.parametrize("query", ["_method=TRACE", "_method=PATCH&_method=DELETE", "_method="])
async def test_unknown_or_repeated_method_is_refused(server: TestServer, query: str) -> None:
    response = await server.browser().http.post(f"/v1/me?{query}")

    assert response.status_code == 400


BODIES: list[dict[str, Any]] = [
    {"data": {"email_address": "ada@example.com"}},
    {"files": {"email_address": (None, "ada@example.com")}},
    {"json": {"email_address": "ada@example.com"}},
    {
        "content": b"email_address=ada%40example.com",
        "headers": {"content-type": "text/plain;charset=UTF-8"},
    },
]


@pytest.mark.parametrize("body", BODIES, ids=["form", "multipart", "json", "text"])
async def test_bodies_of_every_kind_are_read(server: TestServer, body: dict[str, Any]) -> None:
    response = await server.browser().http.post("/v1/client/sign_ups", **body)

    assert response.json()["response"]["email_address"] == "ada@example.com"


@pytest.mark.parametrize("sent", ["application/json", "application/json; charset=utf-8"])
async def test_content_type_may_be_in_the_query_of_a_plain_text_body(server: TestServer, sent: str) -> None:
    """So that a page sends JSON without asking first: a content type of its own would cause a preflight."""
    browser = server.browser()

    response = await browser.http.post(
        "/v1/client/sign_ups",
        content=b'{"email_address": "ada@example.com"}',
        headers={"content-type": "text/plain;charset=UTF-8"},
        params={"_content_type": sent},
    )

    assert response.json()["response"]["email_address"] == "ada@example.com"


@pytest.mark.parametrize("kind", ["data", "json"])
async def test_authorization_may_be_a_form_value_or_a_json_attribute(server: TestServer, kind: str) -> None:
    native = server.browser(origin=None)
    token = (await native.http.post("/v1/client/sign_ups?_is_native=1")).headers["authorization"]

    async def attempt_seen_by(authorization: str) -> Any:
        body: Any = {kind: {"_authorization": authorization}}
        return (await native.http.post("/v1/client?_is_native=1", **body)).json()["response"]["sign_up"]

    assert await attempt_seen_by(token)
    assert await attempt_seen_by("no token") is None


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_authorization_in_the_query_is_refused(server: TestServer, method: str) -> None:
    response = await server.browser().http.request(method, "/v1/client?_authorization=hush-hush")

    assert response.status_code == 400
    assert "hush-hush" not in response.text


BROKEN: list[tuple[bytes, str]] = [
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'"text"', "application/json"),
    (b'{"first_name": "\\ud800"}', "application/json"),
    (b"\xff", "application/x-www-form-urlencoded"),
    (b"first_name=%ff", "application/x-www-form-urlencoded"),
    (b"nonsense", "multipart/form-data; boundary=x"),
    (b"nonsense", "multipart/form-data"),
]


@pytest.mark.parametrize(("content", "content_type"), BROKEN)
async def test_broken_body_is_a_clear_error(server: TestServer, content: bytes, content_type: str) -> None:
    response = await server.browser().http.post(
        "/v1/client/sign_ups", content=content, headers={"content-type": content_type}
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "request_body_invalid"


async def test_unknown_content_type_is_refused(server: TestServer) -> None:
    response = await server.browser().http.post(
        "/v1/client/sign_ups", content=b"x", headers={"content-type": "application/xml"}
    )

    assert response.status_code == 415


async def test_body_over_one_mebibyte_is_refused(server: TestServer) -> None:
    response = await server.browser().http.post(
        "/v1/client/sign_ups", data={"first_name": "x" * (1024 * 1024 + 1)}
    )

    assert response.status_code == 413


@pytest.mark.parametrize("content", [b"first_name=a%00b", json.dumps({"first_name": "a\0b"}).encode()])
async def test_nul_byte_is_refused(server: TestServer, content: bytes) -> None:
    kind = "application/json" if content.startswith(b"{") else "application/x-www-form-urlencoded"

    response = await server.browser().http.post(
        "/v1/client/sign_ups", content=content, headers={"content-type": kind}
    )

    assert response.status_code in (400, 422)


async def test_value_given_twice_is_refused(server: TestServer) -> None:
    response = await server.browser().http.post(
        "/v1/client/sign_ups",
        content=b"first_name=Ada&first_name=Eve",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert response.status_code == 422


@pytest.mark.parametrize("path", ["/v1/client/", "//v1//client", "/v1/client//"])
async def test_repeated_and_trailing_slashes_are_the_same_path(server: TestServer, path: str) -> None:
    response = await server.browser().http.get(f"http://localhost:8787{path}")

    assert response.status_code == 200


async def test_unknown_parameters_are_ignored(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ups", captcha_token="x", locale="en-US")

    assert response.status_code == 200


async def test_unknown_path_is_not_found(server: TestServer) -> None:
    response = await server.backend().http.get("/v1/nothing")

    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "resource_not_found"


async def test_other_method_names_the_ones_there_are(server: TestServer) -> None:
    response = await server.browser().http.post("/v1/environment")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, PATCH"


async def test_published_operation_that_is_not_built_says_so(server: TestServer) -> None:
    response = await server.browser().post("/v1/waitlist", email_address="ada@example.com")

    assert response.status_code == 501
    assert response.json()["errors"][0]["code"] == "not_implemented"
    assert "joinWaitlist" in response.text


@pytest.mark.parametrize("date", ["2026-08-20", "2099-12-31"])
async def test_version_after_the_newest_known_is_the_newest(server: TestServer, date: str) -> None:
    browser = server.browser(version=date)
    client = await browser.sign_up()

    assert client["sessions"][0]["tasks"] is None


@pytest.mark.parametrize("date", ["2025-04-11", "2020-01-01", "yesterday", "2026-13-01", ""])
async def test_version_that_never_was_is_refused(server: TestServer, date: str) -> None:
    response = await server.browser().http.get(f"/v1/client?__clerk_api_version={date}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "api_version_invalid"


async def test_version_given_twice_is_refused(server: TestServer) -> None:
    response = await server.browser().http.get(
        "/v1/client?__clerk_api_version=2026-05-12", headers={"clerk-api-version": "2026-05-12"}
    )

    assert response.status_code == 400


async def test_sdk_without_versions_speaks_the_oldest(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    client = (await browser.http.get("/v1/client")).json()["response"]

    assert "tasks" not in client["sessions"][0]


async def test_malformed_host_is_refused(server: TestServer) -> None:
    response = await server.browser().http.get("/v1/client", headers={"host": "a b"})

    assert response.status_code == 400


@pytest.mark.parametrize("depth", [300, 800, 5000])
@pytest.mark.parametrize("inner", ['"\\u0000"', "1"])
@pytest.mark.parametrize("opened", ["[", '{"a":'])
async def test_deeply_nested_body_is_refused_and_no_crash(
    server: TestServer, caplog: pytest.LogCaptureFixture, depth: int, inner: str, opened: str
) -> None:
    closed = "]" if opened == "[" else "}"
    body = f'{{"public_metadata": {opened * depth}{inner}{closed * depth}}}'
    headers = {"content-type": "application/json"}

    by_backend = await server.backend().http.post("/v1/users", content=body, headers=headers)
    by_browser = await server.browser().http.post("/v1/client/sign_ups", content=body, headers=headers)
    embedded = await server.browser().post("/v1/client/sign_ups", unsafe_metadata=body)

    assert by_backend.status_code == by_browser.status_code == 400
    assert embedded.status_code == 422
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_body_that_breaks_off_is_not_taken_for_the_whole(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()
    sent: list[Any] = []
    messages = iter(
        [
            {"type": "http.request", "body": b"first_name=Ada&last_name=Love", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    cookie = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    headers = {
        "host": "localhost:8787",
        "origin": "http://localhost:3000",
        "content-type": "application/x-www-form-urlencoded",
        "cookie": cookie,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/me",
        "query_string": b"_method=PATCH",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.7", 4711),
    }
    await server.app(scope, receive, send)

    assert sent[0]["status"] == 400
    assert (await browser.get("/v1/me")).json()["response"]["last_name"] is None


@pytest.mark.parametrize("path", ["/v1/nonsense", "/v1/client/nonsense", "/oauth/nonsense", "/v1/me/x/y/z"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_path_of_neither_api_is_not_found_and_asks_for_no_key(
    server: TestServer, method: str, path: str
) -> None:
    response = await server.browser().http.request(method, path)

    assert error_of(response)[:2] == (404, "resource_not_found")
    assert response.headers["access-control-allow-origin"]


@pytest.mark.parametrize("path", ["/v1/users", "/v1/jwt_templates", "/v1/users/count"])
async def test_path_of_the_backend_api_asks_for_a_key(server: TestServer, path: str) -> None:
    assert (await server.browser().http.get(path)).status_code == 401
