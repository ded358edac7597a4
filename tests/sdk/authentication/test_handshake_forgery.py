"""Answers of handshakes that another browser began: they neither sign in nor out."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sdk.apps import DEVELOPMENT, DOCUMENT, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.instances import Instance
from tests.sdk.recorded_backend import RecordedBackend

STATE_COOKIE = "__Host-greffier_state"
SECRET = "s" * 43


def answer_of(instance: Instance, *, sub: str = "user_attacker", **claims: Any) -> str:
    """A handshake token, as one gets for oneself from the Frontend API."""
    session = instance.token(now=time.time(), sub=sub)
    directives = [f"__session={session}; Path=/", f"__client_uat={int(time.time()) - 60}; Path=/"]
    return instance.sign({"handshake": directives, **claims})


def signed_out_answer(instance: Instance, **claims: Any) -> str:
    return instance.sign({"handshake": ["__session=; Path=/; Max-Age=0", "__client_uat=0; Path=/"], **claims})


async def sent_away(client: httpx.AsyncClient) -> str:
    """Begin a handshake as a signed-in browser without a session token does; the state that is sent along."""
    uat = {"__client_uat": str(int(time.time())), **dict(client.cookies)}
    header = "; ".join(f"{name}={value}" for name, value in uat.items())
    answer = await client.get("/reports", headers={**DOCUMENT, "cookie": header})
    assert answer.headers["x-clerk-auth-status"] == "handshake"
    return parse_qs(urlsplit(answer.headers["location"]).query)["__greffier_state"][0]


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("name", ["__clerk_handshake", "__clerk_handshake_nonce"])
async def test_no_link_signs_a_visitor_in_as_another_user_in_production(name: str, encoded: bool) -> None:
    backend = RecordedBackend({})
    settings = {"secret_key": PRODUCTION.secret_key, "transport": backend}
    key = name.replace("__clerk", "%5F%5Fclerk") if encoded else name
    async with browser(protected(**settings), **signed_in_cookies()) as client:
        answer = await client.get(f"/reports?{key}={answer_of(PRODUCTION)}", headers=DOCUMENT)

    assert answer.text == "/reports user_1"
    assert "set-cookie" not in answer.headers
    assert backend.calls() == []


async def test_no_link_signs_a_visitor_out_in_production() -> None:
    async with browser(protected(), **signed_in_cookies()) as client:
        answer = await client.get(f"/?__clerk_handshake={signed_out_answer(PRODUCTION)}", headers=DOCUMENT)

    assert answer.text == "/ user_1"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("cookie", [None, "", "guessed"])
async def test_no_state_made_of_no_secret_signs_a_browser_in_that_began_nothing(cookie: str | None) -> None:
    state = base64.urlsafe_b64encode(hashlib.sha256((cookie or "").encode()).digest()).rstrip(b"=").decode()
    cookies = {} if cookie is None else {STATE_COOKIE: cookie}
    answer_for_any_browser = answer_of(PRODUCTION, state=state)
    async with browser(protected(), **cookies, __clerk_handshake=answer_for_any_browser) as client:
        answer = await client.get("/reports", headers=DOCUMENT)

    assert answer.headers["x-clerk-auth-status"] != "signed-in"
    assert "user_attacker" not in answer.text


async def test_no_link_with_a_state_made_of_no_secret_signs_a_visitor_in_in_development() -> None:
    state = base64.urlsafe_b64encode(hashlib.sha256(b"").digest()).rstrip(b"=").decode()
    async with browser(protected(DEVELOPMENT)) as client:
        link = f"/reports?__clerk_handshake={answer_of(DEVELOPMENT, state=state)}"
        answer = await client.get(link, headers=DOCUMENT)

    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


async def test_answer_that_the_browser_was_sent_for_is_believed() -> None:
    async with browser(protected()) as client:
        state = await sent_away(client)
        client.cookies.set("__clerk_handshake", answer_of(PRODUCTION, sub="user_1", state=state))
        answer = await client.get("/reports", headers=DOCUMENT)

    assert answer.text == "/reports user_1"


async def test_tabs_that_are_under_way_at_once_share_one_state() -> None:
    async with browser(protected()) as client:
        assert await sent_away(client) == await sent_away(client)


async def test_secret_of_the_browser_never_travels_in_a_url() -> None:
    async with browser(protected()) as client:
        state = await sent_away(client)
        assert client.cookies[STATE_COOKIE] not in state


@pytest.mark.parametrize("state", ["", "x" * 43, 5, ["x"]])
@pytest.mark.parametrize("make", [answer_of, signed_out_answer])
async def test_no_answer_that_another_browser_was_sent_for_counts(make: Any, state: Any) -> None:
    """A neighbouring host can set the cookie of the answer, but not the one that it is compared with."""
    cookies = {**signed_in_cookies(), STATE_COOKIE: SECRET}
    async with browser(protected(), **cookies, __clerk_handshake=make(PRODUCTION, state=state)) as client:
        answer = await client.get("/", headers=DOCUMENT)

    assert answer.text == "/ user_1"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("state", ["", "x" * 43])
async def test_no_nonce_that_another_browser_was_sent_for_is_redeemed(state: str) -> None:
    backend = RecordedBackend({})
    settings = {"secret_key": PRODUCTION.secret_key, "transport": backend}
    cookies = {**signed_in_cookies(), "__clerk_handshake_nonce": f"hsn_{'n' * 43}.{state}"}
    async with browser(protected(**settings), **cookies) as client:
        answer = await client.get("/", headers=DOCUMENT)

    assert (answer.text, backend.calls()) == ("/ user_1", [])


@pytest.mark.parametrize("make", [answer_of, signed_out_answer])
@pytest.mark.parametrize("exp", [-10, "soon"])
async def test_expired_answer_neither_signs_in_nor_out(make: Any, exp: Any) -> None:
    ends = int(time.time()) + exp if isinstance(exp, int) else exp
    answered = make(PRODUCTION, exp=ends)
    async with browser(protected(), **signed_in_cookies(), __clerk_handshake=answered) as client:
        answer = await client.get("/", headers=DOCUMENT)

    assert answer.text == "/ user_1"
    assert "set-cookie" not in answer.headers


async def test_answer_of_a_server_that_says_neither_is_believed_from_the_cookie() -> None:
    async with browser(protected(), __clerk_handshake=answer_of(PRODUCTION, sub="user_1")) as client:
        assert (await client.get("/reports", headers=DOCUMENT)).text == "/reports user_1"


@pytest.mark.parametrize("claims", [{}, {"state": ""}, {"state": "x" * 43}, {"exp": 1}])
async def test_no_link_makes_a_development_browser_another_one(claims: dict[str, Any]) -> None:
    directives = [
        f"__session={DEVELOPMENT.token(now=time.time())}; Path=/",
        "__clerk_db_jwt=dvb_evil; Path=/",
    ]
    token = DEVELOPMENT.sign({"handshake": directives, **claims})
    async with browser(protected(DEVELOPMENT), __clerk_db_jwt="dvb_1") as client:
        answer = await client.get(f"/?__clerk_handshake={token}", headers=DOCUMENT)

    assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)


async def test_in_development_clocks_may_differ_where_the_browser_is_known() -> None:
    async with browser(protected(DEVELOPMENT)) as client:
        location = (await client.get("/", headers=DOCUMENT)).headers["location"]
        state = parse_qs(urlsplit(location).query)["__greffier_state"][0]
        token = answer_of(DEVELOPMENT, state=state, exp=int(time.time()) - 3600)
        answer = await client.get(f"/?__clerk_handshake={token}", headers=DOCUMENT)

    assert (answer.status_code, "__session" in answer.headers["set-cookie"]) == (307, True)
