"""The requests of a sign-in as the public documentation of a provider describes them."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

CLIENT_ID, CLIENT_SECRET = "client-1", "secret of client-1"


class Lookup(NamedTuple):
    """A request with the access token. `body` is JSON; `form` is sent with the client's credentials instead
    of the token in a header."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = {}
    body: dict[str, Any] | None = None
    form: bool = False


class Documented(NamedTuple):
    """Args:
    source: the page.
    authorize: URL to which the browser goes; `asked`: its parameters beside `response_type`, `redirect_uri`,
        `state`, and those of PKCE and of OpenID Connect.
    token: URL at which the code is exchanged; `authentication`: how the client proves itself there.
    granted: of the token endpoint's answer, beside the tokens.
    discovery: of its discovery document, where it is asked for one.
    jwks: URL of the keys of its ID tokens; `"secret"` where they are signed with the client's secret.
    """

    source: str
    authorize: str
    asked: dict[str, str]
    token: str
    authentication: Literal["form", "basic", "json"] = "form"
    pkce: bool = False
    nonce: bool = False
    token_headers: dict[str, str] = {}
    client_id_name: str = "client_id"
    granted: dict[str, Any] = {}
    lookups: tuple[Lookup, ...] = ()
    discovery: tuple[str, dict[str, str]] | None = None
    jwks: str | None = None
