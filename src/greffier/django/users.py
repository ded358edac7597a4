"""`request.user` and `request.auser()`: the Django user of the signed-in user."""

from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from greffier.sdk.protection.request_auth import RequestAuth


def attach_user(request: HttpRequest, found: RequestAuth) -> None:
    """Make `request.user` the Django user of the signed-in user, where a backend maps them. For others it
    stays what it is: that of a Django session, or anonymous.
    """
    if not has_user_backend():
        return
    before = getattr(request, "user", None)
    user: Any = SimpleLazyObject(partial(_user_or, request, found, before))
    request.user = user
    request.auser = partial(_resolved, user)


def user_of(request: HttpRequest, found: RequestAuth) -> Any | None:
    """The Django user of the signed-in user; None when signed out, without a backend that knows them, or when
    the user is inactive. Queries the database.
    """
    if not found.auth.is_authenticated:
        return None
    for path in _user_backends():
        backend = import_string(path)()
        user = backend.authenticate(request, auth=found.auth)
        if user is not None:
            user.backend = path
            return user
    return None


def has_user_backend() -> bool:
    """Whether some authentication backend makes Django users of those who are signed in."""
    return bool(_user_backends())


def _user_backends() -> list[str]:
    # Known by what they say of themselves: the class needs the models, which are not there yet everywhere.
    paths: list[str] = settings.AUTHENTICATION_BACKENDS
    return [path for path in paths if getattr(import_string(path), "maps_signed_in", False)]


def _user_or(request: HttpRequest, found: RequestAuth, before: Any) -> Any:
    from django.contrib.auth.models import AnonymousUser

    user = user_of(request, found)
    if user is not None:
        return user
    if before is None or found.auth.is_authenticated:
        return AnonymousUser()
    return before


@sync_to_async
def _resolved(user: Any) -> Any:
    _ = user.pk  # made here, where the database may be asked
    return user
