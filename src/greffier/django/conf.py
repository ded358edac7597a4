"""`settings.GREFFIER`: the settings of every middleware, and those of Django users."""

from typing import Any, TypedDict, cast

from django.conf import settings

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.protection.guard import GuardSettings


class UserSettings(TypedDict, total=False):
    """The mapping of signed-in users to Django users; see `greffier.django.backends.UserBackend`.

    - `create_users`: whether a new user gets a Django user. True unless it is given.
    - `update_users`: whether their e-mail address and names follow the Backend API; with False they stay
      empty. Without the setting they are filled once, when the Django user is created, if `secret_key`
      is given.
    - `user_id_field`: the field that holds the user id. By default what the model calls `USERNAME_FIELD`.
    """

    create_users: bool
    update_users: bool
    user_id_field: str


def guard_settings() -> GuardSettings:
    """The settings of the middleware. Raises `ConfigurationError` when `GREFFIER` is no mapping."""
    own = UserSettings.__annotations__
    return cast("GuardSettings", {name: value for name, value in _all().items() if name not in own})


def user_settings() -> UserSettings:
    """The settings of Django users."""
    own = UserSettings.__annotations__
    return cast("UserSettings", {name: value for name, value in _all().items() if name in own})


def _all() -> dict[str, Any]:
    given: object = getattr(settings, "GREFFIER", {})
    if not isinstance(given, dict):
        raise ConfigurationError("settings.GREFFIER must be a dictionary.")
    return cast("dict[str, Any]", given)
