"""The routes of Litestar apps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from greffier.sdk.protection.protected_resource import WELL_KNOWN
from greffier.sdk.protection.sign_out import PATH as SIGN_OUT_PATH
from greffier.testing.routes.endpoints import (
    ANY_METHOD,
    WEBSOCKET,
    Endpoint,
    Layer,
    Mount,
    Parameter,
    shown_methods,
)
from greffier.testing.routes.middlewares import is_middleware, layer_from
from greffier.testing.routes.route_checks import is_check

_KINDS = {"int": "int", "float": "float", "decimal": "float", "UUID": "uuid", "date": "date", "Path": "path"}


def read_litestar(
    app: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint | Mount]:
    """The routes of an app, with those of all that is mounted in it."""
    for route in app.routes:
        if route.path == SIGN_OUT_PATH or route.path.startswith(WELL_KNOWN):  # answered by the middleware
            continue
        if type(route).__name__ == "ASGIRoute":
            yield from _read_mount(route, prefix, layers, checks)
            continue
        if type(route).__name__ == "WebSocketRoute":
            by_method = {WEBSOCKET: route.route_handler}
        else:
            handlers = {method: found[0] for method, found in route.route_handler_map.items()}
            by_method = {method: handlers[method] for method in shown_methods(handlers)}
        for method, handler in by_method.items():
            around = (*layers, *_layers_of(handler, prefix))
            checked = _is_checked(handler, checks)
            pattern = prefix + route.path_format
            parameters = _parameters(route)
            static = handler.fn.__module__ == "litestar.static_files.config"
            yield Endpoint(
                prefix + route.path, pattern, (method,), parameters, checked, around, static=static
            )


def _parameters(route: Any) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(part.name, _KINDS.get(part.type.__name__, "str"))
        for part in route.path_components
        if not isinstance(part, str)
    )


def _layers_of(handler: Any, prefix: str) -> Iterator[Layer]:
    """The middlewares around a handler: of the app, its routers, its controller and its own."""
    for middleware in handler.resolve_middleware():
        kind = getattr(middleware, "middleware", middleware)
        if is_middleware(kind):
            yield layer_from(getattr(middleware, "kwargs", {}), prefix)


def _is_checked(handler: Any, checks: frozenset[Any]) -> bool:
    # Plain functions among the guards are kept in wrappers that call them in threads.
    functions = [handler.fn, *(getattr(guard, "func", guard) for guard in handler.resolve_guards())]
    functions += [provider.dependency for provider in handler.resolve_dependencies().values()]
    return any(is_check(function, checks) for function in functions)


def _read_mount(
    route: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint | Mount]:
    handler = route.route_handler
    at = prefix + route.path.rstrip("/")
    around = (*layers, *_layers_of(handler, prefix))
    inner: Any = getattr(handler, "fn", None)
    if handler.is_mount and getattr(inner, "routes", None) is not None:
        yield Mount(inner, at, around)
        return
    checked = _is_checked(handler, checks)
    if handler.is_mount or getattr(handler, "is_static", False):
        rest = (Parameter("rest", "path"),)
        yield Endpoint(f"{at}/**", f"{at}/{{rest}}", (ANY_METHOD,), rest, checked, around)
    else:
        yield Endpoint(at or "/", at or "/", (ANY_METHOD,), _parameters(route), checked, around)
