"""API keys, machine-to-machine tokens and OAuth access tokens, and never one for another."""

from typing import Any

import pytest

from greffier.sdk.options import AuthOptions, warn_of_foreign_tokens
from greffier.sdk.tokens.jwt import CATEGORY_M2M, CATEGORY_TEMPLATE
from tests.sdk.instances import NOW, Instance, signing_key
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.requests import PRODUCTION, authenticate, bearer, cookies, page


@pytest.mark.parametrize("cat", [CATEGORY_TEMPLATE, CATEGORY_M2M, "x", ["x"], {}])
@pytest.mark.parametrize("accepts", ["session_token", "any", ["session_token", "api_key"]])
def test_a_token_of_another_category_is_no_session_whatever_is_accepted(cat: object, accepts: Any) -> None:
    token = PRODUCTION.token({"cat": cat})
    assert authenticate(bearer(token), accepts_token=accepts).reason == "token-type-mismatch"
    in_cookie = page(cookie=cookies(__session=token, __client_uat=str(NOW - 60)))
    assert authenticate(in_cookie, accepts_token=accepts).reason == "token-type-mismatch"


def m2m(**changes: Any) -> str:
    claims = {"iss": None, "sid": None, "azp": None, "sub": "mch_1", "jti": "mt_1", "exp": NOW + 86_400}
    return PRODUCTION.token({"cat": CATEGORY_M2M}, **(claims | changes))


def oauth(header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {"sid": None, "azp": None, "client_id": "client_1", "scope": "profile email", "jti": "oat_1"}
    return PRODUCTION.token({"typ": "at+jwt", **(header or {})}, **(claims | changes))


def test_a_machine_jwt_is_verified_without_a_network() -> None:
    state = authenticate(bearer(m2m(scopes="mch_2 mch_3", tier="gold")), accepts_token="m2m_token")
    machine = state.to_auth().machine
    assert machine is not None
    assert (machine.machine_id, machine.scopes, machine.id) == ("mch_1", ("mch_2", "mch_3"), "mt_1")
    assert machine.claims == {"scopes": "mch_2 mch_3", "tier": "gold"}


def test_an_oauth_jwt_acts_for_its_user() -> None:
    auth = authenticate(bearer(oauth()), accepts_token="oauth_token").to_auth()
    assert auth.user_id == "user_1"
    assert auth.machine is not None
    assert (auth.machine.client_id, auth.machine.scopes) == ("client_1", ("profile", "email"))


def test_an_oauth_jwt_must_name_a_configured_audience() -> None:
    settings: dict[str, Any] = {"accepts_token": "oauth_token", "audience": "https://api.example"}
    assert authenticate(bearer(oauth()), **settings).reason == "token-verification-failed"
    assert (
        authenticate(bearer(oauth(aud="https://other.example")), **settings).reason
        == "token-verification-failed"
    )
    assert authenticate(bearer(oauth(aud=["https://api.example"])), **settings).is_signed_in


@pytest.mark.parametrize("token", [m2m(), oauth()])
def test_a_machine_jwt_is_no_session(token: str) -> None:
    assert authenticate(bearer(token)).reason == "token-type-mismatch"
    in_cookie = page(cookie=cookies(__session=token, __client_uat=str(NOW - 60)))
    assert authenticate(in_cookie).reason == "token-type-mismatch"


def test_a_session_is_no_machine() -> None:
    for accepted in ("m2m_token", "oauth_token", "api_key"):
        state = authenticate(bearer(PRODUCTION.token()), accepts_token=accepted)
        assert (state.status, state.reason, state.token_type) == (
            "signed-out",
            "token-type-mismatch",
            accepted,
        )


@pytest.mark.parametrize(
    "token",
    [
        m2m(exp=NOW - 6),
        PRODUCTION.token({"cat": CATEGORY_TEMPLATE}, sub="mch_1"),
        Instance("clerk.example.com", live=True, key=signing_key(1)).token(
            {"cat": CATEGORY_M2M}, sub="mch_1"
        ),
        PRODUCTION.token({"cat": CATEGORY_M2M, "typ": "at+jwt"}, sub="mch_1"),
    ],
    ids=["expired", "category", "key", "type"],
)
def test_a_bad_machine_jwt_is_refused(token: str) -> None:
    assert authenticate(bearer(token), accepts_token="m2m_token").reason == "token-verification-failed"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "token-invalid"),
        (401, "secret-key-invalid"),
        (500, "unexpected-error"),
        (422, "unexpected-error"),
    ],
)
@pytest.mark.parametrize(
    ("token", "token_type", "path"),
    [
        ("ak_x", "api_key", "/api_keys/verify"),
        ("mt_x", "m2m_token", "/m2m_tokens/verify"),
        ("oat_x", "oauth_token", "/oauth_applications/access_tokens/verify"),
    ],
)
def test_a_refused_machine_token_says_why(
    status: int, reason: str, token: str, token_type: str, path: str
) -> None:
    backend = RecordedBackend({f"POST {path}": {"status": status, "body": {}}})
    state = authenticate(bearer(token), backend=backend, accepts_token=token_type)
    assert (state.status, state.reason, state.token_type) == ("signed-out", reason, token_type)
    assert token not in state.message


def test_a_backend_api_that_is_down_signs_machines_out_and_nothing_else() -> None:
    backend = RecordedBackend({})
    backend.is_down = True
    assert authenticate(bearer("ak_x"), backend=backend, accepts_token="any").reason == "unexpected-error"
    assert authenticate(bearer(PRODUCTION.token()), backend=backend, accepts_token="any").is_signed_in


def test_a_machine_secret_key_verifies_m2m_tokens() -> None:
    body = {"id": "mt_1", "subject": "mch_1", "scopes": []}
    backend = RecordedBackend({"POST /m2m_tokens/verify": {"status": 200, "body": body}})
    state = authenticate(
        bearer("mt_x"), backend=backend, accepts_token="m2m_token", machine_secret_key="ak_machine"
    )
    assert state.is_signed_in
    assert backend.requests[0].headers["Authorization"] == "Bearer ak_machine"


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_machine_jwt_must_be_signed_too(alg: str) -> None:
    token = PRODUCTION.token({"cat": CATEGORY_M2M, "alg": alg}, sub="mch_1")
    assert authenticate(bearer(token), accepts_token="m2m_token").reason == "token-verification-failed"


def test_machine_that_names_no_audience_is_warned_of_tokens_for_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    warn_of_foreign_tokens.cache_clear()
    machine: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "machine_secret_key": "ak_1"}
    AuthOptions(**machine)
    AuthOptions(**machine, accepts_token="m2m_token", audience="mch_1")
    assert caplog.messages == []

    for _ in range(2):
        AuthOptions(**machine, accepts_token="any")
    assert len(caplog.messages) == 1
    assert "audience" in caplog.messages[0]
