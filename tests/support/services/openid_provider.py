"""An OpenID provider: a real HTTP server that signs real tokens and checks what a client sends it (code,
redirect URI, secret, PKCE)."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "client-of-greffier", "secret-of-greffier"


class Broken(NamedTuple):
    """The answer of an endpoint that misbehaves. `seconds` pass before, unless `released` is set."""

    body: bytes = b"{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    seconds: float = 0


class OpenIdProvider:
    """`user` has the claims of the person who signs in there next. `claims` overrides those of the ID token
    alone, and `refuse` makes the token endpoint answer with this error.

    With `gives_refresh_tokens` it gives refresh tokens, which it rotates: one that was used is good for
    nothing any more. `tokens` has every token that it gave, and `revoked` those that were revoked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.reset()
        self._key = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"})
        self._codes: dict[str, dict[str, str]] = {}
        self._users: dict[str, dict[str, Any]] = {}
        self._refresh_tokens: dict[str, dict[str, str]] = {}
        self._given = itertools.count(1)

    def reset(self) -> None:
        self.user: dict[str, Any] = {
            "sub": "1234",
            "email": "ada@example.com",
            "email_verified": True,
            "given_name": "Ada",
            "family_name": "Lovelace",
            "picture": "https://pictures.example/ada.png",
        }
        self.claims: dict[str, Any] = {}
        self.refuse: str | None = None
        self.userinfo: dict[str, Any] | None = None
        self.token_answer: dict[str, Any] = {}
        """Overrides members of the token endpoint's answer."""
        self.broken: dict[str, Broken] = {}
        """By the path of the endpoint."""
        self.released = threading.Event()
        self.authorizations: list[dict[str, str]] = []
        self.exchanges: list[dict[str, str]] = []
        self.gives_refresh_tokens = False
        self.rotates = True
        self.tells_scopes = True
        self.narrowed_to: str | None = None
        self.lifetime: Any = 3600
        self.tokens: list[str] = []
        self.revocations: list[dict[str, str]] = []
        self.revocation_status = 200
        self.slow = 0.0
        self.describes = False
        self.methods: list[str] = ["client_secret_post"]
        """Of `token_endpoint_auth_methods_supported`."""

    def authorize(self, url: str) -> str:
        """The URL to which the browser is sent back once the person has consented."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT_ID, asked
        assert asked["response_type"] == "code", asked
        self.authorizations.append(asked)
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        self._users[code] = self.user
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return f"{asked['redirect_uri']}?{answer}"

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.exchanges.append(form)
        time.sleep(self.slow)
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form)
        asked = self._codes.pop(form.get("code", ""), None)
        if self.refuse:
            repeated = {"error_description": f"refused: {form}"} if self.describes else {}
            return 400, {"error": self.refuse, **repeated}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, self._given_for(asked | {"code": form["code"]}, self._users[form["code"]])

    def _refresh(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if self.refuse:
            return 400, {"error": self.refuse}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        asked = self._refresh_tokens.get(form["refresh_token"])
        if asked is None:
            return 400, {"error": "invalid_grant"}
        if self.rotates:
            del self._refresh_tokens[form["refresh_token"]]
        return 200, self._given_for(asked, self._users[asked["code"]], again=True)

    def allow_refresh(self, refresh_token: str) -> None:
        """Take this refresh token for one of the present user's."""
        asked = {"code": f"code-of-{refresh_token}", "scope": "openid", "nonce": ""}
        self._users[asked["code"]] = self.user
        self._refresh_tokens[refresh_token] = asked

    def _given_for(
        self, asked: dict[str, str], user: dict[str, Any], *, again: bool = False
    ) -> dict[str, Any]:
        number = f"{next(self._given)}-" if again else ""
        answer: dict[str, Any] = {
            "access_token": f"access-{number}{asked['code']}",
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": (self.narrowed_to or asked["scope"]) if self.tells_scopes else None,
            "id_token": self._id_token(asked, user),
        }
        if self.gives_refresh_tokens and (self.rotates or not again):
            answer["refresh_token"] = f"refresh-{number}{asked['code']}"
            self._refresh_tokens[answer["refresh_token"]] = asked
        self.tokens += [value for name, value in answer.items() if name.endswith("_token")]
        return {name: value for name, value in answer.items() if value is not None} | self.token_answer

    def _id_token(self, asked: dict[str, str], user: dict[str, Any]) -> str:
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": user["sub"],
            "exp": int(time.time()) + 600,
            "iat": int(time.time()),
            "nonce": asked["nonce"],
        }
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims | self.claims, self._key)

    def revoke(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.revocations.append(form)
        if self.revocation_status == 200:
            self._refresh_tokens.pop(form.get("token", ""), None)
        return self.revocation_status, {}

    @property
    def revoked(self) -> list[str]:
        return [form["token"] for form in self.revocations]

    def describe(self, authorization: str) -> tuple[int, dict[str, Any]]:
        code = f"code-{authorization.rpartition('code-')[2]}"
        user = self.userinfo if self.userinfo is not None else self._users.get(code)
        return (200, user) if user is not None else (401, {})

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            **({"token_endpoint_auth_methods_supported": self.methods} if self.methods else {}),
            "jwks_uri": f"{self.url}/jwks",
            "revocation_endpoint": f"{self.url}/revoke",
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}


@contextmanager
def openid_provider() -> Generator[OpenIdProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self._breaks():
                return
            match self.path.partition("?")[0]:
                case "/.well-known/openid-configuration":
                    self._answer(200, provider.document())
                case "/jwks":
                    self._answer(200, provider.keys())
                case "/userinfo":
                    self._answer(*provider.describe(self.headers.get("authorization", "")))
                case "/authorize":
                    self.send_response(302)
                    self.send_header("location", provider.authorize(self.path))
                    self.end_headers()
                case _:
                    self._answer(404, {})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            form |= self._by_basic()
            if not self._breaks():
                revokes = self.path == "/revoke"
                self._answer(*(provider.revoke(form) if revokes else provider.exchange(form)))

        def _by_basic(self) -> dict[str, str]:
            """The client's credentials, where they are in the header (RFC 6749 section 2.3.1)."""
            kind, _, given = self.headers.get("authorization", "").partition(" ")
            if kind != "Basic":
                return {}
            id, _, secret = base64.b64decode(given).decode().partition(":")
            return {"client_id": unquote(id), "client_secret": unquote(secret), "authenticated_by": "basic"}

        def _breaks(self) -> bool:
            broken = provider.broken.get(self.path)
            if broken is not None:
                provider.released.wait(broken.seconds)
                self._send(broken.status, broken.headers, broken.body)
            return broken is not None

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            self._send(status, (("content-type", "application/json"),), json.dumps(document).encode())

        def _send(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
            self.send_response(status)
            for name, value in (*headers, ("content-length", str(len(body)))):
                self.send_header(name, value)
            with suppress(ConnectionError):  # a client may give up
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The tests read what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
