"""`Location` is ASCII for every URL, and the browser comes back to the very same URL."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.urls import ascii_url, url_with
from tests.sdk.apps import DEVELOPMENT, DOCUMENT, ORIGIN, PRODUCTION, browser, protected
from tests.sdk.requests import authenticate, cookies, page

KEPT = "/a%2Fb;v=1/[x]/%e9%E9?flag&empty=&q=1&q=2&q=1&z=%E9&a=b+c&%5B%5D=[]'(~)*"


@pytest.mark.parametrize("cookie", [{}, {"__client_uat": "5"}])
async def test_url_comes_back_byte_for_byte(cookie: dict[str, str]) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "raw_path": KEPT.partition("?")[0].encode(),
        "query_string": KEPT.partition("?")[2].encode(),
        "headers": [(b"host", b"app.example.com"), (b"sec-fetch-dest", b"document")]
        + [(b"cookie", f"{name}={value}".encode()) for name, value in cookie.items()],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await protected(public_routes=[])(scope, None, send)  # type: ignore[arg-type]

    location = dict(sent[0]["headers"])[b"location"].decode("ascii")
    assert parse_qs(urlsplit(location).query)["redirect_url"] == [f"{ORIGIN}{KEPT}"]


@pytest.mark.parametrize(
    ("raw", "encoded"),
    [
        ("/日本".encode(), "/%E6%97%A5%E6%9C%AC"),
        (b"/\xe9", "/%E9"),
        ("/é?ü=ö".encode(), "/%C3%A9?%C3%BC=%C3%B6"),
        (b"/a b\r\nset-cookie:x", "/a%20b%0D%0Aset-cookie:x"),
    ],
)
def test_bytes_beyond_ascii_are_encoded_once(raw: bytes, encoded: str) -> None:
    assert ascii_url(raw) == ascii_url(ascii_url(raw)) == encoded
    scope = {
        "path": "/",
        "raw_path": raw.partition(b"?")[0],
        "query_string": raw.partition(b"?")[2],
        "headers": [],
    }
    assert AuthRequest.from_asgi(scope).url == f"http://localhost{encoded}"
    environ = {
        "PATH_INFO": raw.partition(b"?")[0].decode("latin-1"),
        "QUERY_STRING": raw.partition(b"?")[2].decode("latin-1"),
    }
    assert AuthRequest.from_environ(environ).url.lower() == f"http://localhost{encoded}".lower()


def test_text_beyond_ascii_is_encoded_as_browsers_do() -> None:
    assert ascii_url("/日本?é") == "/%E6%97%A5%E6%9C%AC?%C3%A9"
    assert url_with("/anmelden/ü?flag&a=", [("x", "ö")]) == "/anmelden/%C3%BC?flag&a=&x=%C3%B6"


async def test_sign_in_page_beyond_ascii_is_reached() -> None:
    async with browser(protected(sign_in_url="/einstieg/日本")) as client:
        answer = await client.get("/reports", headers=DOCUMENT)

    assert answer.headers["location"].startswith(f"{ORIGIN}/einstieg/%E6%97%A5%E6%9C%AC?redirect_url=")


def test_satellite_beyond_ascii_is_reached() -> None:
    url = "http://localhost:3000/?__clerk_redirect_url=http%3A%2F%2Fsat.example%2F%E6%97%A5%3Fflag%26a%3D"
    request = page(url, cookie=cookies(__clerk_db_jwt="dvb_1"))

    location = authenticate(request, DEVELOPMENT).location or ""

    assert location.startswith("http://sat.example/%E6%97%A5?flag&a=&__clerk_db_jwt=dvb_1")


async def test_development_handshake_ends_at_the_same_url() -> None:
    now = int(time.time())
    session = f"__session={DEVELOPMENT.token(now=now)}; Path=/"
    token = DEVELOPMENT.sign({"handshake": [session, f"__client_uat={now - 60}; Path=/"]})
    async with browser(protected(DEVELOPMENT), __clerk_db_jwt="dvb_1") as client:
        answer = await client.get(f"/x?flag&a=&q=%E9&q=2&__clerk_handshake={token}", headers=DOCUMENT)

    assert answer.headers["location"] == f"{ORIGIN}/x?flag&a=&q=%E9&q=2"
    assert PRODUCTION.host
