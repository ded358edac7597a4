"""Applications that sign users in with a test's instance, and what they do for that."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.server import Backend, Browser, JsonObject, TestServer

REDIRECT_URI = "https://shop.example/callback"
VERIFIER = "a-code-verifier-of-43-characters-or-more-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


async def add_application(backend: Backend, name: str = "Shop", **fields: Any) -> JsonObject:
    """A new application as it is answered, with its `client_secret`."""
    given = {"redirect_uris": [REDIRECT_URI]} | fields
    response = await backend.post("/v1/oauth_applications", name=name, **given)
    assert response.status_code == 200, response.text
    return response.json()


def request_of(application: JsonObject, **changes: Any) -> JsonObject:
    """An authorization request; what is changed to `None` is left out."""
    request = {
        "response_type": "code",
        "client_id": application["client_id"],
        "redirect_uri": application["callback_url"],
        "state": "12345678",
    }
    if application["public"]:
        request |= PKCE
    return {name: value for name, value in (request | changes).items() if value is not None}


async def ask(browser: Browser, application: JsonObject, **changes: Any) -> httpx.Response:
    """Navigate to the authorization endpoint."""
    return await browser.get("/oauth/authorize", **request_of(application, **changes))


async def consent(
    browser: Browser, application: JsonObject, *, consented: str = "true", **changes: Any
) -> httpx.Response:
    """The form that the consent screen sends."""
    path = f"/v1/me/oauth/consent/{application['client_id']}"
    return await browser.call("POST", path, request_of(application, **changes) | {"consented": consented})


def query_of(response: httpx.Response) -> dict[str, str]:
    """The parameters with which the browser is sent on."""
    assert response.status_code == 303, response.text
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()
    }


async def code_for(browser: Browser, application: JsonObject, **changes: Any) -> str:
    """The code after the user consented."""
    answer = query_of(await consent(browser, application, **changes))
    assert "code" in answer, answer
    return answer["code"]


class Client:
    """The application's own program, without a browser."""

    def __init__(self, server: TestServer, application: JsonObject) -> None:
        self.server = server
        self.application = application
        self.browser = server.browser(origin=None)

    async def post(self, path: str, **form: Any) -> httpx.Response:
        """Confidential clients prove themselves by the header."""
        given = {name: value for name, value in form.items() if value is not None}
        if self.application["public"]:
            return await self.browser.call("POST", path, {"client_id": self.application["client_id"]} | given)
        pair = f"{self.application['client_id']}:{self.application['client_secret']}"
        basic = base64.b64encode(pair.encode()).decode()
        return await self.browser.call("POST", path, given, headers={"authorization": f"Basic {basic}"})

    async def exchange(self, code: str, **changes: Any) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.application["callback_url"],
            "code_verifier": VERIFIER if self.application["public"] else None,
        }
        return await self.post("/oauth/token", **(form | changes))

    async def refresh(self, refresh_token: str, **form: Any) -> httpx.Response:
        return await self.post(
            "/oauth/token", grant_type="refresh_token", refresh_token=refresh_token, **form
        )

    async def token_info(self, token: str, **form: Any) -> httpx.Response:
        return await self.post("/oauth/token_info", token=token, **form)

    async def revoke(self, token: str) -> httpx.Response:
        return await self.post("/oauth/token/revoke", token=token)

    async def user_info(self, access_token: str, method: str = "GET") -> httpx.Response:
        bearer = {"authorization": f"Bearer {access_token}"}
        return await self.browser.call(method, "/oauth/userinfo", headers=bearer)

    async def tokens(self, user: Browser, **changes: Any) -> JsonObject:
        """All tokens of a user who consented."""
        response = await self.exchange(await code_for(user, self.application, **changes))
        assert response.status_code == 200, response.text
        return response.json()


async def works(backend: Backend, access_token: str) -> bool:
    """Whether the Backend API says that the token is good."""
    response = await backend.post("/v1/oauth_applications/access_tokens/verify", access_token=access_token)
    assert response.status_code in (200, 404), response.text
    return response.status_code == 200


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Returns status and code of an error in the shape of OAuth, which must not be cached."""
    assert response.headers["cache-control"] == "no-store"
    assert response.json().keys() == {"error", "error_description"}
    return response.status_code, response.json()["error"]
