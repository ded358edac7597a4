"""Requests like one before: nothing is verified twice, and nothing is believed longer than it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from greffier import auth
from greffier.sdk.protection import request_auth
from tests.sdk.apps import DEVELOPMENT, DOCUMENT, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.recorded_backend import RecordedBackend

JWKS = "GET /v1/jwks"


@pytest.fixture
def whole_walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs of the requests that went through all of authentication."""
    urls: list[str] = []
    whole = request_auth.authenticate

    def authenticate(visit: Any) -> Any:
        urls.append(visit.request.url)
        return whole(visit)

    monkeypatch.setattr(request_auth, "authenticate", authenticate)
    return urls


async def test_request_like_one_before_is_not_walked_through_again(whole_walks: list[str]) -> None:
    async with browser(protected(), **signed_in_cookies()) as client:
        answers = [await client.get(path) for path in ("/reports", "/orders", "/reports?page=2")]
        answers.append(await client.post("/reports"))

    assert [answer.text for answer in answers] == [
        "/reports user_1",
        "/orders user_1",
        "/reports user_1",
        "/reports user_1",
    ]
    assert {answer.headers["x-clerk-auth-status"] for answer in answers} == {"signed-in"}
    assert len(whole_walks) == 1


async def test_token_is_refused_once_it_has_expired(whole_walks: list[str]) -> None:
    now = time.time()
    clock: dict[str, float] = {"now": now}
    middleware = protected(clock=lambda: clock["now"])
    async with browser(middleware, **signed_in_cookies(iat=int(now), exp=int(now) + 60)) as client:
        statuses: list[int] = []
        for later in (0, 59, 64, 66):  # the skew of clocks is 5 s
            clock["now"] = int(now) + later
            statuses.append((await client.get("/reports")).status_code)

    assert statuses == [200, 200, 200, 401]
    assert len(whole_walks) == 2


async def test_clock_that_goes_back_is_not_trusted(whole_walks: list[str]) -> None:
    clock = {"now": time.time()}
    async with browser(protected(clock=lambda: clock["now"]), **signed_in_cookies()) as client:
        await client.get("/reports")
        clock["now"] -= 3600
        assert (await client.get("/reports")).status_code == 401


async def test_token_is_refused_once_its_key_is_gone() -> None:
    backend = RecordedBackend({JWKS: {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}})
    now = int(time.time())
    clock = {"now": float(now)}
    middleware = protected(
        jwt_key=None,
        secret_key=PRODUCTION.secret_key,
        transport=backend,
        clock=lambda: clock["now"],
        max_lifetime=None,
    )
    async with browser(middleware, **signed_in_cookies(iat=now, exp=now + 3600)) as client:
        assert (await client.get("/reports")).status_code == 200
        backend.answers[JWKS] = {"status": 200, "body": {"keys": [PRODUCTION.jwk | {"kid": "another"}]}}
        middleware.guard.authenticator._verifier._keys._clock = lambda: time.time() + 400  # type: ignore[attr-defined]
        assert (await client.get("/reports")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        lambda cookies: cookies | {"__client_uat": "0"},
        lambda cookies: cookies | {"__session": cookies["__session"][:-4] + "AAAA"},
        lambda cookies: {"__client_uat": cookies["__client_uat"]},
    ],
    ids=["signed out", "forged", "without its token"],
)
async def test_other_cookies_are_looked_at_for_themselves(
    change: Callable[[dict[str, str]], dict[str, str]],
) -> None:
    cookies, middleware = signed_in_cookies(), protected()
    async with browser(middleware, **cookies) as client:
        assert (await client.get("/reports")).status_code == 200
    async with browser(middleware, **change(cookies)) as client:
        assert (await client.get("/reports")).status_code == 401


async def test_token_of_the_header_still_wins_over_remembered_cookies() -> None:
    other = {"authorization": f"Bearer {PRODUCTION.token(now=time.time(), sub='user_2')}"}
    async with browser(protected(), **signed_in_cookies()) as client:
        seen = [(await client.get("/reports", headers=headers)).text for headers in ({}, other, {}, other)]

    assert seen == ["/reports user_1", "/reports user_2"] * 2


async def test_what_belongs_to_a_handshake_is_never_taken_for_remembered(whole_walks: list[str]) -> None:
    async with browser(protected(DEVELOPMENT), **signed_in_cookies(DEVELOPMENT)) as client:
        await client.get("/reports", headers=DOCUMENT)
        synced = await client.get("/reports?__clerk_db_jwt=dvb_2", headers=DOCUMENT)

    assert synced.headers["x-clerk-auth-reason"] == "dev-browser-sync"
    assert len(whole_walks) == 2


async def test_page_that_was_opened_from_another_domain_is_looked_at(whole_walks: list[str]) -> None:
    abroad = DOCUMENT | {"referer": "https://other.example/"}
    async with browser(protected(), **signed_in_cookies()) as client:
        await client.get("/reports", headers=DOCUMENT)
        answer = await client.get("/reports", headers=abroad)

    assert answer.headers["x-clerk-auth-reason"] == "primary-domain-cross-origin-sync"
    assert len(whole_walks) == 2


async def test_organization_of_the_path_is_still_activated(whole_walks: list[str]) -> None:
    from greffier import OrganizationSync

    sync = OrganizationSync(organization_patterns=["/orgs/:slug"])
    async with browser(protected(organization_sync=sync), **signed_in_cookies()) as client:
        await client.get("/reports", headers=DOCUMENT)
        answer = await client.get("/orgs/acme", headers=DOCUMENT)

    assert answer.headers["x-clerk-auth-reason"] == "active-organization-mismatch"


async def test_claims_that_one_request_changes_are_not_those_of_the_next() -> None:
    async def endpoint(request: Request) -> JSONResponse:
        claims = auth().session_claims or {}
        shown = {"sub": claims["sub"], "o": dict(claims["o"])}
        claims["sub"] = "user_2"
        claims["o"]["rol"] = "admin"
        return JSONResponse(shown)

    inner = Starlette(routes=[Route("/reports", endpoint)])
    cookies = signed_in_cookies(v=2, o={"id": "org_1", "rol": "member"})
    async with browser(protected(inner=inner), **cookies) as client:
        answers: list[httpx.Response] = [await client.get("/reports") for _ in range(3)]

    assert [answer.json() for answer in answers] == [
        {"sub": "user_1", "o": {"id": "org_1", "rol": "member"}}
    ] * 3
