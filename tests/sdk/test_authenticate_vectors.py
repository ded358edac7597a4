"""Every row of the published behaviour table of authenticating a request."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.authenticate import Authenticator
from greffier.sdk.options import AuthOptions
from greffier.sdk.organization_sync import OrganizationSync
from greffier.sdk.request_state import RequestState
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.shared_vectors import read_vectors, rows

TABLE = "authenticate_request.json"

OPTION_NAMES = {
    "domain": "domain",
    "isSatellite": "is_satellite",
    "satelliteAutoSync": "satellite_auto_sync",
    "signInUrl": "sign_in_url",
    "proxyUrl": "proxy_url",
    "authorizedParties": "authorized_parties",
    "audience": "audience",
    "acceptsToken": "accepts_token",
}


def table() -> dict[str, Any]:
    vectors = read_vectors(TABLE)
    assert vectors is not None
    return vectors


def options_of(row: dict[str, Any]) -> AuthOptions:
    instance = table()["instances"][row["instance"]]
    given = {OPTION_NAMES[name]: value for name, value in row["options"].items() if name in OPTION_NAMES}
    sync = row["options"].get("organizationSyncOptions")
    if sync:
        given["organization_sync"] = OrganizationSync(
            organization_patterns=sync["organizationPatterns"],
            personal_account_patterns=sync["personalAccountPatterns"],
        )
    return AuthOptions(
        publishable_key=instance["pk"], secret_key=instance["sk"], api_url="https://api.example", **given
    )


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


def described(auth: AuthObject) -> dict[str, Any]:
    """The auth object in the words of the table."""
    return {
        "userId": auth.user_id,
        "sessionId": auth.session_id,
        "orgId": auth.org_id,
        "orgRole": auth.org_role,
        "orgSlug": auth.org_slug,
        "orgPermissions": None if auth.org_permissions is None else list(auth.org_permissions),
        "actor": auth.actor,
        "factorVerificationAge": auth.factor_verification_age and list(auth.factor_verification_age),
        "sessionStatus": auth.session_status,
        "isAuthenticated": auth.is_authenticated,
    }


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
