"""`lint_routes`: detects the app's framework, and has its routes read and decided about."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Unpack, cast

from greffier.sdk.protection.guard import GuardSettings
from greffier.testing.routes.decisions import decide
from greffier.testing.routes.endpoints import ANY_METHOD, Endpoint, Layer, Mount, Parameter
from greffier.testing.routes.middlewares import layer_from, layer_of
from greffier.testing.routes.report import RouteReport, as_table

_REST = Parameter("rest", "path")


class UndecidedRoutes(AssertionError):
    """Some routes are neither protected nor listed as public. `report` has all routes."""

    def __init__(self, report: RouteReport) -> None:
        count = len(report.undecided)
        they_are = "route is" if count == 1 else "routes are"
        why = f"{count} {they_are} neither protected nor listed as public or ignored"
        super().__init__(f"{why}:\n{as_table(report.undecided)}")
        self.report = report


def lint_routes(app: Any, *, checks: Collection[Any] = (), **settings: Unpack[GuardSettings]) -> RouteReport:
    """Every route of an app with its gate, judged by example paths.

    Hooks are not asked: what `before_auth` and `after_auth` open is not seen.

    Args:
        app: of FastAPI, Starlette, Litestar, Flask or Django, or any other ASGI or WSGI app.
        checks: functions of the app that refuse requests (dependencies, decorated views, guards),
            besides those of this package.
        settings: of a middleware that is put around the app elsewhere. The app's own is found.
    """
    layers = (layer_from(settings),) if settings else ()
    findings = [
        finding for endpoint in read_app(app, "", layers, frozenset(checks)) for finding in decide(endpoint)
    ]
    return RouteReport(tuple(findings))


def assert_every_route_is_decided(
    app: Any, *, checks: Collection[Any] = (), **settings: Unpack[GuardSettings]
) -> RouteReport:
    """`lint_routes`, for a test. Raises `UndecidedRoutes` with a table of those that are not decided."""
    report = lint_routes(app, checks=checks, **settings)
    if report.undecided:
        raise UndecidedRoutes(report)
    return report


def read_app(app: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]) -> Iterator[Endpoint]:
    """The routes of an app that is mounted at a prefix, inside these middlewares."""
    own = layer_of(app, prefix)
    layers = (*layers, own) if own else layers
    kinds = {f"{base.__module__.partition('.')[0]}.{base.__name__}" for base in type(app).__mro__}
    for found in _read(app, kinds, prefix, layers, checks):
        if isinstance(found, Mount):
            yield from read_app(found.app, found.prefix, found.layers, checks)
        else:
            yield found


def _read(
    app: Any, kinds: set[str], prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint | Mount]:
    """The routes by the reader of the app's framework. Readers are imported where they are needed."""
    if kinds & {"starlette.Starlette", "starlette.Router"}:
        from greffier.testing.routes.read_starlette import read_starlette

        yield from read_starlette(app, prefix, layers, checks)
    elif "litestar.Litestar" in kinds:
        from greffier.testing.routes.read_litestar import read_litestar

        yield from read_litestar(app, prefix, layers, checks)
    elif "flask.Flask" in kinds:
        from greffier.testing.routes.read_flask import read_flask

        yield from read_flask(app, prefix, layers, checks)
    elif "django.BaseHandler" in kinds:
        from greffier.testing.routes.read_django import read_django

        yield from read_django(prefix, layers, checks)
    else:
        yield from _read_other(app, prefix, layers)


def _read_other(app: Any, prefix: str, layers: tuple[Layer, ...]) -> Iterator[Endpoint | Mount]:
    """The routes of the app that a middleware wraps; or an opaque app, of which only the prefix is known."""
    wrapped = getattr(app, "app", None)
    owner = getattr(app, "__self__", None)
    mounts: Any = getattr(app, "mounts", None)  # Werkzeug's DispatcherMiddleware
    if isinstance(mounts, dict):
        for path, mounted in cast("dict[str, Any]", mounts).items():
            yield Mount(mounted, prefix + path, layers)
    if callable(wrapped):
        yield Mount(wrapped, prefix, layers)
    elif owner is not None and getattr(app, "__name__", "") == "wsgi_app":
        yield Mount(owner, prefix, layers)
    else:
        yield Endpoint(f"{prefix}/**", f"{prefix}/{{rest}}", (ANY_METHOD,), (_REST,), layers=layers)
