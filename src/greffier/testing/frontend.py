"""A browser at the Frontend API: it keeps the client's cookie and sends forms, as browser SDKs do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from greffier.sdk.http.cookies import DEV_BROWSER, directive_name, directive_value
from greffier.sdk.tokens.jwt import decode_jwt
from greffier.server.versions import NEWEST
from greffier.testing.hosting.in_process import Headers, InProcessAnswer

Send = Callable[[str, str, Headers, bytes], InProcessAnswer]


class FrontendBrowser:
    """One browser.

    Args:
        send: carries a request with method, path, headers and body to the server.
        origin: of the app whose page is open in it.
    """

    def __init__(self, send: Send, origin: str) -> None:
        self.origin = origin
        self._send = send
        self._cookies: dict[str, str] = {}
        self._dev_browser: str | None = None

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """The answer's JSON. Raises `ServerRefused`."""
        query = urlencode({"__clerk_api_version": NEWEST})
        headers = [("origin", self.origin), ("content-type", "application/x-www-form-urlencoded")]
        answer = self._request("POST", f"{path}?{query}", headers, urlencode(form).encode())
        return json.loads(answer.or_refusal().body)

    def submit(self, path: str, form: dict[str, str]) -> str:
        """Send a form as a page does; returns the URL it redirects to. Raises `ServerRefused`."""
        headers = [("origin", self.origin), ("content-type", "application/x-www-form-urlencoded")]
        answer = self._request("POST", path, headers, urlencode(form).encode()).or_refusal()
        return answer.every("location")[0]

    def handshake(self, redirect_url: str) -> list[str]:
        """The Set-Cookie lines of a handshake, for the app's own host."""
        query = {"redirect_url": redirect_url, "__clerk_api_version": NEWEST}
        if self._dev_browser:
            query[DEV_BROWSER] = self._dev_browser
        answer = self._request("GET", f"/v1/client/handshake?{urlencode(query)}").or_refusal()
        (location,) = answer.every("location")
        (token,) = parse_qs(urlsplit(location).query)["__clerk_handshake"]
        directives: list[str] = decode_jwt(token).claims["handshake"]
        self._dev_browser = cookies_in(directives).get(DEV_BROWSER, self._dev_browser)
        return directives

    def _request(
        self, method: str, target: str, headers: Headers | None = None, body: bytes = b""
    ) -> InProcessAnswer:
        sent = list(headers or [])
        if self._cookies:
            sent.append(("cookie", "; ".join(f"{name}={value}" for name, value in self._cookies.items())))
        answer = self._send(method, target, sent, body)
        self._cookies |= cookies_in(answer.every("set-cookie"))
        return answer


def cookies_in(directives: list[str]) -> dict[str, str]:
    """The cookies that Set-Cookie lines set, by name; without those that they delete."""
    return {directive_name(one): directive_value(one) for one in directives if directive_value(one)}
