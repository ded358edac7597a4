"""Authorization requests (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1), read and checked.

Until application and redirect URI are known to belong together, no browser is redirected.
"""

from __future__ import annotations

import re

import msgspec

from greffier.server import errors
from greffier.server.oauth_provider.applications.lifecycle import find_application
from greffier.server.oauth_provider.applications.redirect_uris import is_registered
from greffier.server.oauth_provider.authorization.resource_indicators import resource_problem
from greffier.server.oauth_provider.scopes import DEFAULT_SCOPES, split_scopes, unknown_scope
from greffier.server.oauth_provider.tables import OAuthApplicationRow
from greffier.server.web.context import Context

PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "prompt",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "nonce",
    "max_age",
    "resource",
)
MIN_STATE = 8
"""Characters."""
MAX_VALUE = 2048
"""Characters of one parameter: they come back in URLs."""

_PROMPTS = frozenset({"none", "login", "consent"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url (RFC 7636 section 4.2)
_NOT_SUPPORTED = {"request": "request_not_supported", "request_uri": "request_uri_not_supported"}

Given = dict[str, list[str]]


class AuthorizationError(Exception):
    """An error that is sent to the application by redirect. `code` is one of RFC 6749 section 4.1.2.1 or
    OpenID Connect Core section 3.1.2.6.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Target(msgspec.Struct, frozen=True):
    """The application of a request, and the destination of the answer."""

    application: OAuthApplicationRow
    redirect_uri: str
    named: bool
    """The request names the URI, so the exchange of the code must too."""
    mode: str
    state: str | None


class AuthorizationRequest(msgspec.Struct, frozen=True):
    target: Target
    scopes: list[str]
    prompts: frozenset[str]
    nonce: str | None
    code_challenge: str | None
    max_age: int | None
    """Seconds since the user last authenticated."""
    resource: str | None
    """The API that the tokens are for (RFC 8707)."""
    parameters: dict[str, str]
    """The parameters of the request, to repeat it after a sign-in or with a consent."""


async def find_target(ctx: Context, given: Given) -> Target:
    """The target of the answer, whatever else is wrong with the request.

    Raises:
        ApiError: 401 for an unknown application, 400 for a redirect URI that is not exactly one of its own.
    """
    client_id = _single(given, "client_id")
    if client_id is None:
        raise errors.oauth_invalid_request("client_id must be given, once.")
    application = await find_application(ctx, client_id)
    if application is None:
        raise errors.oauth_client_unknown()
    named = _single(given, "redirect_uri")
    if named is None and _values(given, "redirect_uri"):
        raise errors.oauth_redirect_uri_invalid("redirect_uri must be given once.")
    if named is None and len(application.redirect_uris) != 1:
        raise errors.oauth_redirect_uri_invalid("redirect_uri must be given.")
    redirect_uri = named or application.redirect_uris[0]
    if not is_registered(redirect_uri, application.redirect_uris):
        raise errors.oauth_redirect_uri_invalid("redirect_uri is not registered for this application.")
    mode = "form_post" if _single(given, "response_mode") == "form_post" else "query"
    return Target(application, redirect_uri, named is not None, mode, _single(given, "state"))


def read_request(target: Target, given: Given) -> AuthorizationRequest:
    """Raises: AuthorizationError: something else is wrong with the request."""
    _refuse_malformed(given)
    _check_response(given)
    code_challenge = _code_challenge(target.application, given)
    state = _single(given, "state")
    if code_challenge is None and len(state or "") < MIN_STATE:
        raise _invalid(f"state must have {MIN_STATE} characters, unless PKCE is used.")
    return AuthorizationRequest(
        target,
        _scopes(target.application, given),
        _prompts(given),
        _single(given, "nonce"),
        code_challenge,
        _max_age(given),
        _resource(given),
        {name: value for name in PARAMETERS if (value := _single(given, name)) is not None},
    )


def _values(given: Given, name: str) -> list[str]:
    """Parameters without a value count as absent (RFC 6749 section 3.1)."""
    return [value for value in given.get(name, ()) if value]


def _single(given: Given, name: str) -> str | None:
    values = _values(given, name)
    return values[0] if len(values) == 1 else None


def _invalid(why: str) -> AuthorizationError:
    return AuthorizationError("invalid_request", why)


def _refuse_malformed(given: Given) -> None:
    for name in PARAMETERS:
        values = _values(given, name)
        if len(values) > 1:
            raise _invalid(f"{name} must be given once.")
        if values and len(values[0]) > MAX_VALUE:
            raise _invalid(f"{name} may have {MAX_VALUE} characters.")
    for name, code in _NOT_SUPPORTED.items():
        if _values(given, name):
            raise AuthorizationError(code, f"The parameter {name} is not supported.")


def _check_response(given: Given) -> None:
    kind = _single(given, "response_type")
    if kind is None:
        raise _invalid("response_type must be given.")
    if kind != "code":
        raise AuthorizationError("unsupported_response_type", "response_type must be code.")
    if (_single(given, "response_mode") or "query") not in ("query", "form_post"):
        raise _invalid("response_mode must be query or form_post.")


def _code_challenge(application: OAuthApplicationRow, given: Given) -> str | None:
    challenge, method = _single(given, "code_challenge"), _single(given, "code_challenge_method")
    if challenge is None:
        if application.public or application.pkce_required:
            raise _invalid("This application must use PKCE: code_challenge is missing.")
        if method is not None:
            raise _invalid("code_challenge_method needs a code_challenge.")
        return None
    if method != "S256":
        raise _invalid("code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise _invalid("code_challenge must be a SHA-256 digest in base64url.")
    return challenge


def _scopes(application: OAuthApplicationRow, given: Given) -> list[str]:
    text = _single(given, "scope")
    if text is None:
        scopes = [scope for scope in DEFAULT_SCOPES if scope in application.scopes]
        if not scopes:
            raise AuthorizationError("invalid_scope", "scope must be given.")
        return scopes
    scopes = split_scopes(text)
    if problem := unknown_scope(scopes):
        raise AuthorizationError("invalid_scope", problem)
    if foreign := [scope for scope in scopes if scope not in application.scopes]:
        raise AuthorizationError("invalid_scope", f"This application does not have {', '.join(foreign)}.")
    return scopes


def _prompts(given: Given) -> frozenset[str]:
    prompts = frozenset((_single(given, "prompt") or "").split())
    if not prompts <= _PROMPTS:
        raise _invalid("prompt must be none, login or consent.")
    if "none" in prompts and len(prompts) > 1:
        raise _invalid("prompt has none, and others.")
    return prompts


def _resource(given: Given) -> str | None:
    """One at the most, where RFC 8707 section 2 lets a server take several."""
    resource = _single(given, "resource")
    if resource is not None and (problem := resource_problem(resource)):
        raise AuthorizationError("invalid_target", problem)
    return resource


def _max_age(given: Given) -> int | None:
    text = _single(given, "max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise _invalid("max_age must be a number of seconds.")
    return int(text)
