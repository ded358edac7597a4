"""`RequestState`: the answer of authentication, with the response headers that belong to it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject, MachineIdentity, machine_auth, session_auth
from greffier.sdk.backend_api import BackendApi

Header = tuple[str, str]


class AuthStatus(StrEnum):
    """The outcome of authentication."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    HANDSHAKE = "handshake"


class Trouble(StrEnum):
    """The reasons why signing in would not help a signed-out request."""

    OUTAGE = "outage"  # keys, or what a token stands for, cannot be had
    REDIRECT_LOOP = "circle"  # the browser was sent away again and again


@dataclass(slots=True, kw_only=True)
class RequestState:
    """Signed in, signed out, or in need of a handshake.

    `reason` is a published code (None when signed in), `message` a sentence for developers. `headers` are the
    response headers to send, Set-Cookie among them. With a `location`, whatever the status, the browser must
    be redirected there (status 307) with these headers, and the app does not answer. `trouble` says that the
    caller cannot be identified at the moment, though a session may well exist.
    """

    status: AuthStatus
    reason: str | None = None
    message: str = ""
    token_type: str | None = SESSION_TOKEN
    token: str | None = field(default=None, repr=False)
    claims: dict[str, Any] | None = field(default=None, repr=False)
    machine: MachineIdentity | None = None
    headers: tuple[Header, ...] = ()
    trouble: Trouble | None = None
    backend: BackendApi | None = field(default=None, repr=False)

    @property
    def is_signed_in(self) -> bool:
        """Whether a valid token was found. A pending session counts here; see `to_auth`."""
        return self.status is AuthStatus.SIGNED_IN

    @property
    def answer_headers(self) -> tuple[Header, ...]:
        """The headers of the app's own answer, or of a refusal: those that redirect nowhere."""
        return tuple(one for one in (*self.headers, *self.debug_headers()) if one[0] != "location")

    @property
    def location(self) -> str | None:
        """The URL the browser must be redirected to first. None in an outage: it can come back as it is."""
        if self.trouble is Trouble.OUTAGE:
            return None
        return next((value for name, value in self.headers if name == "location"), None)

    def to_auth(self, *, treat_pending_as_signed_out: bool = True) -> AuthObject:
        """The auth object for the app. A session with a pending task counts as signed out unless told
        otherwise.
        """
        if not self.is_signed_in or self.token is None:
            return AuthObject(token_type=self.token_type)
        if self.machine is not None and self.token_type is not None:
            return machine_auth(self.token_type, self.machine, self.token)
        auth = session_auth(self.claims or {}, self.token, self.backend)
        if treat_pending_as_signed_out and auth.session_status == "pending":
            return AuthObject(session_status="pending")
        return auth

    def debug_headers(self) -> list[Header]:
        """`x-clerk-auth-status`, `-reason` and `-message`, as every answer should carry them."""
        headers = [("x-clerk-auth-status", str(self.status))]
        if self.reason:
            headers.append(("x-clerk-auth-reason", _header_safe(self.reason)))
        if self.message:
            headers.append(("x-clerk-auth-message", _header_safe(self.message)))
        return headers


def _header_safe(text: str) -> str:
    # Reasons may come from an API's answer: nothing in them may start a new header line.
    return "".join(character if " " <= character <= "~" else "?" for character in text[:500])
