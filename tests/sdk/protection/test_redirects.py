"""Sending visitors away, and back only to where it is safe."""

import pytest

from greffier.sdk.authentication.visit import Visit
from greffier.sdk.http.urls import is_safe_redirect, join_origin, origin_of, query_without, url_with
from greffier.sdk.options import AuthOptions
from greffier.sdk.protection.redirects import safe_return_url, sign_in_location, sign_in_url
from tests.sdk.requests import DEVELOPMENT, PRODUCTION, authenticator, cookies, page

ORIGIN = "https://app.example.com"
OPTIONS = AuthOptions(publishable_key=PRODUCTION.publishable_key)

EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "https://app.example.com@evil.example",
    "https://app.example.com:x@evil.example",
    "https://app.example.com\\@evil.example",
    "https://app.example.com.evil.example",
    "https://evil.example#app.example.com",
    "https://evil.example?app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://app.example.com",
    "https://app.example.com\r\nx: y",
    "/a\r\nx: y",
    "/a\\b",
    "a/b",
    "",
]


@pytest.mark.parametrize("url", EVIL)
def test_an_unsafe_way_back_is_refused(url: str) -> None:
    assert safe_return_url(OPTIONS, ORIGIN, url) is None


@pytest.mark.parametrize(
    ("url", "back"),
    [
        ("/a?b=c", f"{ORIGIN}/a?b=c"),
        ("/", f"{ORIGIN}/"),
        (f"{ORIGIN}/a#b", f"{ORIGIN}/a"),
        ("HTTPS://APP.example.com:443/a", "HTTPS://APP.example.com:443/a"),
        ("/a?__clerk_handshake=x&b=%20&__clerk_db_jwt=y&__clerk_synced=true", f"{ORIGIN}/a?b=%20"),
    ],
)
def test_a_way_back_on_the_own_origin_is_kept(url: str, back: str) -> None:
    assert safe_return_url(OPTIONS, ORIGIN, url) == back


def test_other_origins_can_be_allowed() -> None:
    options = AuthOptions(
        publishable_key=PRODUCTION.publishable_key, redirect_origins=["https://www.example.com"]
    )
    assert safe_return_url(options, ORIGIN, "https://www.example.com/a") == "https://www.example.com/a"
    assert safe_return_url(options, ORIGIN, "https://evil.example/a") is None


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "https://accounts.example.com/sign-in"),
        ({"sign_in_url": "/login"}, f"{ORIGIN}/login"),
        ({"sign_in_url": "https://login.example.com/x"}, "https://login.example.com/x"),
        ({"proxy_url": "http://localhost:8100"}, "http://localhost:8100/sign-in"),
        ({"proxy_url": "/__clerk"}, f"{ORIGIN}/__clerk/sign-in"),
    ],
)
def test_the_sign_in_page_is_found(settings: dict[str, str], url: str) -> None:
    assert sign_in_url(AuthOptions(publishable_key=PRODUCTION.publishable_key, **settings), ORIGIN) == url  # type: ignore[arg-type]


def visit(url: str, **settings: object) -> Visit:
    return authenticator(PRODUCTION, **settings).visit(page(url))


def test_an_unsafe_way_back_is_left_out_of_the_redirect() -> None:
    here = visit(f"{ORIGIN}/a")
    assert sign_in_location(here, return_to="https://evil.example/") == "https://accounts.example.com/sign-in"
    assert sign_in_location(here, return_to="/b").endswith("?redirect_url=https%3A%2F%2Fapp.example.com%2Fb")


def test_a_query_of_the_sign_in_page_is_kept() -> None:
    location = sign_in_location(visit(f"{ORIGIN}/a", sign_in_url="/login?theme=dark&redirect_url=x"))
    assert location == f"{ORIGIN}/login?theme=dark&redirect_url=https%3A%2F%2Fapp.example.com%2Fa"


def test_a_visitor_of_a_satellite_comes_back_to_be_synchronized() -> None:
    here = visit(f"{ORIGIN}/a?b=c", is_satellite=True, domain="app.example.com")
    assert sign_in_location(here).endswith("a%3Fb%3Dc%26__clerk_synced%3Dfalse")


def test_the_dev_browser_is_taken_to_other_origins_in_development_only() -> None:
    def location(instance: object, sign_in: str) -> str:
        request = page(f"{ORIGIN}/a", cookie=cookies(__clerk_db_jwt="dvb_1"))
        return sign_in_location(authenticator(instance, sign_in_url=sign_in).visit(request))  # type: ignore[arg-type]

    assert "__clerk_db_jwt=dvb_1" in location(DEVELOPMENT, "https://login.example.com")
    assert "__clerk_db_jwt" not in location(DEVELOPMENT, "/login")
    assert "__clerk_db_jwt" not in location(PRODUCTION, "https://login.example.com")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example:443/x", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("HTTP://A.Example:8080/x?y#z", "http://a.example:8080"),
        ("https://[::1]:3000/", "https://[::1]:3000"),
        ("https://a.example?x", "https://a.example"),
        ("ftp://a.example", None),
        ("https://", None),
        ("https://a.example:99999999/", None),
        ("/a", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
    assert is_safe_redirect(url) is (origin is not None)


def test_urls_are_changed_without_touching_the_rest() -> None:
    assert url_with("https://a.example/b?c=%20&d#e", [("f", "g h")]) == "https://a.example/b?c=%20&d&f=g+h#e"
    assert url_with("https://a.example/b?c=1&c=2", [("c", "3")]) == "https://a.example/b?c=3"
    assert url_with("https://a.example/b", []) == "https://a.example/b"
    assert query_without("a=1&%61=2&b=%2f", ["a"]) == "b=%2f"
    assert join_origin("http", "A.example:443") == "http://a.example:443"
