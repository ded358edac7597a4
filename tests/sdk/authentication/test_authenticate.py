"""Authenticating requests: rules that the published table has no row for, and what must never happen."""

import builtins
import os
import subprocess
from typing import Any

import pytest

from greffier.sdk.authentication.authenticate import Authenticator
from greffier.sdk.authentication.request_state import AuthStatus, RequestState
from greffier.sdk.options import AuthOptions
from tests.sdk.instances import NOW, Instance, signing_key
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.requests import PRODUCTION, authenticate, bearer, cookies, page


def test_a_token_is_accepted_from_all_issuers_of_the_instance() -> None:
    proxied: dict[str, Any] = {"proxy_url": "https://app.example/__clerk"}
    assert authenticate(bearer(PRODUCTION.token(iss="https://app.example/__clerk")), **proxied).is_signed_in
    assert authenticate(bearer(PRODUCTION.token()), **proxied).is_signed_in
    satellite: dict[str, Any] = {"is_satellite": True, "domain": "sat.example"}
    assert authenticate(bearer(PRODUCTION.token(iss="https://clerk.sat.example")), **satellite).is_signed_in
    assert authenticate(bearer(PRODUCTION.token()), **satellite).is_signed_in
    assert authenticate(
        bearer(PRODUCTION.token(iss="https://x.example")), issuers="https://x.example"
    ).is_signed_in


@pytest.mark.parametrize(
    "iss", [None, "https://clerk.other.example", "clerk.example.com", ["https://clerk.example.com"]]
)
def test_a_token_of_another_issuer_is_refused(iss: object) -> None:
    assert authenticate(bearer(PRODUCTION.token(iss=iss))).reason == "token-invalid-issuer"


def test_keys_are_fetched_from_the_frontend_api_when_there_is_no_secret_key() -> None:
    backend = RecordedBackend(
        {"GET /.well-known/jwks.json": {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}}
    )
    options = AuthOptions(publishable_key=PRODUCTION.publishable_key)
    authenticator = Authenticator(options, transport=backend, clock=lambda: NOW)
    assert authenticator.authenticate(bearer(PRODUCTION.token())).is_signed_in
    assert backend.requests[0].url == "https://clerk.example.com/.well-known/jwks.json"
    assert "Authorization" not in backend.requests[0].headers


async def test_the_secret_key_is_sent_to_where_the_key_points_and_nowhere_else() -> None:
    backend = RecordedBackend({"GET /v1/jwks": {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}})
    options = AuthOptions(publishable_key=PRODUCTION.publishable_key, secret_key=PRODUCTION.secret_key)
    authenticator = Authenticator(options, transport=backend, clock=lambda: NOW)
    assert (await authenticator.verify_token_async(PRODUCTION.token()))["sub"] == "user_1"
    assert authenticator.verify_token(PRODUCTION.token())["sub"] == "user_1"
    assert [request.url for request in backend.requests] == ["https://clerk.example.com/v1/jwks"]


def test_keys_of_the_hosted_service_use_its_backend_api() -> None:
    hosted = Instance("amber-ant-10.clerk.accounts.dev", live=False)
    options = AuthOptions(publishable_key=hosted.publishable_key)
    assert options.backend_api_url() == "https://api.clerk.com"


def test_a_signed_out_app_without_a_network_still_answers() -> None:
    backend = RecordedBackend({})
    backend.is_down = True
    state = authenticate(bearer(PRODUCTION.token()), backend=backend, jwt_key=None)
    assert (state.status, state.reason) == ("signed-out", "jwk-remote-failed-to-load")


UAT = str(NOW - 60)


@pytest.mark.parametrize(
    "header",
    ["bearer x", "BEARER x", "Basic dXNlcjpwYXNz", "Token x", " ", "Digest a b c"],
)
def test_other_authorization_schemes_are_not_looked_at(header: str) -> None:
    request = page(authorization=header, cookie=cookies(__session=PRODUCTION.token(), __client_uat=UAT))
    assert authenticate(request).to_auth().user_id == "user_1"


def test_of_two_cookies_of_one_name_the_first_counts() -> None:
    own, tossed = PRODUCTION.token(sub="user_own"), PRODUCTION.token(sub="user_tossed")
    request = page(cookie=f"__session={own}; __client_uat={UAT}; __session={tossed}; __client_uat=0")
    assert authenticate(request).to_auth().user_id == "user_own"


def test_cookies_of_another_instance_are_not_believed() -> None:
    other = Instance("clerk.other.example", live=True, key=signing_key(1))
    suffix = PRODUCTION.suffix
    request = page(
        cookie=cookies(
            **{
                "__session": other.token(),
                "__client_uat": UAT,
                f"__session_{suffix}": PRODUCTION.token(),
                f"__client_uat_{suffix}": UAT,
                f"__session_{other.suffix}": other.token(sub="user_other"),
                f"__client_uat_{other.suffix}": UAT,
            }
        )
    )
    assert authenticate(request).to_auth().user_id == "user_1"


@pytest.mark.parametrize("uat", ["", "abc", "-1", "9" * 5000, "1e9", "0x10", "NaN"])
def test_a_strange_client_uat_is_no_error(uat: str) -> None:
    state = authenticate(page(cookie=cookies(__session=PRODUCTION.token(), __client_uat=uat)))
    assert state.status in ("signed-in", "handshake")


@pytest.mark.parametrize("count", ["3", "4", "99", "9" * 5000])
def test_a_browser_that_went_in_circles_is_signed_out(count: str) -> None:
    request = page(cookie=cookies(__client_uat=UAT, __clerk_redirect_count=count))
    state = authenticate(request)
    assert (state.status, state.reason) == ("signed-out", "client-uat-but-no-session-token")
    assert state.location is None


@pytest.mark.parametrize("count", ["-5", "abc", "", "0"])
def test_a_strange_redirect_count_starts_anew(count: str) -> None:
    state = authenticate(page(cookie=cookies(__client_uat=UAT, __clerk_redirect_count=count)))
    assert ("set-cookie", "__clerk_redirect_count=1; SameSite=Lax; HttpOnly; Max-Age=2") in state.headers


def test_a_cookie_request_is_authenticated_without_input_or_output(
    no_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`benchmarks/sdk_verification.py` measures the time that it takes."""
    options = AuthOptions(publishable_key=PRODUCTION.publishable_key, jwt_key=PRODUCTION.pem)
    authenticator = Authenticator(options, clock=lambda: NOW)
    requests = [
        page(cookie=cookies(__session=PRODUCTION.token(sub=f"user_{number}"), __client_uat=UAT))
        for number in range(2)
    ]
    assert authenticator.authenticate(requests[0]).is_signed_in  # loads what is loaded once
    for name in ("open", "read", "write", "stat", "fsync"):
        monkeypatch.setattr(os, name, None)
    monkeypatch.setattr(builtins, "open", None)
    monkeypatch.setattr(subprocess, "Popen", None)

    state = authenticator.authenticate(requests[1])

    assert state.to_auth().user_id == "user_1"


def test_plain_cookies_of_another_instance_count_as_none() -> None:
    other = Instance("clerk.other.example", live=True, key=signing_key(1))
    state = authenticate(page(cookie=cookies(__session=other.token(), __client_uat=UAT)))
    assert (state.status, state.reason) == ("signed-out", "session-token-and-uat-missing")


def test_debug_headers_hold_nothing_that_could_start_a_header() -> None:
    reason, message = "x\r\nset-cookie: a=b", "ü\x00\n" * 1000
    state = RequestState(status=AuthStatus.SIGNED_OUT, reason=reason, message=message)
    for _, value in state.debug_headers():
        assert value.isascii()
        assert value.isprintable()
        assert len(value) <= 500
