"""The routes of the Django project that is set up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any, cast

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string
from django.views import View

from greffier.testing.routes.django_patterns import read_pattern
from greffier.testing.routes.endpoints import ANY_METHOD, Endpoint, Layer, Parameter
from greffier.testing.routes.middlewares import is_middleware, layer_from
from greffier.testing.routes.route_checks import is_check

_MAX_PATTERNS = 16
_METHODS = ("get", "post", "put", "patch", "delete")
#: Classes whose `dispatch` refuses.
_MIXINS = ("RequireAuthMixin", "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin")
# : Permissions of Django REST framework that refuse signed-out requests.
_PERMISSIONS = ("IsSignedIn", "IsAuthenticated", "IsAdminUser")


def read_django(prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]) -> Iterator[Endpoint]:
    """Every URL pattern of the project, those of all that it includes too."""
    for path in cast("list[str]", settings.MIDDLEWARE):
        if is_middleware(import_string(path)):
            layers = (*layers, layer_from(getattr(settings, "GREFFIER", {}), prefix))
    yield from _read(get_resolver().url_patterns, prefix + "/", (prefix + "/",), (), layers, checks)


def _read(
    entries: list[Any],
    path: str,
    patterns: tuple[str, ...],
    parameters: tuple[Parameter, ...],
    layers: tuple[Layer, ...],
    checks: frozenset[Any],
) -> Iterator[Endpoint]:
    for entry in entries:
        read = read_pattern(entry.pattern)
        everything = (*parameters, *read.parameters)
        whole = tuple(before + own for before in patterns for own in read.patterns)[:_MAX_PATTERNS]
        if isinstance(entry, URLResolver):
            yield from _read(entry.url_patterns, path + read.shown, whole, everything, layers, checks)
        elif isinstance(entry, URLPattern):
            yield from _read_view(entry.callback, path + read.shown, whole, everything, layers, checks)


def _read_view(
    view: Any,
    path: str,
    patterns: tuple[str, ...],
    parameters: tuple[Parameter, ...],
    layers: tuple[Layer, ...],
    checks: frozenset[Any],
) -> Iterator[Endpoint]:
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    by_check: dict[bool, list[str]] = {}
    for method in _methods_of(view, kind):
        by_check.setdefault(_is_checked(view, kind, method, checks), []).append(method)
    for checked, methods in by_check.items():
        yield Endpoint(
            path,
            patterns[0],
            tuple(methods),
            parameters,
            checked,
            layers,
            other_patterns=patterns[1:],
        )


def _methods_of(view: Any, kind: Any) -> list[str]:
    if kind is None:
        return [ANY_METHOD]
    by_action: dict[str, str] = getattr(view, "actions", None) or {}
    names = by_action or [name for name in _METHODS if hasattr(kind, name)]
    return [name.upper() for name in names if name not in ("head", "options")] or [ANY_METHOD]


def _is_checked(view: Any, kind: Any, method: str, checks: frozenset[Any]) -> bool:
    functions: list[Any] = [view]
    if kind is not None:
        functions += [getattr(kind, "dispatch", None), getattr(kind, method.lower(), None)]
    if any(is_check(function, checks) for function in functions if function):
        return True
    return kind is not None and (_has_mixin(kind) or _has_permission(kind))


def _has_mixin(kind: Any) -> bool:
    """Whether one of them comes before the `dispatch` of `View`, which checks nothing."""
    before_view = takewhile(lambda base: base is not View, kind.__mro__)
    return any(
        base.__name__ in _MIXINS and base.__module__.partition(".")[0] in ("greffier", "django")
        for base in before_view
    )


def _has_permission(kind: Any) -> bool:
    permissions: list[Any] = getattr(kind, "permission_classes", None) or []
    return any(
        base.__name__ in _PERMISSIONS and base.__module__.partition(".")[0] in ("greffier", "rest_framework")
        for permission in permissions
        for base in getattr(permission, "__mro__", ())
    )
