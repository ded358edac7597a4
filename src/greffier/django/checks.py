"""The checks of `settings.GREFFIER` and of the order of middleware for `manage.py check`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from greffier.django.conf import guard_settings, user_settings
from greffier.django.middleware import AuthMiddleware
from greffier.django.responses import response_of
from greffier.django.users import has_user_backend
from greffier.sdk.errors import GreffierError
from greffier.sdk.protection.guard import Guard

_OURS = "greffier.django.AuthMiddleware"
_DJANGOS = "django.contrib.auth.middleware.AuthenticationMiddleware"
_CACHE = "django.middleware.cache.UpdateCacheMiddleware"


def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Every setting that is wrong, or probably is."""
    return [*_settings(), *_middleware(), *_users()]


def _settings() -> Iterable[CheckMessage]:
    try:
        Guard(response_of, guard_settings())
    except (GreffierError, TypeError, ValueError) as error:
        yield Error(f"settings.GREFFIER: {error}", id="greffier.E001")


def _middleware() -> Iterable[CheckMessage]:
    kinds = [import_string(path) for path in settings.MIDDLEWARE]
    ours = [place for place, kind in enumerate(kinds) if _is_ours(kind)]
    if not ours:
        yield Warning(
            "Nothing is protected: MIDDLEWARE has no AuthMiddleware.",
            hint=f"Add {_OURS!r} behind {_DJANGOS!r}.",
            id="greffier.W001",
        )
    elif len(ours) > 1:
        yield Error("MIDDLEWARE has AuthMiddleware more than once.", id="greffier.E002")
    if ours and _DJANGOS in settings.MIDDLEWARE[ours[0] :] and has_user_backend():
        yield Error(
            "Django's AuthenticationMiddleware would take request.user away again.",
            hint=f"Put {_OURS!r} behind {_DJANGOS!r} in MIDDLEWARE.",
            id="greffier.E003",
        )
    if ours and _CACHE in settings.MIDDLEWARE[ours[0] :]:
        yield Error(
            "Answers for one visitor would be kept and given to others.",
            hint=f"Put {_CACHE!r} before {_OURS!r} in MIDDLEWARE, where it sees that they differ by visitor.",
            id="greffier.E005",
        )


def _users() -> Iterable[CheckMessage]:
    try:
        chosen, given = user_settings(), guard_settings()
    except GreffierError:
        return  # reported by _settings
    if chosen and not has_user_backend():
        yield Warning(
            f"{', '.join(sorted(chosen))} of settings.GREFFIER have no effect.",
            hint="Add 'greffier.django.backends.UserBackend' to AUTHENTICATION_BACKENDS.",
            id="greffier.W002",
        )
    if chosen.get("update_users") and not given.get("secret_key") and not _has_key_of_environment():
        yield Error("update_users of settings.GREFFIER needs secret_key.", id="greffier.E004")


def _is_ours(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, AuthMiddleware)


def _has_key_of_environment() -> bool:
    try:
        return bool(Guard(response_of, guard_settings()).options.secret_key)
    except (GreffierError, TypeError, ValueError):
        return True  # reported by _settings
