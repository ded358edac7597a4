"""The routes of the Django project that is set up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, cast

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern
from django.utils.module_loading import import_string
from django.views import View

from greffier.testing.routes.endpoints import ANY_METHOD, Endpoint, Layer, Parameter
from greffier.testing.routes.middlewares import is_middleware, layer_from
from greffier.testing.routes.route_checks import is_check

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.)*\)[+*?]?")
_KINDS = {"IntConverter": "int", "UUIDConverter": "uuid", "PathConverter": "path"}
_METHODS = ("get", "post", "put", "patch", "delete")
#: Classes whose `dispatch` refuses.
_MIXINS = ("RequireAuthMixin", "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin")
#: Permissions of Django REST framework that nobody has who is signed out.
_PERMISSIONS = ("IsSignedIn", "IsAuthenticated", "IsAdminUser")


def read_django(prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]) -> Iterator[Endpoint]:
    """Every URL pattern of the project, those of all that it includes too."""
    for path in cast("list[str]", settings.MIDDLEWARE):
        if is_middleware(import_string(path)):
            layers = (*layers, layer_from(getattr(settings, "GREFFIER", {}), prefix))
    yield from _read(get_resolver().url_patterns, prefix + "/", prefix + "/", (), layers, checks)


def _read(
    patterns: list[Any],
    path: str,
    pattern: str,
    parameters: tuple[Parameter, ...],
    layers: tuple[Layer, ...],
    checks: frozenset[Any],
) -> Iterator[Endpoint]:
    for entry in patterns:
        shown, filled, own = _of_pattern(entry.pattern)
        everything = (*parameters, *own)
        if isinstance(entry, URLResolver):
            yield from _read(entry.url_patterns, path + shown, pattern + filled, everything, layers, checks)
        elif isinstance(entry, URLPattern):
            yield from _read_view(entry.callback, path + shown, pattern + filled, everything, layers, checks)


def _of_pattern(pattern: Any) -> tuple[str, str, tuple[Parameter, ...]]:
    """A pattern as it is shown, with `{name}` for its parameters, and these."""
    if isinstance(pattern, LocalePrefixPattern):
        return str(pattern), str(pattern), ()
    text = str(pattern)
    if isinstance(pattern, RoutePattern):
        own = tuple(
            Parameter(name, _KINDS.get(type(converter).__name__, "str"))
            for name, converter in pattern.converters.items()
        )
        return text, _VARIABLE.sub(r"{\1}", text), own
    names: list[str] = _GROUP.findall(text)
    plain = _GROUP.sub(r"{\1}", text).lstrip("^").removesuffix("$").removesuffix(r"\Z")
    plain = re.sub(r"\\(.)", r"\1", plain).replace("?", "")
    return text, plain, tuple(Parameter(name) for name in names)


def _read_view(
    view: Any,
    path: str,
    pattern: str,
    parameters: tuple[Parameter, ...],
    layers: tuple[Layer, ...],
    checks: frozenset[Any],
) -> Iterator[Endpoint]:
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    by_check: dict[bool, list[str]] = {}
    for method in _methods_of(view, kind):
        by_check.setdefault(_is_checked(view, kind, method, checks), []).append(method)
    for checked, methods in by_check.items():
        yield Endpoint(path, pattern, tuple(methods), parameters, checked, layers)


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
    """Whether one of them comes before the `dispatch` of `View`, which asks nobody."""
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
