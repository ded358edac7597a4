"""Answers of the middleware itself: handshakes, refreshed sessions, and nothing smuggled in."""

import json
import time
from urllib.parse import parse_qs, urlsplit

from tests.sdk.apps import DEVELOPMENT, DOCUMENT, ORIGIN, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.instances import Instance
from tests.sdk.recorded_backend import RecordedBackend


async def test_a_browser_whose_token_is_stale_is_sent_to_the_handshake_as_it_is() -> None:
    now = int(time.time())
    cookies = {**signed_in_cookies(iat=now - 600, exp=now - 540), "__client_uat": str(now - 700)}
    async with browser(protected(), **cookies) as client:
        answer = await client.get("/", headers=DOCUMENT)
    assert answer.status_code == 307
    location = urlsplit(answer.headers["location"])
    assert location._replace(query="").geturl() == "https://clerk.example.com/v1/client/handshake"
    assert parse_qs(location.query)["redirect_url"] == [f"{ORIGIN}/"]
    assert answer.headers["set-cookie"].startswith("__clerk_redirect_count=1;")
    assert answer.headers["x-clerk-auth-status"] == "handshake"
    assert answer.headers["cache-control"] == "no-store"


async def test_without_a_secret_key_the_handshake_brings_the_cookies_themselves() -> None:
    formats: list[str] = []
    for settings in ({}, {"secret_key": PRODUCTION.secret_key}):
        async with browser(protected(**settings), __client_uat=str(int(time.time()))) as client:
            location = (await client.get("/", headers=DOCUMENT)).headers["location"]
        formats += parse_qs(urlsplit(location).query)["format"]
    assert formats == ["token", "nonce"]


def handshake_token(instance: Instance) -> str:
    now = int(time.time())
    session = instance.token(now=now)
    return instance.sign({"handshake": [f"__session={session}; Path=/", f"__client_uat={now - 60}; Path=/"]})


async def test_in_production_the_app_answers_with_the_cookies_of_the_handshake() -> None:
    async with browser(protected(), __clerk_handshake=handshake_token(PRODUCTION)) as client:
        answer = await client.get("/reports", headers=DOCUMENT)
    assert answer.text == "/reports user_1"
    assert [cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie")] == [
        "__session",
        "__client_uat",
    ]


async def test_in_development_the_handshake_ends_with_a_clean_url() -> None:
    token = handshake_token(DEVELOPMENT)
    async with browser(protected(DEVELOPMENT), __clerk_db_jwt="dvb_1") as client:
        answer = await client.get(
            f"/reports?q=a%20b&__clerk_handshake={token}&__clerk_help=x", headers=DOCUMENT
        )
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{ORIGIN}/reports?q=a%20b"
    assert len(answer.headers.get_list("set-cookie")) == 2


async def test_in_development_a_forged_handshake_is_explained_and_not_a_500() -> None:
    async with browser(protected(DEVELOPMENT), __clerk_db_jwt="dvb_1") as client:
        answer = await client.get("/reports?__clerk_handshake=abc", headers=DOCUMENT)
    assert answer.status_code == 400
    assert "handshake" in answer.text


async def test_a_handshake_cannot_smuggle_headers() -> None:
    evil = PRODUCTION.sign(
        {"handshake": ["a=b\r\nx-evil: 1", 5, None, ["__session=x"], "__client_uat=0; Path=/"]}
    )
    async with browser(protected(), __clerk_handshake=evil) as client:
        answer = await client.get("/", headers=DOCUMENT)
    assert answer.headers.get_list("set-cookie") == ["__client_uat=0; Path=/"]


async def test_an_expired_session_is_refreshed_without_sending_the_browser_away() -> None:
    now = int(time.time())
    renewed = PRODUCTION.token(now=now, sub="user_renewed")
    backend = RecordedBackend(
        {
            "POST /v1/sessions/sess_1/refresh": {
                "status": 200,
                "body": {"cookies": [f"__session={renewed}; Path=/"]},
            }
        }
    )
    cookies = signed_in_cookies(iat=now - 600, exp=now - 540) | {"__client_uat": str(now - 700)}
    cookies[f"__refresh_{PRODUCTION.suffix}"] = "rt_1"
    middleware = protected(secret_key=PRODUCTION.secret_key, transport=backend)
    async with browser(middleware, **cookies) as client:
        answer = await client.get("/reports", headers=DOCUMENT)
    assert answer.text == "/reports user_renewed"
    assert answer.headers["set-cookie"] == f"__session={renewed}; Path=/"


async def test_messages_of_an_api_cannot_break_out_of_a_header() -> None:
    backend = RecordedBackend(
        {
            "POST /v1/sessions/sess_1/refresh": {
                "status": 401,
                "body": {"errors": [{"code": "x\r\nset-cookie: a=b", "message": "ü"}]},
            }
        }
    )
    now = int(time.time())
    cookies = signed_in_cookies(iat=now - 600, exp=now - 540) | {f"__refresh_{PRODUCTION.suffix}": "rt_1"}
    cookies["__client_uat"] = str(now - 700)
    async with browser(protected(secret_key=PRODUCTION.secret_key, transport=backend), **cookies) as client:
        answer = await client.get("/reports")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert json.loads(answer.content)["errors"]
