"""The recipe of `docs/guides/websockets.md`, run as it is written there."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from greffier.fastapi import add_auth
from tests.sdk.instances import Instance, production, signing_key

INSTANCE = production()
PAGE = Path(__file__).parents[3] / "docs" / "guides" / "websockets.md"


@contextmanager
def connection(*, lives_for: float, origin: str = "http://testserver") -> Iterator[Any]:
    """A WebSocket that a page of this origin opens, with a cookie whose token lives so many seconds more."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert code
    recipe: dict[str, Any] = {}
    exec(code[1], recipe)
    app = FastAPI()
    add_auth(app, publishable_key=INSTANCE.publishable_key, jwt_key=INSTANCE.pem)
    recipe["live_updates"](app, INSTANCE.pem)
    headers = {"cookie": f"__session={token(lives_for)}; __client_uat=1", "origin": origin}
    with TestClient(app, headers=headers) as client, client.websocket_connect("/live") as websocket:
        yield websocket


def token(lives_for: float, instance: Instance = INSTANCE, **claims: Any) -> str:
    now = time.time()
    return instance.token(now=now, exp=now + lives_for, **claims)


def closing_code(websocket: Any) -> int:
    """The code with which the server closes; waits until it does."""
    with pytest.raises(WebSocketDisconnect) as caught:
        websocket.receive_json()
    return caught.value.code


def test_connection_is_cut_when_its_token_expires() -> None:
    with connection(lives_for=0.5) as websocket:
        assert closing_code(websocket) == 1008


def test_fresh_token_keeps_the_connection_after_the_first_one_expired() -> None:
    expired_at = time.time() + 0.5
    with connection(lives_for=0.5) as websocket:
        websocket.send_json({"token": token(1.5)})
        assert closing_code(websocket) == 1008

    assert time.time() > expired_at + 0.9


@pytest.mark.parametrize("origin", ["https://evil.example", "http://sibling.testserver", "null"])
def test_recipe_opens_no_connection_for_a_page_of_another_origin(origin: str) -> None:
    with pytest.raises(WebSocketDisconnect) as caught, connection(lives_for=30, origin=origin) as websocket:
        websocket.receive_json()
    assert caught.value.code == 1008


@pytest.mark.parametrize(
    "refused",
    [
        lambda: token(-60),
        lambda: token(30, Instance("clerk.example.com", live=True, key=signing_key(1))),
        lambda: token(30, sid="sess_2"),
        lambda: token(3600),
        lambda: "no token",
    ],
    ids=["expired", "forged", "of another session", "of an hour", "malformed"],
)
def test_connection_continues_only_with_a_valid_token_of_its_session(refused: Callable[[], str]) -> None:
    with connection(lives_for=30) as websocket:
        websocket.send_json({"hello": "there"})
        assert websocket.receive_json() == {"echo": {"hello": "there"}}
        websocket.send_json({"token": token(30)})
        websocket.send_json({"hello": "again"})
        assert websocket.receive_json() == {"echo": {"hello": "again"}}

        websocket.send_json({"token": refused()})
        assert closing_code(websocket) == 1008
