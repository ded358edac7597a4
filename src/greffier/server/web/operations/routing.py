"""From method and path to an operation. The published contracts' operations that are not built answer 501.

A tree of our own: every request for a token goes through it, and a framework's router takes several times as
long.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.web.operations.declaration import Face, Operation


class Published(msgspec.Struct, frozen=True):
    """An operation of the published contract."""

    method: str
    path: str
    operation_id: str


class Match(NamedTuple):
    operation: Operation | Published
    path_parameters: dict[str, str]

    @property
    def takes_file(self) -> bool:
        return isinstance(self.operation, Operation) and self.operation.upload

    @property
    def takes_array(self) -> bool:
        return isinstance(self.operation, Operation) and self.operation.array


class _Route(NamedTuple):
    operation: Operation | Published
    names: tuple[str, ...]


class _Node:
    """The paths that begin alike: what may come next, and what is here."""

    __slots__ = ("literals", "parameter", "routes")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.routes: dict[str, _Route] = {}


def published_operations(face: Face) -> list[Published]:
    """The operations of the contract this face speaks, from the list `published/<face>.txt`."""
    text = (files("greffier.server.web.operations") / "published" / f"{face.name}.txt").read_text()
    return [Published(*line.split()) for line in text.splitlines()]


class Router:
    """The routes of one face, built or not."""

    def __init__(self, face: Face) -> None:
        self._root = _Node()
        for operation in (*published_operations(face), *face.operations):  # what is built takes the place
            self._add(operation)

    def _add(self, operation: Operation | Published) -> None:
        node, names = self._root, list[str]()
        for part in _parts(operation.path):
            if part.startswith("{"):
                names.append(part[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(part, _Node())
        node.routes[operation.method] = _Route(operation, tuple(names))

    def resolve(self, method: str, path: str) -> Match | ApiError:
        """The operation at this path, or why there is none: 404, or 405 when others are there."""
        wanted = "GET" if method == "HEAD" else method
        allowed = set[str]()
        for routes, values in _ends(self._root, _parts(path), 0, ()):
            route = routes.get(wanted)
            if route is not None:
                return Match(route.operation, dict(zip(route.names, values, strict=True)))
            allowed.update(routes)
        return errors.method_not_allowed(sorted(allowed)) if allowed else errors.route_not_found()


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


def _ends(
    node: _Node, parts: list[str], at: int, values: tuple[str, ...]
) -> Iterator[tuple[dict[str, _Route], tuple[str, ...]]]:
    """The matching routes of a path, with the values of its parameters. Literal segments come first."""
    while at < len(parts):
        literal = node.literals.get(parts[at])
        if literal is not None and node.parameter is not None:
            yield from _ends(literal, parts, at + 1, values)
            literal = None
        if literal is None:
            if node.parameter is None or not parts[at]:
                return
            literal, values = node.parameter, (*values, parts[at])
        node, at = literal, at + 1
    if node.routes:
        yield node.routes, values


@cache
def router_of(face: Face) -> Router:
    """The routes of a face, compiled once for all servers of this process."""
    return Router(face)
