"""`OAuthApplication`: another application, whose users sign in with the test server."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from greffier.testing.errors import ServerRefused
from greffier.testing.handles.sessions import Session
from greffier.testing.handles.users import User
from greffier.testing.hosting.in_process import InProcessAnswer

REDIRECT_URI = "https://oauth-application.example/callback"
"""The redirect URI of an application that names no other. It is never opened."""


class Provider(Protocol):
    """`greffier.testing.server.TestServer`, as far as an application needs it."""

    def sign_in(self, user: User | str) -> Session: ...

    def request(
        self, method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> InProcessAnswer: ...

    def send_backend_api(self, method: str, path: str, body: Any = None) -> InProcessAnswer: ...


class OAuthApplication:
    """A client of the test server as OAuth provider. `data` is what the Backend API showed at creation."""

    def __init__(self, server: Provider, data: dict[str, Any]) -> None:
        self.id: str = data["id"]
        self.client_id: str = data["client_id"]
        self.client_secret: str = data["client_secret"]
        """Empty for a public client."""
        self.data = data
        self._server = server

    def tokens(self, user: User | str, *, scopes: Iterable[str] | None = None) -> dict[str, Any]:
        """The answer of the token endpoint after the user has signed in and consented: `access_token`,
        `refresh_token`, with the scope `openid` an `id_token`.

        Args:
            user: the user or their id.
            scopes: which of the application's; all of them when absent.

        Raises:
            ServerRefused: the user cannot sign in, or the application does not have such a scope.
        """
        verifier = secrets.token_urlsafe(32)
        request = {
            "response_type": "code",
            "redirect_uri": self.data["callback_url"],
            "scope": self.data["scopes"] if scopes is None else " ".join(scopes),
            "code_challenge": _base64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        form = {
            "grant_type": "authorization_code",
            "code": self._code(user, request),
            "redirect_uri": self.data["callback_url"],
            "code_verifier": verifier,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return self._post("/oauth/token", form)

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """New tokens for a refresh token. Raises `ServerRefused` when it is not good any more."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return self._post("/oauth/token", form)

    def token(self, user: User | str, *, scopes: Iterable[str] | None = None) -> str:
        """A fresh access token of a user: opaque, or a JWT where the settings say so."""
        return self.tokens(user, scopes=scopes)["access_token"]

    def headers(self, user: User | str, *, scopes: Iterable[str] | None = None) -> dict[str, str]:
        """The header of a request to the app, with a fresh access token."""
        return {"authorization": f"Bearer {self.token(user, scopes=scopes)}"}

    def revoke(self, token: str) -> None:
        """End what a user granted, by its access token or refresh token. Raises `ServerRefused` for a JWT."""
        path = f"/v1/oauth_applications/{self.id}/revoke_token"
        self._server.send_backend_api("POST", path, {"token": token})

    def _code(self, user: User | str, request: dict[str, str]) -> str:
        session = self._server.sign_in(user)
        location = session.consent(self.client_id, request)
        answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        if "code" not in answer:
            raise ServerRefused(400, answer.get("error"), answer.get("error_description", ""))
        return answer["code"]

    def _post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        given = {name: value for name, value in form.items() if value}
        headers = [("content-type", "application/x-www-form-urlencoded")]
        answer = self._server.request("POST", path, headers, urlencode(given).encode())
        body = json.loads(answer.body)
        if answer.status >= 400:
            raise ServerRefused(answer.status, body.get("error"), body.get("error_description", ""))
        return body

    def __repr__(self) -> str:
        return f"<OAuthApplication {self.id} {self.data['name']!r}>"  # no secret


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
