"""URL patterns of Django as patterns with `{name}` for every parameter, of which examples can be made."""

from __future__ import annotations

import re
from itertools import count
from typing import Any, NamedTuple

from django.urls.resolvers import LocalePrefixPattern, RoutePattern
from django.utils.regex_helper import normalize

from greffier.testing.routes.endpoints import Parameter

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_KINDS = {"IntConverter": "int", "UUIDConverter": "uuid", "PathConverter": "path"}
_GROUP = re.compile(r"\(\?P<(\w+)>((?:[^()\\]|\\.)*)\)")
_ANYTHING = re.compile(r"(?<!\\)\.[*+]\??")


class ReadPattern(NamedTuple):
    """`shown` is the pattern as it is declared; `patterns` are the shortest and the longest way to fit it."""

    shown: str
    patterns: tuple[str, ...]
    parameters: tuple[Parameter, ...]


def read_pattern(pattern: Any) -> ReadPattern:
    """The pattern of a `path`, a `re_path` or the languages of `i18n_patterns`."""
    text = str(pattern)
    if isinstance(pattern, LocalePrefixPattern):
        return ReadPattern(text, (text,), ())
    if isinstance(pattern, RoutePattern):
        parameters = tuple(
            Parameter(name, _KINDS.get(type(converter).__name__, "str"))
            for name, converter in pattern.converters.items()
        )
        return ReadPattern(text, (_VARIABLE.sub(r"{\1}", text),), parameters)
    return _read_expression(text)


def _read_expression(text: str) -> ReadPattern:
    numbers = count()
    # An optional or free part is in the longest form, as a parameter.
    longest = _ANYTHING.sub(lambda _: f"(?P<rest{next(numbers)}>.+)", _without_groups(text)).replace(
        ")?", ")"
    )
    patterns = {_filled(text), _filled(longest)}
    kinds = {name: _kind_of(inner) for name, inner in _GROUP.findall(text)}
    kinds |= {f"rest{number}": "path" for number in range(next(numbers))}
    parameters = tuple(Parameter(name, kind) for name, kind in kinds.items())
    return ReadPattern(text, tuple(sorted(patterns, key=len)), parameters)


def _without_groups(text: str) -> str:
    """Named groups are parameters already, whatever is in them."""
    return _GROUP.sub(lambda group: f"(?P<{group[1]}>x)", text)


def _filled(expression: str) -> str:
    """One path that fits, with `{name}` for groups; the text itself for what Django cannot make a URL of."""
    pattern, names = normalize(expression)[0]
    if not pattern and expression.strip("^$"):
        return expression.strip("^$")
    return pattern % {name: f"{{{name}}}" for name in names}


def _kind_of(expression: str) -> str:
    """The kind of parameter that a group is, by what it takes."""
    takes = re.compile(expression)
    if takes.fullmatch("example/nested.pdf"):
        return "path"
    if takes.fullmatch("report.pdf"):
        return "str"
    return "int" if any(map(takes.fullmatch, ("1", "12", "123", "2026"))) else "any"
