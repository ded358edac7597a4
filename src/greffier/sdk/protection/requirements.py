"""`Requirement`: the conditions of a route, and the answer to visitors who do not satisfy them."""

import json
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.authorization import Preset, Reverification, check_scope, reverification_of
from greffier.sdk.errors import HandshakeError
from greffier.sdk.options import TOKEN_TYPES, AuthOptions
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.protected_resource import challenge
from greffier.sdk.protection.refusals import TRIPS, refuse
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.steps import Steps

_JSON = ("content-type", "application/json")
_NO_STORE = ("cache-control", "no-store")
# : The headers of a refusal. Those of the state itself are added by the middleware.
_OWN_HEADERS = frozenset(
    (
        "location",
        "www-authenticate",
        "content-type",
        "content-security-policy",
        "cache-control",
        "retry-after",
    )
)


class Conditions(TypedDict, total=False):
    """Conditions besides being signed in: those on the session (see `AuthObject.has`), and the type or types
    of token, where the app's `accepts_token` allows several.
    """

    token: str | Sequence[str] | None
    role: str | None
    permission: str | None
    feature: str | None
    plan: str | None
    reverification: Preset | Reverification | None


class Requirement:
    """The caller must be signed in, and satisfy all conditions.

    Raises ValueError for a reverification preset, a type of token, or a scope of a feature or plan that does
    not exist.
    """

    def __init__(self, **asked: Unpack[Conditions]) -> None:
        self._tokens = _token_types(asked.pop("token", None))
        reverification = asked.pop("reverification", None)
        self._reverification = None if reverification is None else reverification_of(reverification)
        self._asked: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        for name in ("feature", "plan"):
            check_scope(self._asked.get(name, ""))

    def refusal(self, request: RequestAuth) -> Steps[Answer | None]:
        """The answer to a request that may not pass; None for one that may.

        Signed-out pages are redirected to sign in, other requests get 401, and so does another type of token.
        A signed-in user who lacks something gets 403; a verification that is too old is reported in the
        published form, so that browser SDKs ask for it.
        """
        try:
            auth = yield from request.settle()
        except HandshakeError:
            return unauthenticated(request.visit.options)
        if not auth.is_authenticated:
            return _signed_out(request, auth)
        if auth.token_type not in self._tokens:
            return unauthenticated(request.visit.options, "This type of token is not accepted here.")
        if self._asked and not auth.has(**self._asked):
            return error_answer(403, "authorization_invalid", "You are not authorized to do this.")
        if self._reverification is not None and not auth.has(reverification=self._reverification):
            return _json(403, _reverification_body(self._reverification))
        return None


def error_body(code: str, message: str) -> dict[str, Any]:
    """One error in the published envelope."""
    return {"errors": [{"code": code, "message": message, "long_message": message}]}


def _signed_out(request: RequestAuth, auth: AuthObject) -> Answer:
    state = request.state
    if state is None:  # it could not be authenticated where no handshake was possible
        return unauthenticated(request.visit.options)
    if state.location is not None:  # only where the middleware has not looked; it goes there itself
        return Answer(307, (*state.headers, _NO_STORE))
    answer = refuse(request.visit, state, auth)
    own = [one for one in answer.headers if one[0] in _OWN_HEADERS or one[1].startswith(f"{TRIPS}=")]
    return Answer(answer.status, tuple(own), answer.body)


def unauthenticated(options: AuthOptions, message: str = "Sign in first.") -> Answer:
    """401, where a redirect to sign in is not possible."""
    return error_answer(401, "authentication_required", message, challenge(options))


def error_answer(status: int, code: str, message: str, *headers: tuple[str, str]) -> Answer:
    """One error as an answer."""
    return _json(status, error_body(code, message), *headers)


def _token_types(asked: str | Sequence[str] | None) -> frozenset[str]:
    types = frozenset(TOKEN_TYPES if asked is None else [asked] if isinstance(asked, str) else asked)
    if not types or not types <= set(TOKEN_TYPES):
        raise ValueError(f"token must be one or some of {', '.join(TOKEN_TYPES)}")
    return types


def _json(status: int, body: dict[str, Any], *headers: tuple[str, str]) -> Answer:
    return Answer(status, (_JSON, *headers, _NO_STORE), json.dumps(body).encode())


def _reverification_body(rule: Reverification) -> dict[str, Any]:
    metadata = {"reverification": {"level": rule.level, "afterMinutes": rule.after_minutes}}
    return {"clerk_error": {"type": "forbidden", "reason": "reverification-error", "metadata": metadata}}
