"""`AuthObject`: the authentication of a request, as an app sees it."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from greffier.sdk.authorization import Preset, Reverification, has
from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.steps import Steps, run, run_async
from greffier.sdk.tokens.claims import SessionProperties, session_properties
from greffier.sdk.tokens.jwt import copied_claims


class CurrentRequest(Protocol):
    """The request that is being answered: `greffier.sdk.protection.request_auth.RequestAuth`."""

    @property
    def auth(self) -> "AuthObject": ...

    def user(self) -> Steps[dict[str, Any] | None]: ...

    def redirect_to_sign_in(self, return_to: str | None) -> Any: ...

    def sign_out_url(self, return_to: str | None) -> str: ...


#: The request that this code answers; the middleware sets it.
current: ContextVar[CurrentRequest] = ContextVar("greffier.auth")

SESSION_TOKEN = "session_token"  # noqa: S105 (a kind of token)


@dataclass(frozen=True, slots=True)
class MachineIdentity:
    """The identity behind a verified machine token: API key, machine-to-machine or OAuth access token."""

    id: str | None
    subject: str
    scopes: tuple[str, ...] = ()
    claims: dict[str, Any] | None = None
    name: str | None = None
    client_id: str | None = None
    machine_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthObject:
    """The state of authentication of one request. Read-only, and safe to share between concurrent tasks.

    Signed out, every identifier is None and `is_authenticated` False; nothing ever raises because of that.
    `token_type` is "session_token", "api_key", "m2m_token" or "oauth_token"; None when a token of a type that
    is not accepted was sent. `machine` is set for the last three. `factor_verification_age` is in minutes.
    """

    is_authenticated: bool = False
    token_type: str | None = SESSION_TOKEN
    user_id: str | None = None
    session_id: str | None = None
    session_status: str | None = None
    actor: dict[str, Any] | None = None
    org_id: str | None = None
    org_role: str | None = None
    org_slug: str | None = None
    org_permissions: tuple[str, ...] | None = None
    factor_verification_age: tuple[int, int] | None = None
    machine: MachineIdentity | None = None
    _claims: dict[str, Any] | None = field(default=None, repr=False)
    _token: str | None = field(default=None, repr=False)
    _properties: SessionProperties | None = field(default=None, repr=False)
    _backend: BackendApi | None = field(default=None, repr=False, compare=False)

    @property
    def session_claims(self) -> dict[str, Any] | None:
        """All claims of the session token: a copy, which may be changed."""
        return None if self._claims is None else copied_claims(self._claims)

    def has(
        self,
        *,
        role: str | None = None,
        permission: str | None = None,
        feature: str | None = None,
        plan: str | None = None,
        reverification: Preset | Reverification | None = None,
    ) -> bool:
        """Whether the session satisfies everything that is asked for; False when signed out or a machine.

        Roles and permissions may be written with or without `org:`. A feature or plan may be prefixed with
        `org:` or `user:`. `reverification` is a preset ("strict_mfa", "strict", "moderate", "lax") or a rule.
        """
        if self._properties is None:
            return False
        return has(
            self._properties,
            role=role,
            permission=permission,
            feature=feature,
            plan=plan,
            reverification=reverification,
        )

    async def get_token(
        self, template: str | None = None, *, expires_in_seconds: int | None = None
    ) -> str | None:
        """The session's token; with `template`, a new one from that JWT template, asked of the Backend API.

        None when signed out. Raises `BackendApiError` when the token cannot be had.
        """
        return await run_async(self._get_token(template, expires_in_seconds))

    def redirect_to_sign_in(self, return_to: str | None = None) -> Any:
        """The response, of the framework in use, that sends the visitor to sign in and then back.

        `return_to` is a path of the app or a URL of its origin, by default that of this request; one that is
        not safe to follow is left out. Raises `ConfigurationError` when there is no request.
        """
        request = current.get(None)
        if request is None:
            raise ConfigurationError("redirect_to_sign_in() needs a request behind the middleware.")
        return request.redirect_to_sign_in(return_to)

    def sign_out_url(self, return_to: str | None = None) -> str:
        """The path that a form is sent to (`<form method="post">`) in order to sign out, for templates.

        The middleware ends the session, takes the cookies away and sends the browser to `return_to`: a path,
        or a URL of this origin, by default the app's root. Raises `ConfigurationError` without a request.
        """
        request = current.get(None)
        if request is None:
            raise ConfigurationError("sign_out_url() needs a request behind the middleware.")
        return request.sign_out_url(return_to)

    def get_token_sync(
        self, template: str | None = None, *, expires_in_seconds: int | None = None
    ) -> str | None:
        """`get_token` for synchronous code."""
        return run(self._get_token(template, expires_in_seconds))

    def _get_token(self, template: str | None, expires_in_seconds: int | None) -> Steps[str | None]:
        if self.session_id is None or (template is None and expires_in_seconds is None):
            return self._token
        if self._backend is None:
            raise ConfigurationError("A token from a template needs secret_key and api_url.")
        return (
            yield from self._backend.session_token(
                self.session_id, template=template, expires_in_seconds=expires_in_seconds
            )
        )


def session_auth(claims: dict[str, Any], token: str, backend: BackendApi | None) -> AuthObject:
    """The auth object of a verified session token."""
    said = session_properties(claims)
    return AuthObject(
        is_authenticated=True,
        user_id=said.user_id,
        session_id=said.session_id,
        session_status=said.session_status,
        _claims=claims,
        actor=said.actor,
        org_id=said.org_id,
        org_role=said.org_role,
        org_slug=said.org_slug,
        org_permissions=said.org_permissions,
        factor_verification_age=said.factor_verification_age,
        _token=token,
        _properties=said,
        _backend=backend,
    )


def machine_auth(token_type: str, machine: MachineIdentity, token: str) -> AuthObject:
    """The auth object of a verified machine token."""
    subject = machine.subject
    is_user = token_type == "oauth_token" or subject.startswith("user_")  # noqa: S105 (a kind of token)
    return AuthObject(
        is_authenticated=True,
        token_type=token_type,
        user_id=subject if is_user and token_type != "m2m_token" else None,  # noqa: S105 (a kind)
        org_id=subject if token_type == "api_key" and subject.startswith("org_") else None,  # noqa: S105 (a kind)
        machine=machine,
        _token=token,
    )
