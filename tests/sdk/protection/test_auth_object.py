"""The auth object of an app: the claims of both versions, has(...), and tokens."""

from typing import Any

import pytest

from greffier.sdk.auth_object import AuthObject, MachineIdentity, machine_auth, session_auth
from greffier.sdk.authorization import Reverification, has
from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import BackendApiRefused, ConfigurationError
from greffier.sdk.protection.requirements import Requirement
from greffier.sdk.tokens.claims import SessionProperties, session_properties
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.shared_vectors import rows

TABLE = "keys_claims_has.json"


@pytest.mark.parametrize("row", rows(TABLE, "jwt_claims"))
def test_published_claims_are_read_alike(row: dict[str, Any]) -> None:
    auth = session_auth(row["claims"], "a.b.c", None)
    expected = row["auth"]
    assert auth.session_claims == expected["sessionClaims"]
    assert (auth.user_id, auth.session_id) == (expected["userId"], expected["sessionId"])
    assert auth.session_status == expected.get("sessionStatus")
    assert (auth.org_id, auth.org_role, auth.org_slug) == tuple(
        expected.get(name) for name in ("orgId", "orgRole", "orgSlug")
    )
    permissions = expected.get("orgPermissions")
    assert auth.org_permissions == (None if permissions is None else tuple(permissions))
    ages = expected.get("factorVerificationAge")
    assert auth.factor_verification_age == (tuple(ages) if ages else None)


@pytest.mark.parametrize("row", rows(TABLE, "has"))
def test_published_authorizations_are_decided_alike(row: dict[str, Any]) -> None:
    state, params = row["state"], dict(row["params"])
    if isinstance(params.get("reverification"), dict):
        rule = params["reverification"]
        params["reverification"] = Reverification(rule["level"], rule["afterMinutes"])
    session = SessionProperties(
        user_id="user_1",
        org_role=state.get("orgRole"),
        org_permissions=tuple(state.get("orgPermissions", ())),
        factor_verification_age=tuple(state.get("factorVerificationAge", ())) or None,
        features=state.get("features", ""),
    )
    assert has(session, **params) is row["result"]


ADMIN = SessionProperties(
    org_role="org:admin",
    org_permissions=("org:reports:read",),
    features="o:reports,u:export,uo:search",
    plans="o:pro,u:free",
)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"role": "org:admin"}, True),
        ({"role": "admin"}, True),
        ({"role": "member"}, False),
        ({"permission": "reports:read"}, True),
        ({"permission": "org:reports:write"}, False),
        ({"role": "admin", "permission": "org:reports:read"}, True),
        ({"role": "member", "permission": "org:reports:read"}, False),
        ({"feature": "reports"}, True),
        ({"feature": "user:reports"}, False),
        ({"feature": "org:search"}, True),
        ({"feature": "u:search"}, True),
        ({"feature": "organization:reports"}, True),
        ({"role": ""}, False),
        ({"feature": ""}, False),
        ({"plan": "pro"}, True),
        ({"plan": "user:free"}, True),
        ({"plan": "user:pro"}, False),
        ({"plan": "pro", "feature": "nothing"}, False),
        ({"reverification": "lax"}, False),
        ({}, False),
    ],
)
def test_everything_that_is_asked_must_hold(asked: dict[str, Any], answer: bool) -> None:
    assert has(ADMIN, **asked) is answer


@pytest.mark.parametrize(
    ("level", "ages", "answer"),
    [
        ("first_factor", (9, -1), True),
        ("first_factor", (10, 0), False),
        ("first_factor", (-1, 0), False),
        ("second_factor", (99, 9), True),
        ("second_factor", (0, 10), False),
        ("second_factor", (9, -1), True),
        ("multi_factor", (9, 9), True),
        ("multi_factor", (9, 10), False),
        ("multi_factor", (10, 9), False),
        ("multi_factor", (-1, 9), False),
        ("multi_factor", (9, -1), True),
        ("multi_factor", (-1, -1), False),
    ],
)
def test_reverification_asks_how_recent_which_factor_is(level: Any, ages: Any, answer: bool) -> None:
    session = SessionProperties(factor_verification_age=ages)
    assert has(session, reverification=Reverification(level, 10)) is answer


def test_mistakes_in_the_question_are_answered_with_no_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    verified = SessionProperties(org_role="org:admin", features="o:reports", factor_verification_age=(0, 0))
    for _ in range(2):
        assert not has(verified, reverification="strickt")  # type: ignore[arg-type]  # the mistake
        assert not has(verified, role="admin", feature="team:reports")
    assert len(caplog.messages) == 2
    assert "'strickt' is no reverification preset" in caplog.messages[0]
    assert "'team:reports' has an unknown scope" in caplog.messages[1]


@pytest.mark.parametrize(
    "asked", [{"reverification": "strickt"}, {"feature": "team:reports"}, {"plan": "team:pro"}]
)
def test_mistakes_in_what_a_route_asks_for_show_when_the_application_starts(asked: Any) -> None:
    with pytest.raises(ValueError, match=r"preset|scope"):
        Requirement(**asked)


@pytest.mark.parametrize(
    "claims",
    [
        {"v": 2, "o": "x"},
        {"v": 2, "o": {"id": 5, "rol": ["admin"], "per": 1, "fpm": 2}, "fea": 3},
        {"v": 2, "o": {"id": "org_1", "per": "read", "fpm": "x,,-1"}, "fea": "nocolon,o:a,o:b"},
        {"v": 2, "o": {"per": "read", "fpm": "9" * 5000}, "fea": "o:a"},
        {"org_permissions": "org:a:b", "org_id": {}, "act": "x", "sts": 1},
        {"fva": [1]},
        {"fva": [1, -2]},
        {"fva": ["1", 2]},
        {"fva": [True, 1]},
        {"fva": "0,0"},
        {},
    ],
)
def test_claims_of_unexpected_types_count_as_absent(claims: dict[str, Any]) -> None:
    read = session_properties(claims)
    assert not read.org_permissions
    assert read.factor_verification_age is None
    assert read.org_role is None


def test_permission_masks_may_be_wider_than_a_machine_word() -> None:
    names = ",".join(f"p{number}" for number in range(80))
    claims = {"v": 2, "o": {"id": "org_1", "per": names, "fpm": str(1 << 79)}, "fea": "o:a"}
    assert session_properties(claims).org_permissions == ("org:a:p79",)


def test_signed_out_everything_is_none_and_nothing_raises() -> None:
    auth = AuthObject()
    assert (auth.user_id, auth.session_id, auth.org_id, auth.session_claims) == (None, None, None, None)
    assert auth.is_authenticated is False
    assert auth.has(role="admin") is False
    assert auth.get_token_sync("hasura") is None


def signed_in(backend: RecordedBackend | None = None) -> AuthObject:
    api = backend and BackendApi(api_url="https://api.example", secret_key="sk_test_x", transport=backend)
    return session_auth({"sub": "user_1", "sid": "sess_1"}, "a.b.c", api)


async def test_the_session_token_is_there_without_a_request() -> None:
    assert await signed_in().get_token() == "a.b.c"
    assert signed_in().get_token_sync() == "a.b.c"


async def test_a_template_token_is_asked_of_the_backend_api() -> None:
    call = "POST /v1/sessions/sess_1/tokens/has%20ura"
    backend = RecordedBackend({call: {"status": 200, "body": {"jwt": "x.y.z"}}})
    assert await signed_in(backend).get_token("has ura") == "x.y.z"
    assert signed_in(backend).get_token_sync("has ura", expires_in_seconds=90) == "x.y.z"
    assert backend.calls() == [call, call]


async def test_a_template_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(BackendApiRefused) as caught:
        await signed_in(RecordedBackend({})).get_token("nothing")
    assert caught.value.status == 404


def test_a_template_token_needs_a_secret_key() -> None:
    with pytest.raises(ConfigurationError, match="secret_key"):
        signed_in().get_token_sync("hasura")


def test_an_auth_object_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        signed_in().user_id = "user_2"  # type: ignore[misc]


def test_representations_show_neither_token_nor_claims() -> None:
    assert "a.b.c" not in repr(signed_in())


@pytest.mark.parametrize(
    ("token_type", "subject", "user_id", "org_id", "machine_id"),
    [
        ("api_key", "user_1", "user_1", None, None),
        ("api_key", "org_1", None, "org_1", None),
        ("oauth_token", "user_1", "user_1", None, None),
        ("m2m_token", "mch_1", None, None, "mch_1"),
    ],
)
def test_machines_act_for_whom_their_subject_names(
    token_type: str, subject: str, user_id: str | None, org_id: str | None, machine_id: str | None
) -> None:
    machine = MachineIdentity(id="x", subject=subject, machine_id=machine_id)
    auth = machine_auth(token_type, machine, "secret")
    assert auth.is_authenticated
    assert (auth.user_id, auth.org_id, auth.machine) == (user_id, org_id, machine)
    assert auth.has(role="admin") is False
    assert auth.get_token_sync() == "secret"
