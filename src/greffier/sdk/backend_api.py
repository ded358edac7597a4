"""The Backend API calls of authentication itself: key set, handshake, refresh, token, user, machine
tokens."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

from greffier.sdk.errors import BackendApiRefused, BackendApiUnreachable
from greffier.sdk.http.transport import HttpCall, HttpRequest, Transport
from greffier.sdk.steps import Steps, ask

#: The dated version of the Backend API that these calls speak.
API_VERSION = "2026-05-12"

MACHINE_TOKEN_PATHS = {
    "api_key": ("/api_keys/verify", "secret"),
    "m2m_token": ("/m2m_tokens/verify", "token"),
    "oauth_token": ("/oauth_applications/access_tokens/verify", "access_token"),
}


class BackendApi:
    """Calls to one Backend API with one secret key.

    `api_url` may be given with or without `/v1`. Every method raises `BackendApiError` when the call fails.
    """

    def __init__(
        self, *, api_url: str, secret_key: str, transport: Transport, machine_secret_key: str | None = None
    ) -> None:
        self._base = api_url.rstrip("/").removesuffix("/v1")
        self._secret_key = secret_key
        self._machine_secret_key = machine_secret_key
        self._transport = transport

    def jwks_request(self) -> HttpRequest:
        """The request for the instance's key set (operation GetJWKS)."""
        return self._request("GET", "/v1/jwks")

    def handshake_payload(self, nonce: str) -> Steps[list[Any]]:
        """The Set-Cookie directives behind a handshake nonce."""
        answer = yield from self._call("GET", f"/v1/clients/handshake_payload?nonce={quote(nonce, safe='')}")
        return _list(answer.get("directives"))

    def refresh_session(
        self,
        session_id: str,
        *,
        expired_token: str,
        refresh_token: str,
        suffixed_cookies: bool,
        request_origin: str,
        request_headers: Mapping[str, str],
    ) -> Steps[list[Any]]:
        """The Set-Cookie directives that renew an expired session token (operation RefreshSession)."""
        query = "?suffixed_cookies=true" if suffixed_cookies else ""
        answer = yield from self._call(
            "POST",
            f"/v1/sessions/{quote(session_id, safe='')}/refresh{query}",
            {
                "format": "cookie",
                "expired_token": expired_token,
                "refresh_token": refresh_token,
                "request_origin": request_origin,
                "request_headers": {name: [value] for name, value in request_headers.items()},
            },
        )
        return _list(answer.get("cookies"))

    def revoke_session(self, session_id: str) -> Steps[None]:
        """End a session (operation RevokeSession)."""
        yield from self._call("POST", f"/v1/sessions/{quote(session_id, safe='')}/revoke")

    def session_token(
        self, session_id: str, *, template: str | None = None, expires_in_seconds: int | None = None
    ) -> Steps[str]:
        """A fresh token of a session, from a JWT template if one is named."""
        path = f"/v1/sessions/{quote(session_id, safe='')}/tokens"
        if template:
            path += f"/{quote(template, safe='')}"
        body = {} if expires_in_seconds is None else {"expires_in_seconds": expires_in_seconds}
        answer = yield from self._call("POST", path, body)
        token = answer.get("jwt")
        if not isinstance(token, str) or not token:
            raise BackendApiUnreachable("The answer holds no token.")
        return token

    def user(self, user_id: str) -> Steps[dict[str, Any]]:
        """A user (operation GetUser)."""
        return (yield from self._call("GET", f"/v1/users/{quote(user_id, safe='')}"))

    def organization(self, organization_id: str) -> Steps[dict[str, Any]]:
        """An organization (operation GetOrganization)."""
        return (yield from self._call("GET", f"/v1/organizations/{quote(organization_id, safe='')}"))

    def merge_private_metadata(self, owner_id: str, changes: Mapping[str, Any]) -> Steps[dict[str, Any]]:
        """A user or organization after a change of its private metadata, in which None removes a key
        (operations UpdateUserMetadata, MergeOrganizationMetadata)."""
        kind = "organizations" if owner_id.startswith("org_") else "users"
        path = f"/v1/{kind}/{quote(owner_id, safe='')}/metadata"
        return (yield from self._call("PATCH", path, {"private_metadata": dict(changes)}))

    def verify_machine_token(self, token_type: str, token: str) -> Steps[dict[str, Any]]:
        """The Backend API's record of an opaque machine token; it refuses an unknown one."""
        path, parameter = MACHINE_TOKEN_PATHS[token_type]
        key = self._secret_key
        if token_type == "m2m_token" and self._machine_secret_key:  # noqa: S105 (a kind of token)
            key = self._machine_secret_key
        return (yield from self._call("POST", path, {parameter: token}, key))

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> Steps[dict[str, Any]]:
        answer = yield from ask(HttpCall(self._transport, self._request(method, path, body, key)))
        if not 200 <= answer.status < 300:
            raise _refusal(answer.status, answer.body)
        content = answer.json()
        if not isinstance(content, dict):
            raise BackendApiUnreachable("The answer is not a JSON object.")
        return cast("dict[str, Any]", content)

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> HttpRequest:
        headers = {
            "Authorization": f"Bearer {key or self._secret_key}",
            "Clerk-API-Version": API_VERSION,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "greffier-python",
        }
        content = None if body is None else json.dumps(body).encode()
        return HttpRequest(method, self._base + path, headers, content)


def _refusal(status: int, body: bytes) -> BackendApiRefused:
    try:
        error = json.loads(body)["errors"][0]
        code, message = error["code"], error.get("message", "")
        return BackendApiRefused(status, code if isinstance(code, str) else None, str(message))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return BackendApiRefused(status, None, "no error message")


def _list(value: Any) -> list[Any]:
    return list(cast("Sequence[Any]", value)) if isinstance(value, list) else []
