"""Applications that accept the access tokens which users granted to others, against the real server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from flask import Flask

from greffier.fastapi import CurrentAuth, add_auth
from greffier.flask import Auth, current_auth
from greffier.testing import OAuthApplication, ServerRefused, TestServer, User

DAY = 86_400
FORMATS = pytest.mark.parametrize("jwt", [False, True], ids=["opaque", "jwt"])


@pytest.fixture
def ada(server: TestServer) -> User:
    return server.create_user(email_address="ada@example.com")


@pytest.fixture
def shop(server: TestServer) -> OAuthApplication:
    """The application that asks."""
    return server.create_oauth_application("Shop", scopes="openid profile email")


def issue(server: TestServer, *, jwt: bool) -> None:
    server.configure({"oauth_provider": {"jwt_access_tokens": jwt}})


def orders_app(server: TestServer, accepts: Any = "oauth_token", **others: Any) -> FastAPI:
    app = FastAPI()
    add_auth(app, **server.settings(accepts_token=accepts, **others))

    @app.get("/orders")
    async def read(auth: CurrentAuth) -> dict[str, Any]:
        machine = auth.machine
        return {
            "token_type": auth.token_type,
            "user_id": auth.user_id or (machine and machine.user_id),
            "client_id": machine and machine.client_id,
            "scopes": machine and sorted(machine.scopes),
        }

    return app


async def ask(app: FastAPI, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders") as http:
        return await http.get("/orders", headers=headers)


async def refusal(app: FastAPI, headers: dict[str, str]) -> str:
    answer = await ask(app, headers)
    assert answer.status_code == 401, answer.text
    return answer.headers["x-clerk-auth-reason"].partition(";")[0]


@FORMATS
@pytest.mark.parametrize("accepts", ["oauth_token", ["session_token", "oauth_token"], "any"])
async def test_application_accepts_the_tokens_that_users_granted_to_another(
    server: TestServer, shop: OAuthApplication, ada: User, accepts: Any, jwt: bool
) -> None:
    issue(server, jwt=jwt)

    answer = await ask(orders_app(server, accepts), shop.headers(ada, scopes=["email", "profile"]))

    assert answer.json() == {
        "token_type": "oauth_token",
        "user_id": ada.id,
        "client_id": shop.client_id,
        "scopes": ["email", "profile"],
    }


@FORMATS
async def test_application_that_accepts_both_still_knows_sessions(
    server: TestServer, shop: OAuthApplication, ada: User, jwt: bool
) -> None:
    issue(server, jwt=jwt)
    session = server.sign_in(ada)
    both = orders_app(server, ["session_token", "oauth_token"])

    answer = (await ask(both, session.headers())).json()

    assert (answer["token_type"], answer["user_id"]) == ("session_token", ada.id)
    assert await refusal(orders_app(server), session.headers()) == "token-type-mismatch"


@pytest.mark.parametrize(("jwt", "reason"), [(False, "token-invalid"), (True, "token-type-mismatch")])
async def test_token_of_an_application_is_no_session(
    server: TestServer, shop: OAuthApplication, ada: User, jwt: bool, reason: str
) -> None:
    issue(server, jwt=jwt)

    assert await refusal(orders_app(server, "session_token"), shop.headers(ada)) == reason


async def test_id_token_of_an_application_is_neither_session_nor_access_token(
    server: TestServer, shop: OAuthApplication, ada: User
) -> None:
    headers = {"authorization": f"Bearer {shop.tokens(ada)['id_token']}"}

    for accepts in ("session_token", "oauth_token", "any"):
        assert (await ask(orders_app(server, accepts), headers)).status_code == 401


async def test_application_refuses_a_revoked_token_at_once(
    server: TestServer, shop: OAuthApplication, ada: User
) -> None:
    app, tokens = orders_app(server), shop.tokens(ada)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await ask(app, headers)).status_code == 200

    shop.revoke(tokens["refresh_token"])

    assert await refusal(app, headers) == "token-invalid"
    with pytest.raises(ServerRefused) as refused:
        shop.refresh(tokens["refresh_token"])
    assert (refused.value.status, refused.value.code) == (400, "invalid_grant")


@pytest.mark.parametrize(("jwt", "reason"), [(False, "token-invalid"), (True, "token-verification-failed")])
async def test_application_refuses_an_expired_token_until_it_is_refreshed(
    server: TestServer, shop: OAuthApplication, ada: User, jwt: bool, reason: str
) -> None:
    issue(server, jwt=jwt)
    app, tokens = orders_app(server), shop.tokens(ada)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    server.clock.advance(seconds=DAY - 1)
    assert (await ask(app, headers)).status_code == 200

    server.clock.advance(seconds=7)  # with the tolerance for clocks that differ

    assert await refusal(app, headers) == reason
    refreshed = shop.refresh(tokens["refresh_token"])["access_token"]
    assert (await ask(app, {"authorization": f"Bearer {refreshed}"})).status_code == 200


@pytest.mark.parametrize("action", ["ban", "lock"])
async def test_application_refuses_tokens_of_a_banned_or_locked_user(
    server: TestServer, shop: OAuthApplication, ada: User, action: str
) -> None:
    app, headers = orders_app(server), shop.headers(ada)

    server.backend_api("POST", f"/v1/users/{ada.id}/{action}")

    assert await refusal(app, headers) == "token-invalid"


async def test_application_refuses_tokens_of_deleted_users_and_applications(
    server: TestServer, shop: OAuthApplication, ada: User
) -> None:
    other = server.create_oauth_application("Other")
    app, of_shop, of_other = orders_app(server), shop.headers(ada), other.headers(ada)

    server.backend_api("DELETE", f"/v1/oauth_applications/{other.id}")
    assert await refusal(app, of_other) == "token-invalid"
    assert (await ask(app, of_shop)).status_code == 200
    server.backend_api("DELETE", f"/v1/users/{ada.id}")
    assert await refusal(app, of_shop) == "token-invalid"


async def test_jwt_that_is_forged_or_for_another_audience_is_refused(
    server: TestServer, shop: OAuthApplication, ada: User
) -> None:
    issue(server, jwt=True)
    headers = shop.headers(ada)
    header, payload, signature = headers["authorization"].split(".")
    forged = ".".join((header, payload, signature[::-1]))

    assert await refusal(orders_app(server), {"authorization": forged}) == "token-verification-failed"
    elsewhere = orders_app(server, audience="https://other.example")
    assert await refusal(elsewhere, headers) == "token-verification-failed"
    assert (await ask(orders_app(server), headers)).status_code == 200


@FORMATS
def test_flask_application_accepts_them_too(
    server: TestServer, shop: OAuthApplication, ada: User, jwt: bool
) -> None:
    issue(server, jwt=jwt)
    app = Flask("orders")
    Auth(app, **server.settings(accepts_token=["session_token", "oauth_token"]))
    app.add_url_rule("/orders", "orders", lambda: {"subject": getattr(current_auth.machine, "subject", None)})

    answer = app.test_client().get("/orders", headers=shop.headers(ada))

    assert answer.get_json() == {"subject": ada.id}


def test_application_of_the_test_server_refuses_what_it_does_not_have(
    server: TestServer, shop: OAuthApplication, ada: User
) -> None:
    with pytest.raises(ServerRefused) as refused:
        shop.token(ada, scopes=["private_metadata"])

    assert refused.value.code == "invalid_scope"
    assert shop.client_secret not in repr(shop)


def test_public_application_gets_tokens_and_rotates_them(server: TestServer, ada: User) -> None:
    app = server.create_oauth_application("App", public=True)

    tokens = app.tokens(ada)

    assert app.client_secret == ""
    assert app.refresh(tokens["refresh_token"])["refresh_token"] != tokens["refresh_token"]
