"""While keys cannot be fetched no user is treated as signed out: 503, and a line in the log."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from django.test import override_settings

from greffier.sdk import rare_log
from tests.sdk.apps import DEVELOPMENT, DOCUMENT, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.frameworks.test_every_framework import (
    Served,
    get_asgi_application,
    get_wsgi_application,
    of_fastapi,
    of_flask,
    of_litestar,
    of_plain_asgi,
    of_plain_wsgi,
    of_starlette,
)
from tests.sdk.recorded_backend import RecordedBackend

REFUSED: dict[str, Any] = {
    "status": 401,
    "body": {"errors": [{"code": "clerk_key_invalid", "message": "no"}]},
}
UNKNOWN: dict[str, Any] = {"status": 404, "body": {}}
BROKEN: dict[str, Any] = {"status": 500, "body": {}}


def down() -> RecordedBackend:
    backend = RecordedBackend({})
    backend.is_down = True
    return backend


def answering(answer: dict[str, Any]) -> RecordedBackend:
    return RecordedBackend({"GET /v1/jwks": answer})


def settings_with(backend: RecordedBackend) -> dict[str, Any]:
    return {
        "publishable_key": PRODUCTION.publishable_key,
        "secret_key": PRODUCTION.secret_key,
        "transport": backend,
        "public_routes": ["/"],
    }


OUTAGES = {"down": down, "wrong secret key": lambda: answering(REFUSED), "broken": lambda: answering(BROKEN)}
APPS = {
    "starlette": (True, of_starlette),
    "fastapi": (True, of_fastapi),
    "litestar": (True, of_litestar),
    "asgi": (True, of_plain_asgi),
    "flask": (False, of_flask),
    "wsgi": (False, of_plain_wsgi),
    "django by wsgi": (False, lambda **_: get_wsgi_application()),
    "django by asgi": (True, lambda **_: get_asgi_application()),
}


@pytest.fixture(autouse=True)
def nothing_logged_yet() -> None:
    rare_log._last.clear()


@pytest.fixture(params=OUTAGES)
def outage(request: pytest.FixtureRequest) -> RecordedBackend:
    return OUTAGES[request.param]()


@pytest.fixture(params=APPS)
def served(request: pytest.FixtureRequest, outage: RecordedBackend) -> Any:
    is_asgi, make = APPS[request.param]
    settings = settings_with(outage)
    with override_settings(GREFFIER=settings):
        yield Served(is_asgi, make(**settings))


async def test_outage_signs_no_user_out(served: Served) -> None:
    token = signed_in_cookies()["__session"]
    by_token = await served.get("/me", authorization=f"Bearer {token}")
    by_cookie = await served.get("/me", signed_in=True)
    page = await served.get("/me", signed_in=True, **DOCUMENT)
    public = await served.get("/", signed_in=True)

    assert [answer.status_code for answer in (by_token, by_cookie, page, public)] == [503, 503, 503, 200]
    for answer in (by_token, by_cookie, page):
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["cache-control"] == "no-store"
        assert "location" not in answer.headers
    assert by_token.json()["errors"][0]["code"] == "service_unavailable"
    assert page.headers["content-type"].startswith("text/html")
    assert "Reference" in page.text


async def test_who_brings_nothing_is_signed_out_as_ever(served: Served) -> None:
    assert (await served.get("/me")).status_code == 401
    assert (await served.get("/me", authorization="Bearer nonsense")).status_code == 401
    assert (await served.get("/me", **DOCUMENT)).status_code == 307


async def test_cause_is_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(rare_log.time, "monotonic", lambda: now)
    headers = {"authorization": f"Bearer {signed_in_cookies()['__session']}"}
    with caplog.at_level(logging.ERROR, logger="greffier.sdk"):
        async with browser(protected(jwt_key=None, **_without_key(answering(REFUSED)))) as client:
            for moment in (0.0, 30.0, 59.0, 61.0):
                now = moment
                await client.get("/reports", headers=headers)

    lines = [record.getMessage() for record in caplog.records if "503" in record.getMessage()]
    assert len(lines) == 2
    assert "does not accept the secret key" in lines[0]
    assert headers["authorization"] not in caplog.text


def _without_key(backend: RecordedBackend) -> dict[str, Any]:
    return {"secret_key": PRODUCTION.secret_key, "transport": backend}


async def test_token_of_another_instance_is_refused_and_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    backend = answering({"status": 200, "body": {"keys": [{**PRODUCTION.jwk, "kid": "ins_other"}]}})
    headers = {"authorization": f"Bearer {signed_in_cookies()['__session']}"}
    async with browser(protected(jwt_key=None, **_without_key(backend))) as client:
        answer = await client.get("/reports", headers=headers)

    assert answer.status_code == 401
    assert "do not belong together" in caplog.text


@pytest.mark.parametrize("token", ["ak_secret", "mt_secret", "oat_secret"])
@pytest.mark.parametrize(
    ("answer", "status"), [(REFUSED, 503), (BROKEN, 503), ({"status": 404, "body": {}}, 401)]
)
async def test_machine_tokens_are_refused_only_by_who_knows_them(
    token: str, answer: dict[str, Any], status: int
) -> None:
    paths = ("/api_keys/verify", "/m2m_tokens/verify", "/oauth_applications/access_tokens/verify")
    backend = RecordedBackend({f"POST {path}": answer for path in paths})
    async with browser(protected(accepts_token="any", **_without_key(backend))) as client:
        refused = await client.get("/reports", headers={"authorization": f"Bearer {token}"})

    assert refused.status_code == status


async def test_handshake_that_cannot_be_redeemed_now_signs_no_user_out() -> None:
    for backend in (down(), RecordedBackend({"GET /v1/clients/handshake_payload?nonce=n": REFUSED})):
        settings = _without_key(backend)
        async with browser(protected(**settings), __clerk_handshake_nonce="n") as client:
            answer = await client.get("/reports", headers=DOCUMENT)
        assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
        settings["secret_key"] = DEVELOPMENT.secret_key
        async with browser(protected(DEVELOPMENT, **settings), __clerk_db_jwt="dvb_1") as client:
            answer = await client.get("/reports?__clerk_handshake_nonce=n", headers=DOCUMENT)
        assert (answer.status_code, "location" in answer.headers) == (503, False)


async def test_script_whose_session_cannot_be_refreshed_now_is_not_signed_out() -> None:
    now = int(time.time())
    cookies = signed_in_cookies(iat=now - 600, exp=now - 540) | {"__client_uat": str(now - 700)}
    cookies[f"__refresh_{PRODUCTION.suffix}"] = "rt_1"
    async with browser(protected(**_without_key(down())), **cookies) as client:
        assert (await client.get("/reports")).status_code == 503
        assert (await client.post("/reports")).status_code == 401  # is never refreshed
