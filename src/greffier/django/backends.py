"""`UserBackend`: Django users of those who are signed in, for `request.user`, permissions and the admin."""

import logging
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest

from greffier.django.conf import user_settings
from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import BackendApiError
from greffier.sdk.protection.current import request_auth_of
from greffier.sdk.steps import run

log = logging.getLogger("greffier.django")

#: Fields of a Django user that follow the Backend API, where the model has them.
UPDATED_FIELDS = ("email", "first_name", "last_name")


class UserBackend(ModelBackend):
    """Finds the Django user whose user name is the user id, and creates one for a new user.

    List it in `AUTHENTICATION_BACKENDS`. Permissions, groups and `is_staff` are Django's own. E-mail address
    and names are filled from the Backend API when the Django user is created, if `secret_key` is given. With
    `GREFFIER = {"update_users": True}` they follow it, which costs one request to it per request that
    reads `request.user`; with False they stay empty. A subclass may decide more in `configure_user`.

    Passwords are not accepted.
    """

    maps_signed_in = True

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        *,
        auth: AuthObject | None = None,
        **_: Any,
    ) -> Any | None:
        """The Django user of the signed-in user; None when signed out, for a machine, and for an inactive
        user.
        """
        if request is None or auth is None or auth.user_id is None:
            return None
        user, created = self.find_or_create(auth.user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        return self.configure_user(request, user, auth=auth, created=created)

    def find_or_create(self, user_id: str) -> tuple[Any | None, bool]:
        """The Django user of a user id, and whether it is new. None where users are not created."""
        model: Any = get_user_model()
        chosen = user_settings()
        field = chosen.get("user_id_field", model.USERNAME_FIELD)
        if not chosen.get("create_users", True):
            return model._default_manager.filter(**{field: user_id}).first(), False
        return model._default_manager.get_or_create(
            **{field: user_id}, defaults={"password": make_password(None)}
        )

    def configure_user(self, request: HttpRequest, user: Any, *, auth: AuthObject, created: bool) -> Any:
        """Called whenever `request.user` is made. The returned user is used; None means anonymous.

        An example: make members with the role `org:admin` staff.
        """
        can_be_filled = created and request_auth_of(request).visit.backend is not None
        if user_settings().get("update_users", can_be_filled):
            self._update(request, user)
        return user

    def _update(self, request: HttpRequest, user: Any) -> None:
        try:
            known = run(request_auth_of(request).user())
        except BackendApiError as error:
            log.warning("The user's e-mail address and names were not updated: %s", error)
            return
        news = {name: value for name, value in _fields_of(known or {}).items() if _differs(user, name, value)}
        for name, value in news.items():
            setattr(user, name, value)
        if news:
            user.save(update_fields=list(news))


def _fields_of(known: dict[str, Any]) -> dict[str, str]:
    """The fields from the Backend API's user. An unverified address is left out."""
    primary = known.get("primary_email_address_id")
    emails = [
        one["email_address"]
        for one in known.get("email_addresses", ())
        if one["id"] == primary and _is_verified(one)
    ]
    names = {name: known.get(name) or "" for name in ("first_name", "last_name") if name in known}
    return {**names, **({"email": emails[0]} if emails else {})}


def _is_verified(address: dict[str, Any]) -> bool:
    verification: dict[str, Any] | None = address.get("verification")
    return verification is not None and verification.get("status") == "verified"


def _differs(user: Any, name: str, value: str) -> bool:
    try:
        field = user._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return getattr(user, name) != value and (field.max_length is None or len(value) <= field.max_length)
