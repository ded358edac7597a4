"""The contract checker itself: a wrong answer is refused, rule by rule, and a right one is not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.contract.contract_record import Record
from tests.support.contract.deviation_kinds import ExtraOperation, Face
from tests.support.contract.deviations import DEVIATIONS
from tests.support.contract.openapi_schema import json_schema
from tests.support.contract.published import check_response, find_operation, operations

JSON = "application/json"


def error(code: str = "resource_not_found") -> dict[str, Any]:
    return {"errors": [{"code": code, "message": "No.", "long_message": "Not here."}]}


pytestmark = pytest.mark.usefixtures("separate_record")


def problems(
    face: Face, method: str, path: str, status: int, body: Any = None, content_type: str | None = JSON
) -> list[str]:
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return check_response(face, method, path, status, content_type, sent)


# The published contract


EMAIL = {
    "id": "idn_1",
    "object": "email_address",
    "email_address": "ada@example.com",
    "reserved": False,
    "verification": {
        "object": "verification_otp",
        "status": "verified",
        "strategy": "email_code",
        "attempts": 1,
        "expire_at": 1700690400000,
    },
    "linked_to": [],
    "created_at": 1700690400000,
    "updated_at": 1700690400000,
}


def without(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}


def test_both_faces_are_read_whole():
    published = {row.name for row in DEVIATIONS if isinstance(row, ExtraOperation)}
    assert len(operations("fapi")) + len(operations("bapi")) == 202 + 249 + len(published)


@pytest.mark.parametrize(
    ("face", "method", "path", "operation"),
    [
        ("fapi", "GET", "/v1/client", "getClient"),
        ("fapi", "HEAD", "/v1/client", "getClient"),
        ("fapi", "POST", "/v1//me/email_addresses/", "createEmailAddresses"),
        ("fapi", "GET", "/.well-known/jwks.json", "getJWKS"),
        ("fapi", "GET", "/v1/saml/metadata/samlc_1.xml", "samlMetadata"),
        ("bapi", "GET", "/users/user_1", "GetUser"),
        ("bapi", "GET", "/v1/users/user_1", "GetUser"),
        ("bapi", "GET", "/users/count", "GetUsersCount"),
        ("bapi", "GET", "/clients/handshake_payload", "GetHandshakePayload"),
    ],
)
def test_a_request_is_matched_to_its_operation(face: Face, method: str, path: str, operation: str):
    found = find_operation(face, method, path)
    assert found is not None
    assert found.operation_id == operation


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/v1/environment"), ("GET", "/v1/nothing"), ("GET", "/")]
)
def test_a_request_that_no_operation_takes_is_matched_to_none(method: str, path: str):
    assert find_operation("fapi", method, path) is None


def test_a_right_answer_is_accepted():
    assert problems("bapi", "GET", "/email_addresses/idn_1", 200, EMAIL) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (without(EMAIL, "reserved"), '"reserved" is a required property'),
        ({**EMAIL, "reserved": "no"}, "reserved: "),
        ({**EMAIL, "created_at": 1.5}, "created_at: "),
        ({**EMAIL, "object": "email"}, "object: "),
        ({**EMAIL, "is_primary": True}, "is_primary"),
        ({**EMAIL, "linked_to": None}, "linked_to: "),
        ({**EMAIL, "verification": {**EMAIL["verification"], "status": "done"}}, "verification.status: "),
        ([EMAIL], "the body: "),
        (None, "not JSON"),
        (b'{"id":', "not JSON"),
        (b"NaN", "not JSON"),
    ],
)
def test_a_wrong_shape_is_refused_and_its_place_named(wrong: Any, said: str):
    (problem,) = problems("bapi", "GET", "/email_addresses/idn_1", 200, wrong)
    assert problem.startswith("GET /email_addresses/idn_1 (GetEmailAddress) 200: ")
    assert said in problem


def test_null_is_accepted_only_where_the_contract_says_so():
    assert problems("bapi", "GET", "/email_addresses/idn_1", 200, {**EMAIL, "verification": None}) == []
    assert problems("bapi", "GET", "/email_addresses/idn_1", 200, {**EMAIL, "id": None})


def test_a_wrong_value_deep_inside_an_envelope_is_found():
    client = {"object": "client", "id": "client_1", "sessions": [{"object": "session"}]}
    said = problems("fapi", "GET", "/v1/client", 200, {"response": client, "client": None})
    assert any('response.sessions[0]: "status" is a required property' in problem for problem in said)


def test_an_undocumented_status_is_refused():
    (problem,) = problems("fapi", "GET", "/v1/client", 409, error())
    assert problem.endswith("this status is not in the contract")
    (problem,) = problems("fapi", "GET", "/v1/client", 303, None, None)
    assert problem.endswith("this status is not in the contract")


def test_an_undocumented_operation_is_refused_unless_it_is_not_there():
    (problem,) = problems("fapi", "GET", "/v1/nothing", 200, {})
    assert problem.endswith("this operation is not in the contract")
    assert problems("fapi", "GET", "/v1/nothing", 404, error()) == []
    assert problems("fapi", "GET", "/v1/nothing", 404, {"detail": "Not Found"})


def test_a_documented_error_must_be_in_the_envelope():
    assert problems("fapi", "GET", "/v1/client", 400, error()) == []
    assert problems("fapi", "GET", "/v1/client", 400, {"errors": [{"code": "x"}]})
    assert problems("fapi", "GET", "/v1/client", 400, {"detail": "no"})


@pytest.mark.parametrize("status", [401, 413, 415, 429, 501])
def test_these_errors_are_allowed_anywhere_but_only_in_the_envelope(status: int):
    assert problems("bapi", "GET", "/users/count", status, error()) == []
    assert problems("bapi", "GET", "/users/count", status, {"error": "no"})
    assert problems("bapi", "GET", "/users/count", status, b"no", "text/plain")


def test_an_oauth_error_keeps_the_shape_of_its_own():
    assert problems("fapi", "POST", "/oauth/token", 401, {"error": "invalid_client"}) == []
    assert problems("fapi", "POST", "/oauth/token", 401, {"error": "nonsense"})


def test_a_redirect_has_no_body():
    assert problems("fapi", "GET", "/v1/client/handshake", 307, None, None) == []
    assert problems("fapi", "GET", "/v1/client/handshake", 307, b"Moved", "text/plain")


def test_an_answer_without_content_has_no_body():
    path = "/v1/me/billing/payment_methods/pm_1"
    assert problems("fapi", "DELETE", path, 204, None, None) == []
    assert problems("fapi", "DELETE", path, 204, {}, JSON)


def test_an_error_whose_body_the_contract_leaves_out_is_in_the_envelope():
    assert problems("bapi", "POST", "/users/user_1/verify_password", 422, error()) == []
    assert problems("bapi", "POST", "/users/user_1/verify_password", 422, {"detail": "no"})


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "text/plain", None]
)
def test_the_backend_face_says_exactly_application_json(content_type: str | None):
    assert problems("bapi", "GET", "/email_addresses/idn_1", 200, EMAIL, content_type)
    assert problems("bapi", "GET", "/email_addresses/idn_1", 404, error(), content_type)


def test_the_frontend_face_may_add_a_charset():
    empty = {"response": None, "client": None}
    assert problems("fapi", "GET", "/v1/client", 200, empty, "application/json; charset=utf-8") == []
    assert problems("fapi", "GET", "/v1/client", 200, empty, "text/html")


def test_a_body_may_be_of_any_documented_type():
    assert problems("fapi", "GET", "/v1/client/handshake", 422, b"<p>No</p>", "text/html") == []
    assert problems("fapi", "GET", "/v1/client/handshake", 422, b"no", "text/plain")


def test_head_is_judged_without_a_body():
    assert problems("bapi", "HEAD", "/email_addresses/idn_1", 200) == []
    assert problems("bapi", "HEAD", "/email_addresses/idn_1", 409)


def test_a_preflight_is_no_answer_of_an_operation():
    assert problems("fapi", "OPTIONS", "/v1/client", 204, None, None) == []


def test_what_was_answered_is_recorded(separate_record: Record):
    problems("bapi", "GET", "/email_addresses/idn_1", 200, EMAIL)
    problems("bapi", "GET", "/email_addresses/idn_1", 200, {})
    total = Record()
    total.add(json.loads(json.dumps(separate_record.as_json())))
    total.add(separate_record.as_json())
    assert total.answers == {("bapi", "GetEmailAddress", 200): 2}
    assert total.problems == {("bapi", "GetEmailAddress", 200): 2}


# Null in OpenAPI 3.0


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"type": "object", "nullable": True, "allOf": [{"$ref": "#/a"}]},
            {"anyOf": [{"type": "object", "allOf": [{"$ref": "#/a"}]}, {"type": "null"}]},
        ),
        (
            {"properties": {"nullable": {"type": "string"}, "example": {"type": "string"}}, "example": 1},
            {"properties": {"nullable": {"type": "string"}, "example": {"type": "string"}}},
        ),
    ],
)
def test_nullable_becomes_a_type(published: dict[str, Any], read: dict[str, Any]):
    assert json_schema(published) == read
