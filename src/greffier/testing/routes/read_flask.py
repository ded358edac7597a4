"""The routes of Flask apps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from greffier.testing.routes.endpoints import Endpoint, Layer, Parameter, shown_methods
from greffier.testing.routes.middlewares import layer_of
from greffier.testing.routes.route_checks import is_check

_VARIABLE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_KINDS = {"int": "int", "float": "float", "path": "path", "uuid": "uuid", "any": "any"}


def read_flask(
    app: Any, prefix: str, layers: tuple[Layer, ...], checks: frozenset[Any]
) -> Iterator[Endpoint]:
    """Every rule of the app, those of its blueprints and its static files included."""
    layers = (*layers, *_own_layers(app, prefix))
    for rule in app.url_map.iter_rules():
        parameters = tuple(
            Parameter(found["name"], _KINDS.get(found["converter"] or "", "str"))
            for found in _VARIABLE.finditer(rule.rule)
        )
        pattern = _VARIABLE.sub(lambda found: "{" + found["name"] + "}", rule.rule)
        methods = shown_methods(rule.methods)
        static = rule.endpoint.rpartition(".")[2] == "static"
        by_check: dict[bool, list[str]] = {}
        for method in methods:
            by_check.setdefault(_is_checked(app, rule.endpoint, method, checks), []).append(method)
        for checked, some in by_check.items():
            yield Endpoint(
                prefix + rule.rule, prefix + pattern, tuple(some), parameters, checked, layers, static=static
            )


def _own_layers(app: Any, prefix: str) -> Iterator[Layer]:
    """The middlewares that have been put around `app.wsgi_app`, from the outside in."""
    around, seen = app.wsgi_app, set[int]()
    while around is not None and id(around) not in seen:
        seen.add(id(around))
        layer = layer_of(around, prefix)
        if layer is not None:
            yield layer
        around = getattr(around, "app", None) or getattr(around, "wsgi_app", None)


def _is_checked(app: Any, endpoint: str, method: str, checks: frozenset[Any]) -> bool:
    view = app.view_functions.get(endpoint)
    functions = [view, getattr(getattr(view, "view_class", None), method.lower(), None)]
    blueprints = [".".join(endpoint.split(".")[:count]) for count in range(1, endpoint.count(".") + 1)]
    for scope in (None, *blueprints):
        functions += app.before_request_funcs.get(scope, ())
    return any(is_check(function, checks) for function in functions if function is not None)
