"""FastAPI: dependencies and the OpenAPI document."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from greffier.asgi import AuthMiddleware
from greffier.fastapi import CurrentAuth, RequiredAuth, add_auth, require_auth
from greffier.sdk.authorization import Reverification
from tests.sdk.instances import production

INSTANCE = production()
DOCUMENT = {"sec-fetch-dest": "document", "accept": "text/html"}

app = FastAPI()
add_auth(
    app,
    publishable_key=INSTANCE.publishable_key,
    jwt_key=INSTANCE.pem,
    public_routes=["/", "/open/**", "/openapi.json"],
)


@app.get("/")
async def home(auth: CurrentAuth) -> dict[str, Any]:
    return {"user_id": auth.user_id}


@app.get("/me")
def me(auth: CurrentAuth) -> dict[str, Any]:
    return {"user_id": auth.user_id}


@app.get("/open/mine")
async def mine(auth: RequiredAuth) -> dict[str, Any]:
    return {"user_id": auth.user_id}


@app.get("/admin", dependencies=[Depends(require_auth(role="org:admin"))])
async def admin() -> str:
    return "admin"


@app.delete("/account", dependencies=[Depends(require_auth(reverification="strict"))])
async def delete_account() -> str:
    return "deleted"


@app.get("/recent", dependencies=[Depends(require_auth(reverification=Reverification("first_factor", 1)))])
async def recent() -> str:
    return "recent"


@app.websocket("/open/ws")
async def ws(websocket: WebSocket, auth: RequiredAuth) -> None:
    await websocket.accept()
    await websocket.send_text(str(auth.user_id))
    await websocket.close()


@asynccontextmanager
async def client(served: FastAPI = app, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
    now = time.time()
    headers = {"authorization": f"Bearer {INSTANCE.token(now=now, **claims)}"} if claims else {}
    transport = httpx.ASGITransport(served)
    async with httpx.AsyncClient(transport=transport, base_url="https://app.example", headers=headers) as one:
        yield one


async def test_current_auth_is_there_signed_in_or_not() -> None:
    async with client() as visitor:
        assert (await visitor.get("/")).json() == {"user_id": None}
        assert (await visitor.get("/me")).status_code == 401
    async with client(sub="user_1") as user:
        assert (await user.get("/")).json() == {"user_id": "user_1"}
        assert (await user.get("/me")).json() == {"user_id": "user_1"}


async def test_a_dependency_protects_a_route_that_the_middleware_leaves_open() -> None:
    async with client() as visitor:
        fetched = await visitor.get("/open/mine")
        page = await visitor.get("/open/mine", headers=DOCUMENT)
    assert fetched.status_code == 401
    assert fetched.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert fetched.json()["errors"][0]["code"] == "authentication_required"
    assert page.status_code == 307
    assert page.headers["location"].startswith("https://accounts.example.com/sign-in?redirect_url=")
    async with client(sub="user_1") as user:
        assert (await user.get("/open/mine")).json() == {"user_id": "user_1"}


async def test_a_role_is_required_where_it_is_asked_for() -> None:
    async with client(sub="user_1") as user:
        refused = await user.get("/admin")
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "authorization_invalid"
    async with client(sub="user_1", org_id="org_1", org_role="org:admin") as boss:
        assert (await boss.get("/admin")).json() == "admin"


async def test_a_verification_that_is_too_old_is_told_in_the_published_form() -> None:
    async with client(fva=[10, -1]) as user:
        refused = await user.delete("/account")
    assert refused.status_code == 403
    assert refused.json() == {
        "clerk_error": {
            "type": "forbidden",
            "reason": "reverification-error",
            "metadata": {"reverification": {"level": "second_factor", "afterMinutes": 10}},
        }
    }
    async with client(fva=[0, -1]) as user:
        assert (await user.delete("/account")).json() == "deleted"
        assert (await user.get("/recent")).json() == "recent"


async def test_the_openapi_document_names_both_ways_to_sign_in() -> None:
    async with client() as visitor:
        document = (await visitor.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"] == {
        "sessionToken": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A session token, or a machine token where accepted.",
        },
        "sessionCookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__session",
            "description": "Set by the browser SDK.",
        },
    }
    either = [{"sessionToken": []}, {"sessionCookie": []}]
    assert document["paths"]["/me"]["get"]["security"] == either
    assert document["paths"]["/admin"]["get"]["security"] == either
    assert "parameters" not in document["paths"]["/me"]["get"]


def test_a_websocket_dependency_closes_a_signed_out_connection() -> None:
    with TestClient(app) as visitor:
        with pytest.raises(WebSocketDisconnect) as caught, visitor.websocket_connect("/open/ws"):
            raise AssertionError("the connection must not open")
        assert caught.value.code == 1008
        headers = {"authorization": f"Bearer {INSTANCE.token(now=time.time())}"}
        with visitor.websocket_connect("/open/ws", headers=headers) as websocket:
            assert websocket.receive_text() == "user_1"


async def test_without_add_auth_a_refusal_is_still_a_plain_http_exception() -> None:
    plain = FastAPI()
    plain.add_middleware(
        AuthMiddleware,
        publishable_key=INSTANCE.publishable_key,
        jwt_key=INSTANCE.pem,
        public_routes=["/**"],
    )
    plain.get("/mine")(mine)
    async with client(plain) as visitor:
        answer = await visitor.get("/mine")
    assert answer.status_code == 401
    assert answer.json()["detail"]["errors"][0]["code"] == "authentication_required"


async def test_lazily_a_page_that_asks_for_sign_in_renews_an_expired_token_first() -> None:
    lazy = FastAPI()
    add_auth(lazy, publishable_key=INSTANCE.publishable_key, jwt_key=INSTANCE.pem, lazy=True)
    lazy.get("/mine")(mine)
    now = int(time.time())
    expired = INSTANCE.token(now=now, iat=now - 90, exp=now - 30)
    async with client(lazy) as visitor:
        visitor.cookies.update({"__session": expired, "__client_uat": str(now - 300)})
        answer = await visitor.get("/mine", headers=DOCUMENT)
        fetched = await visitor.get("/mine")
    assert answer.status_code == 307
    assert answer.headers["location"].startswith("https://clerk.example.com/v1/client/handshake?")
    assert fetched.status_code == 401
