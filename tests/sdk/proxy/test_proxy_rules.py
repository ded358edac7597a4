"""A proxy of the Frontend API, by what it adds and passes on: headers, paths, addresses, redirects."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.keys import encode_publishable_key
from greffier.sdk.proxy.rules import ProxyRules

LIVE = encode_publishable_key("clerk.example.com", live=True)
TEST = encode_publishable_key("clerk.example.localhost")


def rules(**settings: Any) -> ProxyRules:
    given = {"publishable_key": LIVE, "secret_key": "sk_live_secret", **settings}
    return ProxyRules(**given)


def test_secret_key_is_not_shown() -> None:
    assert "sk_live_secret" not in repr(rules())


@pytest.mark.parametrize(
    "settings",
    [
        {"target": "clerk.example.com"},
        {"target": "ftp://clerk.example.com"},
        {"target": "https://clerk.example.com/?a=1"},
        {"path": "/"},
        {"public_url": "/__clerk"},
        {"trusted_proxies": ["10.0.0.0/40"]},
        {"trusted_proxies": "10.0.0.1"},
        {"secret_key": "sk_test_other"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        rules(**settings)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/__clerk/v1/client", "/v1/client?a=1"),
        ("/__clerk", "/?a=1"),
        ("/__clerk//v1", "//v1?a=1"),
        ("/__clerk/v1/a%2Fb", "/v1/a%2Fb?a=1"),
        ("/__clerkx/v1", None),
        ("/v1/client", None),
        ("/__clerk/../v1", None),
        ("/__clerk/v1/%2e%2E/v2", None),
        ("/__clerk/./v1", None),
    ],
)
def test_only_what_is_below_the_path_is_passed_on(path: str, target: str | None) -> None:
    found = rules().target_of(path, ["/__clerk"], "a=1")

    assert found == (None if target is None else ("/__clerk", target))


def test_target_may_be_in_a_folder() -> None:
    inside = rules(target="http://localhost:8787/auth/")

    assert inside.target_of("/__clerk/v1", ["/__clerk"], "") == ("/__clerk", "/auth/v1")


@pytest.mark.parametrize(
    "origin", ["https://example.com", "https://app.example.com", "https://a.b.example.com"]
)
def test_hosts_on_the_domain_of_the_instance_are_its_own(origin: str) -> None:
    assert rules().url_for(origin, "/__clerk") == f"{origin}/__clerk"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://evilexample.com", "https://example.com.evil"]
)
def test_foreign_host_is_not_told_to_a_production_instance(origin: str) -> None:
    assert rules().url_for(origin, "/__clerk") is None
    assert (
        rules(public_url="https://own.example/auth/").url_for(origin, "/__clerk")
        == "https://own.example/auth"
    )
    development = rules(publishable_key=TEST, secret_key="sk_test_1")
    assert development.url_for(origin, "/__clerk") == f"{origin}/__clerk"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded_for", "client"),
    [
        ([], "203.0.113.9", "1.1.1.1", "203.0.113.9"),
        (["10.0.0.0/8"], "203.0.113.9", "1.1.1.1", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        (["10.0.0.0/8"], "", "203.0.113.9", "203.0.113.9"),
        ([], "", "203.0.113.9", ""),
    ],
)
def test_the_browsers_address_is_read_as_far_as_proxies_are_trusted(
    trusted: list[str], peer: str, forwarded_for: str, client: str
) -> None:
    assert rules(trusted_proxies=trusted).client_address(peer, forwarded_for) == client


def test_who_the_proxy_is_is_said_by_the_proxy_alone() -> None:
    sent = rules().request_headers(
        [
            ("host", "app.example.com"),
            ("Cookie", "__client=1"),
            ("Accept-Encoding", "br"),
            ("clerk-proxy-url", "https://evil.example"),
            ("Clerk-Secret-Key", "sk_live_other"),
            ("clerk_secret_key", "sk_live_other"),
            ("X_Forwarded_For", "1.1.1.1"),
            ("x-forwarded-for", "1.1.1.1"),
            ("X-Forwarded-Host", "evil.example"),
            ("Forwarded", "for=1.1.1.1"),
            ("Connection", "keep-alive, X-Private"),
            ("x-private", "1"),
            ("TE", "trailers"),
            ("Upgrade", "h2c"),
            ("Proxy-Authorization", "Basic x"),
            ("Content-Length", "5"),
            ("Transfer-Encoding", "chunked"),
        ],
        proxy_url="https://app.example.com/__clerk",
        client="203.0.113.9",
    )

    assert sent == [
        ("Host", "clerk.example.com"),
        ("Cookie", "__client=1"),
        ("Accept-Encoding", "identity"),
        ("Clerk-Proxy-Url", "https://app.example.com/__clerk"),
        ("Clerk-Secret-Key", "sk_live_secret"),
        ("X-Forwarded-For", "203.0.113.9"),
        ("X-Forwarded-Host", "app.example.com"),
        ("X-Forwarded-Proto", "https"),
    ]


def test_host_may_differ_from_the_one_that_is_asked() -> None:
    internal = rules(target="http://10.0.0.5:8787", host="clerk.example.com")
    sent = internal.request_headers([], proxy_url="https://example.com/__clerk", client="1.2.3.4")

    assert sent[0] == ("Host", "clerk.example.com")


@pytest.mark.parametrize(
    ("location", "seen"),
    [
        ("http://10.0.0.5:8787/auth/v1/verify?a=1#b", "https://app.example.com/__clerk/v1/verify?a=1#b"),
        ("https://clerk.example.com/v1/verify", "https://app.example.com/__clerk/v1/verify"),
        ("/auth/v1/verify", "https://app.example.com/__clerk/v1/verify"),
        ("/elsewhere", "/elsewhere"),
        ("/__clerk/sign-in", "/__clerk/sign-in"),
        ("https://app.example.com/dashboard", "https://app.example.com/dashboard"),
        ("https://accounts.google.com/o/oauth2", "https://accounts.google.com/o/oauth2"),
        ("https://clerk.example.com.evil/v1", "https://clerk.example.com.evil/v1"),
        ("https://clerk.example.com@evil.example/", "https://clerk.example.com@evil.example/"),
    ],
)
def test_redirects_to_the_frontend_api_go_through_the_proxy(location: str, seen: str) -> None:
    behind = rules(target="http://10.0.0.5:8787/auth")

    sent = behind.response_headers([("Location", location)], proxy_url="https://app.example.com/__clerk")

    assert sent == [("Location", seen)]


def test_every_cookie_is_passed_on_and_nothing_of_the_connection() -> None:
    sent = rules().response_headers(
        [
            ("Set-Cookie", "a=1"),
            ("Connection", "close"),
            ("Set-Cookie", "b=2"),
            ("Keep-Alive", "timeout=5"),
            ("Transfer-Encoding", "chunked"),
        ],
        proxy_url="https://app.example.com/__clerk",
    )

    assert sent == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


def test_secret_over_plain_http_to_another_machine_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    for local in ("http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://10.0.0.5"):
        rules(target=local)
    assert caplog.records == []

    rules(target="http://10.0.0.5:8787")
    assert "plain http" in caplog.text
    assert "sk_live_secret" not in caplog.text
