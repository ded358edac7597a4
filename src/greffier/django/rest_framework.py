"""Django REST framework: authentication by the middleware, and permissions.

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["greffier.django.rest_framework.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["greffier.django.rest_framework.IsSignedIn"],
}
"""

from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from greffier.django.users import has_user_backend, user_of
from greffier.sdk.auth_object import AuthObject
from greffier.sdk.authentication.request_state import Trouble
from greffier.sdk.protection.current import request_auth_of
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.protected_resource import challenge
from greffier.sdk.protection.refusals import unavailable
from greffier.sdk.protection.requirements import Conditions, Requirement, unauthenticated
from greffier.sdk.steps import run

if TYPE_CHECKING:
    from rest_framework.views import APIView  # imports this module, when its settings name it


class TokenUser:
    """`request.user` where no `UserBackend` makes Django users, and for machines. It is in no database."""

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    def __init__(self, auth: AuthObject) -> None:
        self.id = self.pk = auth.user_id or (auth.machine.subject if auth.machine else None)

    def __str__(self) -> str:
        return str(self.pk)


class AuthRefused(APIException):
    """A permission refused a request. `detail` is the JSON body, in the published form."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.status_code = answer.status
        self.detail = answer.json()
        self.auth_header = next((value for name, value in answer.headers if name == "www-authenticate"), None)


class Authentication(BaseAuthentication):
    """Takes over the middleware's result: `request.auth` is the `AuthObject`, `request.user` the Django user,
    or a `TokenUser` without a `UserBackend`.

    A token in the `Authorization` header needs no CSRF token; with the cookie, which browsers send by
    themselves, unsafe methods do, as with Django's sessions.
    """

    def authenticate(self, request: Request) -> tuple[Any, AuthObject] | None:
        """The user and the auth object; None when signed out. A bad token in the header is 401; a CSRF
        failure and an inactive user are refused too.
        """
        found = request_auth_of(request)
        auth, by_header = found.auth, found.visit.header_token is not None
        if not auth.is_authenticated:
            if found.state is not None and found.state.trouble is Trouble.OUTAGE:
                raise AuthRefused(unavailable())
            if by_header:
                reason = found.state.reason if found.state else None
                raise AuthenticationFailed(f"The token is not accepted ({reason or 'signed out'}).")
            return None
        user = _user(request, auth)
        if not by_header:
            SessionAuthentication().enforce_csrf(request)
        return user, auth

    def authenticate_header(self, request: Request) -> str:
        """The challenge, so that a signed-out request gets 401 and not 403."""
        return challenge(request_auth_of(request).visit.options)[1]


class IsSignedIn(BasePermission):
    """Lets signed-in requests pass. Others get 401 in the published form."""

    requirement: ClassVar[Requirement] = Requirement()

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request may pass; raises `AuthRefused` if not."""
        found = request_auth_of(request)
        refusal = run(self.requirement.refusal(found))
        if refusal is None:
            return True
        # An API redirects no request to a page, and shows none.
        raise AuthRefused(refusal if refusal.json() is not None else unauthenticated(found.visit.options))


def requires(**asked: Unpack[Conditions]) -> type[IsSignedIn]:
    """A permission class that asks for more: `role`, `permission`, `feature`, `plan`, `reverification`, and
    the type of `token`.

    permission_classes = [requires(permission="org:reports:read")]
    """
    return type("Requires", (IsSignedIn,), {"requirement": Requirement(**asked)})


def _user(request: Request, auth: AuthObject) -> Any:
    if auth.user_id is None or not has_user_backend():
        return TokenUser(auth)
    user = user_of(request._request, request_auth_of(request))
    if user is None:
        raise AuthenticationFailed("There is no active user of this application for the session.")
    return user
