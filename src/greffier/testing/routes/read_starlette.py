"""The routes of Starlette and FastAPI apps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from greffier.testing.routes.endpoints import (
    ANY_METHOD,
    WEBSOCKET,
    Endpoint,
    Layer,
    Mount,
    Parameter,
    shown_methods,
)
from greffier.testing.routes.middlewares import is_middleware, layer_from, layer_of
from greffier.testing.routes.route_checks import is_check

_KINDS = {
    "StringConvertor": "str",
    "PathConvertor": "path",
    "IntegerConvertor": "int",
    "FloatConvertor": "float",
    "UUIDConvertor": "uuid",
}

_STATIC = "starlette.staticfiles.StaticFiles"
_BY_ANNOTATION = {int: "int", float: "float", UUID: "uuid", date: "date"}


def read_starlette(
    app: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint | Mount]:
    """The routes of an app or a router, with those of all that is mounted in it."""
    for middleware in getattr(app, "user_middleware", ()):
        if is_middleware(middleware.cls):
            layers = (*layers, layer_from(middleware.kwargs, prefix))
    router = getattr(app, "router", app)
    layers = (*layers, *_layers_of(getattr(router, "middleware_stack", None), prefix))
    for route in _routes_of(router):
        yield from _read_route(route, prefix, layers, checks)


def _layers_of(app: Any, prefix: str) -> Iterator[Layer]:
    """The middlewares of a single route or router, from the outside in."""
    while app is not None:
        layer = layer_of(app, prefix)
        if layer is not None:
            yield layer
        app = getattr(app, "app", None)


def _routes_of(router: Any) -> Iterator[Any]:
    """Its routes; those of FastAPI as they are after all inclusions, and its frontends."""
    routes: Iterable[Any] = router.routes
    try:
        from fastapi.routing import iter_route_contexts
    except ImportError:  # no FastAPI, or one that copies routes when a router is included
        yield from routes
        return
    yield from iter_route_contexts(list(routes))
    for group in getattr(router, "_low_priority_routes", ()):
        yield from getattr(group, "routes", ())


def _read_route(
    route: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint | Mount]:
    original = getattr(route, "original_route", route)
    kinds = {base.__name__ for base in type(original).__mro__}
    if "Mount" in kinds or "Host" in kinds:
        yield from _read_mount(original, prefix, layers, checks)
    elif "_FrontendRoute" in kinds:
        yield _files(prefix + route.path.rstrip("/"), layers)
    elif getattr(route, "path_format", None) is None:
        name = type(original).__name__
        yield Endpoint(f"{prefix}/… ({name})", prefix, (ANY_METHOD,), layers=layers, readable=False)
    else:
        layers = (*layers, *_layers_of(getattr(route, "app", None), prefix))
        yield from _read_endpoint(route, prefix, layers, checks, is_websocket="WebSocketRoute" in kinds)


def _read_endpoint(
    route: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any], *, is_websocket: bool
) -> Iterator[Endpoint]:
    declared = _declared_kinds(getattr(route, "dependant", None))
    convertors: dict[str, Any] = getattr(route, "param_convertors", {})
    parameters = tuple(
        Parameter(name, declared.get(name) or _KINDS.get(type(convertor).__name__, "str"))
        for name, convertor in convertors.items()
    )
    methods = (WEBSOCKET,) if is_websocket else shown_methods(_methods_of(route))
    by_check: dict[bool, list[str]] = {}
    for method in methods:
        by_check.setdefault(_is_checked(route, method, checks), []).append(method)
    for checked, some in by_check.items():
        pattern = prefix + route.path_format
        yield Endpoint(prefix + route.path, pattern, tuple(some), parameters, checked, layers)


def _methods_of(route: Any) -> list[str] | None:
    if getattr(route, "methods", None):
        return list(route.methods)
    endpoint = route.endpoint
    named = ("get", "post", "put", "patch", "delete", "head", "options") if isinstance(endpoint, type) else ()
    return [name.upper() for name in named if hasattr(endpoint, name)] or None


def _is_checked(route: Any, method: str, checks: frozenset[Any]) -> bool:
    endpoint = route.endpoint
    functions: list[Any] = [endpoint]
    if isinstance(endpoint, type):  # an HTTPEndpoint, WebSocketEndpoint or a class as an ASGI app
        functions += [getattr(endpoint, name, None) for name in (method.lower(), "dispatch", "on_connect")]
    functions += _dependencies(getattr(route, "dependant", None))
    return any(is_check(function, checks) for function in functions)


def _declared_kinds(dependant: Any) -> dict[str, str]:
    """Kinds of parameters by the annotations that FastAPI validates."""
    fields = getattr(dependant, "path_params", ())
    kinds = {field.alias: _BY_ANNOTATION.get(field.field_info.annotation) for field in fields}
    return {name: kind for name, kind in kinds.items() if kind}


def _dependencies(dependant: Any) -> list[Any]:
    """All functions that FastAPI calls before an endpoint."""
    if dependant is None:
        return []
    found: list[Any] = []
    for dependency in dependant.dependencies:
        found += [dependency.call, *_dependencies(dependency)]
    return found


def _read_mount(
    mount: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint | Mount]:
    at = prefix + getattr(mount, "path", "")
    if any(f"{base.__module__}.{base.__name__}" == _STATIC for base in type(mount.app).__mro__):
        yield replace(_files(at, layers), static=True)
        return
    yield Mount(mount.app, at, layers)


def _files(at: str, layers: tuple[Layer, ...]) -> Endpoint:
    """An app that answers everything below a path."""
    return Endpoint(f"{at}/**", f"{at}/{{rest}}", (ANY_METHOD,), (Parameter("rest", "path"),), layers=layers)
