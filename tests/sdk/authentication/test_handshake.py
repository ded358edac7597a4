"""The trips of a browser: handshake, satellites, refresh; and what must not come of them."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from greffier.sdk.errors import HandshakeError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.tokens.jwt import CATEGORY_M2M
from tests.sdk.instances import NOW, Instance, signing_key
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.requests import DEVELOPMENT, PRODUCTION, authenticate, cookies, page

UAT = str(NOW - 60)


def dev_page(url: str, **more: str) -> AuthRequest:
    return page(url, cookie=cookies(__clerk_db_jwt="dvb_1", **more))


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@evil.example",
        "https://evil.example\\@sat.example",
        "https://evil.example\r\nx: y",
        "https:///evil.example",
        "sat.example",
        "",
    ],
)
def test_a_malformed_satellite_url_is_no_open_redirect(target: str) -> None:
    state = authenticate(
        dev_page(f"http://localhost:3000/?__clerk_redirect_url={quote(target, safe='')}"), DEVELOPMENT
    )
    assert state.reason != "primary-responds-to-syncing"
    assert state.location is None


def test_the_origins_of_satellites_can_be_named() -> None:
    url = "http://localhost:3000/?__clerk_redirect_url=http%3A%2F%2Fsat.example%2Fx%3Fa%3Db"
    state = authenticate(dev_page(url), DEVELOPMENT)
    assert state.location == "http://sat.example/x?a=b&__clerk_db_jwt=dvb_1&__clerk_synced=true"
    named = authenticate(dev_page(url), DEVELOPMENT, redirect_origins=["http://other.example"])
    assert named.location is None
    assert authenticate(page(url.replace("http:", "https:")), PRODUCTION).location is None


def production_handshake(*directives: object, header: dict[str, Any] | None = None) -> AuthRequest:
    return page(cookie=cookies(__clerk_handshake=PRODUCTION.sign({"handshake": list(directives)}, header)))


def test_the_last_session_directive_is_the_session() -> None:
    first, last = PRODUCTION.token(sub="user_first"), PRODUCTION.token(sub="user_last")
    state = authenticate(production_handshake(f"__session={first}; Path=/", f"__session_x={last}; Path=/"))
    assert state.to_auth().user_id == "user_last"


@pytest.mark.parametrize(
    "header", [{"cat": CATEGORY_M2M}, {"typ": "at+jwt"}, {"alg": "none"}, {"alg": "HS256"}]
)
def test_another_token_in_place_of_a_handshake_is_refused(header: dict[str, Any]) -> None:
    session = f"__session={PRODUCTION.token()}; Path=/"
    state = authenticate(production_handshake(session, header=header))
    assert (state.status, state.headers) == ("signed-out", ())


def test_a_session_token_is_no_handshake() -> None:
    state = authenticate(page(cookie=cookies(__clerk_handshake=PRODUCTION.token())))
    assert (state.status, state.reason) == ("signed-out", "session-token-missing")


@pytest.mark.parametrize(
    "session",
    ["x.y.z", "nonsense", PRODUCTION.token(iss="https://evil.example"), PRODUCTION.token(sub="mch_1")],
)
def test_a_handshake_with_a_session_that_is_refused_brings_nothing(session: str) -> None:
    state = authenticate(production_handshake(f"__session={session}; Path=/", "__client_uat=5; Path=/"))
    assert (state.status, state.reason, state.headers) == ("signed-out", "session-token-and-uat-missing", ())


def test_in_development_a_handshake_of_other_keys_tells_the_developer() -> None:
    stranger = Instance(DEVELOPMENT.host, live=False, key=signing_key(1))
    token = stranger.sign({"handshake": []})
    with pytest.raises(HandshakeError, match="switched keys"):
        authenticate(dev_page(f"http://localhost:3000/?__clerk_handshake={token}"), DEVELOPMENT)


def test_in_development_clocks_may_differ_by_a_day_at_a_handshake() -> None:
    session = DEVELOPMENT.token(now=NOW + 80_000)
    token = DEVELOPMENT.sign({"handshake": [f"__session={session}; Path=/"]})
    url = f"http://localhost:3000/?__clerk_handshake={token}"
    assert authenticate(dev_page(url), DEVELOPMENT).is_signed_in
    tomorrow = DEVELOPMENT.token(now=NOW + 90_000)
    token = DEVELOPMENT.sign({"handshake": [f"__session={tomorrow}; Path=/"]})
    assert not authenticate(
        dev_page(f"http://localhost:3000/?__clerk_handshake={token}"), DEVELOPMENT
    ).is_signed_in


def test_the_handshake_takes_a_relative_proxy_url_from_the_request() -> None:
    request = page(
        "http://localhost:3000/a?b=c", x_forwarded_host="app.example.com", x_forwarded_proto="https"
    )
    state = authenticate(request, DEVELOPMENT, proxy_url="/__clerk")
    location = urlsplit(state.location or "")
    assert location._replace(query="").geturl() == "https://app.example.com/__clerk/v1/client/handshake"
    assert parse_qs(location.query)["redirect_url"] == ["https://app.example.com/a?b=c"]


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE"])
def test_only_pages_being_read_are_sent_to_a_handshake(method: str) -> None:
    state = authenticate(page(method=method, cookie=cookies(__client_uat=UAT)))
    assert (state.status, state.reason) == ("signed-out", "client-uat-but-no-session-token")


def expired(**more: str) -> AuthRequest:
    token = PRODUCTION.token(now=NOW - 600)
    return page(cookie=cookies(__session=token, __client_uat=str(NOW - 700), **more))


REFRESH = f"__refresh_{PRODUCTION.suffix}"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 401, "body": {"errors": [{"code": "session_revoked"}]}}, "session_revoked"),
        ({"status": 500, "body": {"errors": [{"code": "unexpected_error"}]}}, "fetch-error"),
        ({"status": 500, "body": {}}, "unexpected-bapi-error"),
        ({"status": 200, "body": {"cookies": []}}, "unexpected-sdk-error"),
        ({"status": 200, "body": {"cookies": ["__session=x; Path=/"]}}, "invalid-session-token"),
        ({"status": 200, "body": {"cookies": "x"}}, "unexpected-sdk-error"),
    ],
)
def test_a_refresh_that_fails_says_why(answer: dict[str, Any], why: str) -> None:
    backend = RecordedBackend({"POST /v1/sessions/sess_1/refresh": answer})
    state = authenticate(expired(**{REFRESH: "rt_1"}), backend=backend)
    assert (state.status, state.reason) == ("handshake", f"session-token-expired-refresh-{why}")


def test_a_refresh_without_network_or_secret_key_says_so() -> None:
    backend = RecordedBackend({})
    backend.is_down = True
    request = expired(**{REFRESH: "rt_1"})
    assert (authenticate(request, backend=backend).reason or "").endswith("-fetch-error")
    assert (authenticate(request).reason or "").endswith("-missing-api-client")


def test_a_session_id_cannot_leave_its_place_in_the_url() -> None:
    token = PRODUCTION.token(now=NOW - 600, sid="../users/user_1?x=")
    backend = RecordedBackend({})
    request = page(cookie=cookies(**{"__session": token, "__client_uat": str(NOW - 700), REFRESH: "rt_1"}))
    authenticate(request, backend=backend)
    assert backend.calls() == ["POST /v1/sessions/..%2Fusers%2Fuser_1%3Fx%3D/refresh"]
