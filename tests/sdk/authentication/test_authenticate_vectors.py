"""Every row of the published behaviour table of authenticating a request."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from greffier.sdk.authentication.authenticate import Authenticator
from greffier.sdk.authentication.request_state import RequestState
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.options import AuthOptions
from tests.sdk.published_words import described, options_in_their_words
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.shared_vectors import read_vectors, rows

TABLE = "authenticate_request.json"


def table() -> dict[str, Any]:
    vectors = read_vectors(TABLE)
    assert vectors is not None
    return vectors


def options_of(row: dict[str, Any]) -> AuthOptions:
    instance = table()["instances"][row["instance"]]
    return options_in_their_words(row["options"], publishable_key=instance["pk"], secret_key=instance["sk"])


def request_of(row: dict[str, Any]) -> AuthRequest:
    request = row["request"]
    headers = dict(request["headers"])
    if request["cookies"]:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in request["cookies"].items())
    return AuthRequest.from_url(request["method"], request["url"], headers.items())


def authenticate(row: dict[str, Any]) -> tuple[RequestState, RecordedBackend]:
    backend = RecordedBackend(row.get("backend", {}))
    backend.answers["GET /v1/jwks"] = {"status": 200, "body": table()["jwks"]}
    authenticator = Authenticator(options_of(row), transport=backend, clock=lambda: table()["now"])
    return authenticator.authenticate(request_of(row)), backend


@pytest.mark.parametrize("row", rows(TABLE, "vectors", ids="id"))
def test_a_request_is_authenticated_as_published(row: dict[str, Any]) -> None:
    expected = row["expect"]

    state, backend = authenticate(row)

    assert (state.status, state.reason) == (expected["status"], expected["reason"])
    assert state.token_type == expected["token_type"]
    assert [value for name, value in state.headers if name == "set-cookie"] == expected["set_cookie"]
    if "location" in expected:
        base, _, query = (state.location or "").partition("?")
        assert base == expected["location"]["base"]
        assert dict(parse_qsl(query, keep_blank_values=True)) == expected["location"]["query"]
        assert ("cache-control", "no-store") in state.headers
    else:
        assert state.location is None
    if "auth" in expected:
        assert described(state.to_auth()) == expected["auth"]
    if "auth_pending_allowed" in expected:
        allowed = described(state.to_auth(treat_pending_as_signed_out=False))
        assert allowed.items() >= expected["auth_pending_allowed"].items()
    assert backend.calls() == [call["call"] for call in expected.get("backend_calls", [])]
    for call in expected.get("backend_calls", []):
        assert backend.sent(call["call"]) == call.get("body")
    debug = dict(state.debug_headers())
    for name in ("x-clerk-auth-status", "x-clerk-auth-reason"):
        if name in expected["headers"]:
            assert debug[name] == expected["headers"][name]


async def test_asynchronous_callers_get_the_same_answers() -> None:
    if read_vectors(TABLE) is None:
        pytest.skip("the shared vectors are missing")
    for row in table()["vectors"]:
        backend = RecordedBackend(row.get("backend", {}))
        backend.answers["GET /v1/jwks"] = {"status": 200, "body": table()["jwks"]}
        authenticator = Authenticator(options_of(row), transport=backend, clock=lambda: table()["now"])
        state = await authenticator.authenticate_async(request_of(row))
        assert state.status == row["expect"]["status"], row["id"]
        assert state.reason == row["expect"]["reason"], row["id"]
