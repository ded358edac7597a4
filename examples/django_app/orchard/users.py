"""Django users of those who are signed in."""

from typing import Any

from django.http import HttpRequest

from greffier.django.backends import UserBackend
from greffier.sdk.auth_object import AuthObject


class OrchardBackend(UserBackend):
    """Lets administrators of an organization into Django's admin."""

    def configure_user(self, request: HttpRequest, user: Any, *, auth: AuthObject, created: bool) -> Any:
        user = super().configure_user(request, user, auth=auth, created=created)
        is_admin = auth.has(role="org:admin")
        if user.is_staff != is_admin:
            user.is_staff = user.is_superuser = is_admin
            user.save(update_fields=["is_staff", "is_superuser"])
        return user
