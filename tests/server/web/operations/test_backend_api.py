"""Common behaviour of the Backend API's operations: keys, bodies, versions, separation of instances."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from greffier.server.app import declare_operations
from greffier.server.store.statements import Statement
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.routing import Published, published_operations
from tests.support.answers import error_of
from tests.support.server import APP_ORIGIN, PUBLISHABLE_KEY, SECRET_KEY, Backend, TestServer

JWKS = "/v1/jwks"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


def every_operation() -> list[Published]:
    """All that are published, and those of ours beyond them."""
    declare_operations()
    ours = [Published(o.method, o.path, o.name) for o in backend_api.operations]
    return [*published_operations(backend_api), *ours]


def example_of(path: str) -> str:
    return re.sub(r"{\w+}", "some_id", path)


async def refusals(backend: Backend) -> dict[str, tuple[int, str]]:
    """Returns the answers of the operations, except those that share their answer with others."""
    found: dict[str, tuple[int, str]] = {}
    for operation in every_operation():
        response = await backend.http.request(operation.method, example_of(operation.path))
        error = response.json()["errors"][0]["code"] if response.status_code != 200 else ""
        found[f"{operation.method} {operation.path}"] = (response.status_code, error)
    return found


# --- keys ---------------------------------------------------------------------------------------------------


async def test_publishable_key_opens_nothing(server: TestServer) -> None:
    answers = await refusals(server.backend(secret_key=PUBLISHABLE_KEY))

    assert len(answers) > 200
    assert set(answers.values()) == {(401, "clerk_key_invalid")}


async def test_wrong_secret_key_opens_nothing(server: TestServer) -> None:
    answers = await refusals(server.backend(secret_key=SECRET_KEY[:-1]))

    assert set(answers.values()) == {(401, "clerk_key_invalid")}


async def test_key_in_another_scheme_opens_nothing(server: TestServer) -> None:
    backend = server.backend(secret_key=None)

    for value in (SECRET_KEY, f"Basic {SECRET_KEY}", "Bearer", "Bearer ", f"Bearer x{SECRET_KEY}"):
        response = await backend.http.get("/v1/users", headers={"authorization": value})
        assert response.status_code == 401, value


async def test_wrong_key_does_not_tell_existing_paths(server: TestServer) -> None:
    backend = server.backend(secret_key=f"{SECRET_KEY}x")

    known = await backend.http.get("/v1/users")
    unknown = await backend.http.get("/v1/no/such/thing")

    assert error_of(known)[:2] == error_of(unknown)[:2] == (401, "clerk_key_invalid")


async def test_keys_are_published_without_a_key(server: TestServer) -> None:
    response = await server.backend(secret_key=None).get(JWKS)

    assert [key["alg"] for key in response.json()["keys"]] == ["RS256"]


# --- routes -------------------------------------------------------------------------------------------------


async def test_operation_that_is_not_built_says_so(backend: Backend) -> None:
    response = await backend.get("/v1/role_sets")

    assert error_of(response)[:2] == (501, "not_implemented")


async def test_machine_routes_answer_with_and_without_v1(backend: Backend) -> None:
    nowhere = (await backend.http.post("/v1/no/such/thing")).json()["errors"]

    for path in ("/api_keys/verify", "/m2m_tokens/verify", "/oauth_applications/access_tokens/verify"):
        bare, versioned = [
            (await backend.http.post(prefix + path, json={"secret": "x"})).json()["errors"]
            for prefix in ("", "/v1")
        ]
        assert bare == versioned != nowhere, path


async def test_unknown_path_and_unknown_method_are_told_apart(backend: Backend) -> None:
    path = await backend.get("/v1/no/such/thing")
    method = await backend.call("PUT", "/v1/users")

    assert error_of(path)[:2] == (404, "resource_not_found")
    assert error_of(method)[:2] == (405, "method_not_allowed")
    assert method.headers["allow"] == "GET, POST"


# --- bodies and answers -------------------------------------------------------------------------------------


async def test_content_type_is_exactly_what_sdks_compare_it_with(backend: Backend) -> None:
    good = await backend.get("/v1/users")
    bad = await backend.get("/v1/users/user_unknown")

    assert good.headers["content-type"] == bad.headers["content-type"] == "application/json"


async def test_errors_have_the_published_envelope(backend: Backend) -> None:
    body = (await backend.get("/v1/users/user_unknown")).json()

    assert set(body) == {"errors", "clerk_trace_id"}
    assert set(body["errors"][0]) == {"code", "message", "long_message"}


async def test_body_that_is_no_json_object_is_refused(backend: Backend) -> None:
    headers = {"content-type": "application/json"}

    for content in (b"{", b"[]", b'"text"', b"\xff", b'{"first_name": "\\u0000"}', b'{"a": 1e999}'):
        response = await backend.http.post("/v1/users", content=content, headers=headers)
        assert error_of(response)[:2] == (400, "request_body_invalid"), content


async def test_body_of_an_unknown_kind_is_refused(backend: Backend) -> None:
    response = await backend.http.post(
        "/v1/users", content=b"<user/>", headers={"content-type": "application/xml"}
    )

    assert error_of(response)[:2] == (415, "unsupported_content_type")


async def test_operation_without_parameters_refuses_any(backend: Backend) -> None:
    response = await backend.http.post("/v1/testing_tokens", json={"colour": "red"})

    assert error_of(response) == (422, "form_param_unknown", "colour")


async def test_parameter_of_the_wrong_type_is_refused(backend: Backend) -> None:
    wrong: list[dict[str, Any]] = [
        {"email_address": "ada@example.com"},
        {"first_name": 1},
        {"banned": "true"},
        {"public_metadata": []},
    ]

    for body in wrong:
        response = await backend.http.post("/v1/users", json=body)
        assert error_of(response) == (422, "form_param_type_invalid", next(iter(body)))


@pytest.mark.parametrize("limit", [-1, 2**40])
async def test_parameter_that_is_out_of_range_is_refused(backend: Backend, limit: int) -> None:
    response = await backend.http.post("/v1/users", json={"create_organizations_limit": limit})

    assert error_of(response) == (422, "form_param_format_invalid", "create_organizations_limit")


async def test_authorization_of_another_scheme_is_named_as_what_is_wrong(server: TestServer) -> None:
    http = server.backend(secret_key=None).http

    for value in ("Basic c2s6", "sk_test_x", "Bearer", "Digest x"):
        refused = await http.get("/v1/users", headers={"authorization": value})
        assert error_of(refused)[0] == 401, value
        if not value.startswith("Bearer"):
            assert error_of(refused)[1] == "authorization_header_format_invalid", value


async def test_text_is_no_body_of_the_backend_api(backend: Backend) -> None:
    refused = await backend.http.post(
        "/v1/users", content=b'{"first_name": "Ada"}', headers={"content-type": "text/plain"}
    )

    assert error_of(refused)[:2] == (415, "unsupported_content_type")


async def test_unknown_session_is_not_found(backend: Backend) -> None:
    assert error_of(await backend.get("/v1/sessions/sess_unknown"))[:2] == (404, "resource_not_found")


async def test_second_primary_domain_is_refused(backend: Backend) -> None:
    refused = await backend.post("/v1/domains", name="second.example", is_satellite=False)

    assert error_of(refused)[:2] == (422, "primary_domain_already_exists")


async def test_refresh_of_a_session_that_is_purged_says_so(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    token = (await browser.token(session_id)).json()["jwt"]
    async with server.app.database.transaction() as db:
        await db.all(Statement(sa.text("DELETE FROM sessions")))

    refused = await backend.post(
        f"/v1/sessions/{session_id}/refresh",
        expired_token=token,
        refresh_token="x",
        request_origin=APP_ORIGIN,
    )

    assert error_of(refused)[:2] == (401, "session_refresh_session_not_found")


async def test_version_is_a_known_date_given_once(server: TestServer, backend: Backend) -> None:
    unknown = await server.backend(version="2025-01-01").get("/v1/users")
    malformed = await server.backend(version="latest").get("/v1/users")
    twice = await backend.http.get("/v1/users?__clerk_api_version=2025-11-10")
    newer = await server.backend(version="2099-01-01").get("/v1/users")

    for response in (unknown, malformed, twice):
        assert error_of(response)[:2] == (400, "api_version_invalid")
    assert newer.status_code == 200


# --- instances ----------------------------------------------------------------------------------------------


async def test_nothing_of_another_instance_can_be_seen_or_changed(server: TestServer) -> None:
    backend, neighbour = server.backend(), await server.neighbour()
    user = await backend.add_user("ada@example.com", external_id="crm-1", username="lovelace")
    spare = await backend.post("/v1/email_addresses", user_id=user["id"], email_address="l@example.com")
    session = (await backend.post("/v1/sessions", user_id=user["id"])).json()
    token = (await backend.post("/v1/sign_in_tokens", user_id=user["id"])).json()
    address = f"/v1/email_addresses/{spare.json()['id']}"
    verification = (await backend.post(f"{address}/prepare_verification")).json()
    own = f"/v1/users/{user['id']}"
    before = (await backend.get(own)).json()

    for method, path, body in (
        ("GET", own, None),
        ("PATCH", own, {"first_name": "Eve"}),
        ("PATCH", f"{own}/metadata", {"public_metadata": {}}),
        ("PUT", f"{own}/metadata", {"public_metadata": {}}),
        ("PUT", f"{own}/email_address", {"email_address": "eve@example.com"}),
        ("DELETE", own, None),
        ("POST", "/v1/email_addresses", {"user_id": user["id"], "email_address": "eve@example.com"}),
        ("GET", address, None),
        ("PATCH", address, {"verified": True}),
        ("DELETE", address, None),
        ("POST", f"{address}/prepare_verification", None),
        ("POST", f"{address}/attempt_verification", {"verification_id": verification["id"], "code": "1"}),
        ("POST", "/v1/sessions", {"user_id": user["id"]}),
        ("GET", f"/v1/sessions/{session['id']}", None),
        ("POST", f"/v1/sessions/{session['id']}/revoke", None),
        ("POST", f"/v1/sessions/{session['id']}/tokens", None),
        ("GET", f"/v1/clients/{session['client_id']}", None),
        ("POST", "/v1/sign_in_tokens", {"user_id": user["id"]}),
        ("POST", f"/v1/sign_in_tokens/{token['id']}/revoke", None),
    ):
        response = await neighbour.call(method, path, body)
        assert response.status_code == 404, (method, path, response.text)

    assert (await backend.get(own)).json() == before
    assert (await backend.get(f"/v1/sessions/{session['id']}")).json() == session


async def test_tokens_of_another_instance_are_worth_nothing(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    token = (await browser.token(session_id)).json()["jwt"]
    neighbour = await server.neighbour()

    client = await neighbour.post("/v1/clients/verify", token=browser.http.cookies["__client"])
    refreshed = await neighbour.post(
        f"/v1/sessions/{session_id}/refresh",
        expired_token=token,
        refresh_token="x",
        request_origin=APP_ORIGIN,
    )

    assert error_of(client)[:2] == (404, "resource_not_found")
    assert error_of(refreshed)[:2] == (401, "expired_session_token_invalid")


async def test_lists_of_another_instance_are_its_own(server: TestServer) -> None:
    backend, neighbour = server.backend(), await server.neighbour()
    user = await backend.add_user("ada@example.com", external_id="crm-1", username="lovelace")
    session = (await backend.post("/v1/sessions", user_id=user["id"])).json()

    assert (await neighbour.get("/v1/users", user_id=[user["id"]])).json() == []
    assert (await neighbour.get("/v1/users", query="ada")).json() == []
    assert (await neighbour.get("/v1/users/count")).json()["total_count"] == 0
    assert (await neighbour.get("/v1/sessions", client_id=session["client_id"])).json() == []
    assert (await neighbour.get("/v1/clients")).json() == []
    cursor = await neighbour.get("/v1/users", starting_after=user["id"])
    assert error_of(cursor) == (422, "form_param_value_invalid", "starting_after")


async def test_another_instance_may_have_the_same_names(server: TestServer) -> None:
    neighbour = await server.neighbour()
    same = {"external_id": "crm-1", "username": "lovelace"}

    user = await server.backend().add_user("ada@example.com", **same)
    other = await neighbour.add_user("ada@example.com", **same)

    assert user["id"] != other["id"]
