"""Applications that accept the tokens of machines, against the real server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from flask import Flask

from greffier.fastapi import CurrentAuth, add_auth
from greffier.flask import Auth, current_auth
from greffier.testing import Machine, ServerRefused, TestServer

FORMATS = pytest.mark.parametrize("token_format", ["opaque", "jwt"])


@pytest.fixture
def stock(server: TestServer) -> Machine:
    """The machine that the application under test is."""
    return server.create_machine("stock")


@pytest.fixture
def orders(server: TestServer, stock: Machine) -> Machine:
    """The machine that asks."""
    return server.create_machine("orders", reaches=[stock], default_token_ttl=600)


def stock_app(server: TestServer, stock: Machine, **others: Any) -> FastAPI:
    """Believes tokens that are for itself alone."""
    app = FastAPI()
    settings = {"accepts_token": "m2m_token", "machine_secret_key": stock.secret_key, "audience": stock.id}
    add_auth(app, **(server.settings(**settings) | others))

    @app.get("/stock")
    async def read(auth: CurrentAuth) -> dict[str, Any]:
        assert auth.machine is not None
        return {
            "token_type": auth.token_type,
            "machine_id": auth.machine.machine_id,
            "scopes": auth.machine.scopes,
            "job": (auth.machine.claims or {}).get("job"),
            "user_id": auth.user_id,
        }

    return app


async def ask(app: FastAPI, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stock") as http:
        return await http.get("/stock", headers=headers)


async def refusal(app: FastAPI, headers: dict[str, str]) -> str:
    answer = await ask(app, headers)
    assert answer.status_code == 401, answer.text
    return answer.headers["x-clerk-auth-reason"].partition(";")[0]


@FORMATS
async def test_application_accepts_the_tokens_of_machines_that_reach_it(
    server: TestServer, orders: Machine, stock: Machine, token_format: str
) -> None:
    headers = orders.headers(token_format=token_format, claims={"job": "nightly"})

    answer = await ask(stock_app(server, stock), headers)

    assert answer.json() == {
        "token_type": "m2m_token",
        "machine_id": orders.id,
        "scopes": [stock.id],
        "job": "nightly",
        "user_id": None,
    }


@FORMATS
async def test_application_that_holds_no_key_but_its_own_accepts_tokens_for_itself(
    server: TestServer, orders: Machine, stock: Machine, token_format: str
) -> None:
    app = stock_app(server, stock, secret_key=None)
    stranger = server.create_machine("stranger")

    answer = await ask(app, orders.headers(token_format=token_format))

    assert answer.json()["machine_id"] == orders.id
    assert await refusal(app, stranger.headers(token_format=token_format)) in (
        "token-invalid",
        "token-verification-failed",
    )


@FORMATS
async def test_application_without_a_machine_key_accepts_those_of_the_whole_instance(
    server: TestServer, stock: Machine, token_format: str
) -> None:
    stranger = server.create_machine("stranger")
    app = stock_app(server, stock, machine_secret_key=None, audience=None)

    answer = await ask(app, stranger.headers(token_format=token_format))

    assert answer.json()["machine_id"] == stranger.id


async def test_application_refuses_a_token_that_is_for_others(server: TestServer, stock: Machine) -> None:
    other = server.create_machine("other")
    elsewhere = server.create_machine("elsewhere", reaches=[other])
    nowhere = server.create_machine("nowhere")
    app = stock_app(server, stock)

    for stranger in (elsewhere, nowhere):
        assert await refusal(app, stranger.headers()) == "token-invalid"
        assert await refusal(app, stranger.headers(token_format="jwt")) == "token-verification-failed"


async def test_application_refuses_a_revoked_token_at_once(
    server: TestServer, orders: Machine, stock: Machine
) -> None:
    app, headers = stock_app(server, stock), orders.headers()
    assert (await ask(app, headers)).status_code == 200
    made = server.backend_api("GET", f"/v1/m2m_tokens?subject={orders.id}")["m2m_tokens"][0]

    server.backend_api("POST", f"/v1/m2m_tokens/{made['id']}/revoke", secret_key=orders.secret_key)

    assert await refusal(app, headers) == "token-invalid"


@pytest.mark.parametrize(
    ("token_format", "reason"), [("opaque", "token-invalid"), ("jwt", "token-verification-failed")]
)
async def test_application_refuses_an_expired_token(
    server: TestServer, orders: Machine, stock: Machine, token_format: str, reason: str
) -> None:
    app = stock_app(server, stock)
    headers = orders.headers(token_format=token_format, seconds_until_expiration=60)
    assert (await ask(app, headers)).status_code == 200

    server.clock.advance(seconds=66)  # with the tolerance for clocks that differ

    assert await refusal(app, headers) == reason


async def test_scope_that_is_removed_closes_the_application_to_tokens_made_before(
    server: TestServer, orders: Machine, stock: Machine
) -> None:
    app, headers = stock_app(server, stock), orders.headers()

    server.backend_api("DELETE", f"/v1/machines/{orders.id}/scopes/{stock.id}")

    assert await refusal(app, headers) == "token-invalid"


async def test_deleted_machine_gets_no_token_and_its_tokens_are_dead(
    server: TestServer, orders: Machine, stock: Machine
) -> None:
    app, headers = stock_app(server, stock), orders.headers()

    server.backend_api("DELETE", f"/v1/machines/{orders.id}")

    assert await refusal(app, headers) == "token-invalid"
    with pytest.raises(ServerRefused) as refused:
        orders.token()
    assert (refused.value.status, refused.value.code) == (401, "clerk_key_invalid")


async def test_application_whose_own_key_was_rotated_says_so(
    server: TestServer, orders: Machine, stock: Machine
) -> None:
    path = f"/v1/machines/{stock.id}/secret_key/rotate"
    app = stock_app(server, stock)

    new = server.backend_api("POST", path, {"previous_token_ttl": 0})["secret"]

    refused = await ask(app, orders.headers())
    assert (refused.status_code, refused.headers["x-clerk-auth-reason"]) == (503, "secret-key-invalid")
    again = stock_app(server, stock, machine_secret_key=new)
    assert (await ask(again, orders.headers())).status_code == 200


@pytest.mark.parametrize(
    ("token_format", "reason"), [("opaque", "token-invalid"), ("jwt", "token-type-mismatch")]
)
async def test_token_of_a_machine_is_no_session_and_a_session_is_no_machine(
    server: TestServer, orders: Machine, stock: Machine, token_format: str, reason: str
) -> None:
    session = server.sign_in(server.create_user(email_address="ada@example.com"))
    people = stock_app(server, stock, accepts_token="session_token", audience=None)

    assert await refusal(people, orders.headers(token_format=token_format)) == reason
    assert await refusal(stock_app(server, stock), session.headers()) == "token-type-mismatch"


@FORMATS
def test_flask_application_accepts_machines_too(
    server: TestServer, orders: Machine, stock: Machine, token_format: str
) -> None:
    app = Flask("stock")
    settings = {"accepts_token": ["session_token", "m2m_token"], "machine_secret_key": stock.secret_key}
    Auth(app, **server.settings(**settings))
    app.add_url_rule("/stock", "stock", lambda: {"subject": getattr(current_auth.machine, "subject", None)})

    answer = app.test_client().get("/stock", headers=orders.headers(token_format=token_format))

    assert answer.get_json() == {"subject": orders.id}


def test_machine_hands_the_same_token_out_again_if_asked(orders: Machine) -> None:
    first = orders.token()

    assert orders.token(min_remaining_ttl_seconds=60) == first
    assert orders.token() != first


def test_printed_machine_does_not_show_its_key(orders: Machine) -> None:
    assert orders.secret_key not in repr(orders)
