"""`Endpoint`: a route as the readers of all frameworks describe it, and examples of paths that it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

from greffier.sdk.protection.gate import Gate

ANY_METHOD = "*"
WEBSOCKET = "WebSocket"

_NOTHING = "00000000-0000-0000-0000-000000000000"
_PLAIN = {"int": ("1",), "float": ("1.5",), "uuid": (_NOTHING,), "date": ("2026-01-01",), "any": ("example",)}
_TEXT = ("example", "1")
_DEEP = ("example/nested", "1")
#: A page file by its name, and data.
_WITH_DOT = ("report.pdf", "app.js")
_MAX_COMBINATIONS = 64
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Mount:
    """Another app at a prefix, inside these middlewares, to be read by the reader of its framework."""

    app: Any
    prefix: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A middleware around a route. `mounted_at` is the prefix that its app does not see."""

    gate: Gate
    lazy: bool = False
    mounted_at: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a path that a visitor chooses.

    `kind` is `str`, `path` (may hold slashes), `int`, `float`, `uuid`, `date` or `any` (of given words).
    """

    name: str
    kind: str = "str"

    @property
    def may_hold_a_dot(self) -> bool:
        """Whether a value with a dot in it reaches the route."""
        return self.kind in ("str", "path", "float")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route.

    - `path` is shown. `pattern` is the same with `{name}` for every parameter; one that is not among the
      `parameters`, such as of a prefix, is a text.
    - `checked`: the route itself checks the auth object, and refuses.
    - `readable`: False where its paths are not known, only that it exists.
    - `static`: it is a folder of files that the framework's adapter knows as such.
    """

    path: str
    pattern: str
    methods: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    checked: bool = False
    layers: tuple[Layer, ...] = ()
    readable: bool = True
    other_patterns: tuple[str, ...] = ()
    """More ways to answer: with and without optional parts."""
    static: bool = False

    def examples(self) -> list[str]:
        """Paths that this route answers, without a dot where that can be."""
        return self._filled(_values)

    def examples_with_a_dot(self) -> list[str]:
        """Paths in which every parameter that may has a dot; none when no parameter may."""
        return self._filled(_values_with_a_dot) if self.may_hold_a_dot else []

    @property
    def may_hold_a_dot(self) -> bool:
        """Whether a visitor can put a dot into the path."""
        return any(one.may_hold_a_dot for pattern in self._patterns for one in self._parameters_of(pattern))

    @property
    def _patterns(self) -> tuple[str, ...]:
        return (self.pattern, *self.other_patterns)

    def _parameters_of(self, pattern: str) -> list[Parameter]:
        known = {parameter.name: parameter for parameter in self.parameters}
        return [known.get(name, Parameter(name)) for name in _VARIABLE.findall(pattern)]

    def _filled(self, values: Callable[[Parameter], Iterable[str]]) -> list[str]:
        paths: list[str] = []
        for pattern in self._patterns:
            parameters = self._parameters_of(pattern)
            names = [parameter.name for parameter in parameters]
            combinations = list(product(*map(values, parameters)))[:_MAX_COMBINATIONS]
            paths += [_fill(pattern, dict(zip(names, one, strict=True))) for one in combinations]
        return paths


def _values(parameter: Parameter) -> tuple[str, ...]:
    return _DEEP if parameter.kind == "path" else _PLAIN.get(parameter.kind, _TEXT)


def _values_with_a_dot(parameter: Parameter) -> tuple[str, ...]:
    text = parameter.may_hold_a_dot and parameter.kind != "float"
    return _WITH_DOT if text else _values(parameter)


def _fill(pattern: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values[found[1]], pattern)


def shown_methods(methods: Iterable[str] | None) -> tuple[str, ...]:
    """The methods to decide about: HEAD goes with GET, and OPTIONS is answered by frameworks themselves."""
    listed = sorted(set(methods or (ANY_METHOD,)))
    kept = [one for one in listed if one not in ("HEAD", "OPTIONS")]
    return tuple(kept or listed)
