"""A client's `updated_at` moves if what `GET /v1/client` shows has changed, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.web.operations.declaration import frontend_api
from tests.server.clients.changing_own_accounts import cases
from tests.server.clients.changing_requests import Case
from tests.server.clients.world import BOB, World
from tests.support.answers import set_cookie_value
from tests.support.configuring import configure
from tests.support.server import TestServer

only_sqlite = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@only_sqlite
@pytest.mark.parametrize(
    ("expected", "request_of"),
    [pytest.param(moves, prepare, id=prepare.__name__) for _, moves, prepare in cases],
)
async def test_updated_at_moves_if_and_only_if_the_client_looks_different(
    world: World, expected: str, request_of: Case
) -> None:
    request = await request_of(world)
    before, shown_before = (await world.client())["updated_at"], await world.shown()
    world.server.clock.advance(seconds=1)

    response = await world.sent(request)
    assert response.status_code == request.status, response.text

    after, shown_after = (await world.client())["updated_at"], await world.shown()
    assert (after > before, shown_after != shown_before) == (expected == "moves",) * 2, response.text


NOT_ABOUT_A_CLIENT = {
    "delete_client_sessions",  # the client is gone
}


def test_every_operation_that_answers_with_the_client_is_tried() -> None:
    answering = {
        operation.name
        for operation in frontend_api.operations
        if operation.method != "GET" and not operation.no_envelope
    }

    assert answering - NOT_ABOUT_A_CLIENT == {name for name, _, _ in cases} - {"create_session_token"}


@only_sqlite
@pytest.mark.parametrize("factor", ["password", "email_code"])
async def test_wrong_proof_does_not_tell_by_updated_at_whether_there_is_an_account(
    world: World, factor: str
) -> None:
    settings: dict[str, Any] = {"attack_protection": {"enumeration_protection": True}}
    await configure(world.server, settings)
    moved = dict[str, bool]()
    for identifier in (BOB, "unknown+clerk_test@example.com"):
        path = await world.sign_in_path(identifier=identifier, strategy="email_code")
        before = (await world.client())["updated_at"]
        world.server.clock.advance(seconds=1)
        proof = {"password": "a wrong guess"} if factor == "password" else {"code": "111111"}
        refused = await world.browser.post(f"{path}/attempt_first_factor", strategy=factor, **proof)
        assert refused.status_code == 422, refused.text
        moved[identifier] = (await world.client())["updated_at"] > before

    assert len(set(moved.values())) == 1, moved


@only_sqlite
async def test_navigation_that_notes_the_active_organization_does_not_move_it(world: World) -> None:
    before = (await world.client())["updated_at"]
    world.server.clock.advance(seconds=1)

    await world.browser.get(
        "/v1/client/handshake",
        redirect_url="http://localhost:3000/",
        organization_id=world.acme["id"],
        format="token",
    )

    client = await world.client()
    assert client["sessions"][1]["last_active_organization_id"] == world.acme["id"]
    assert client["updated_at"] == before


async def test_sign_out_says_so_by_cookie_where_the_sessions_had_run_out(production: TestServer) -> None:
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")
    await browser.post("/v1/client/sign_ups")

    response = await browser.delete("/v1/client/sessions")

    assert set_cookie_value(response.headers.get_list("set-cookie"), "__client_uat") == "0"
