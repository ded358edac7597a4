"""From method and path to an operation. The published contracts' operations that are not built answer 501."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.web.operations import Face, Operation


class Published(msgspec.Struct, frozen=True):
    """An operation of the published contract."""

    method: str
    path: str
    operation_id: str


class Match(NamedTuple):
    operation: Operation | Published
    path_parameters: dict[str, str]


def published_operations(face: Face) -> list[Published]:
    """The operations of the contract this face speaks, from the list `published/<face>.txt`."""
    text = (files("greffier.server.web") / "published" / f"{face.name}.txt").read_text()
    return [Published(*line.split()) for line in text.splitlines()]


class Router:
    """The routes of one face, built or not."""

    def __init__(self, face: Face) -> None:
        built = {(o.method, _shape(o.path)) for o in face.operations}
        unbuilt = [o for o in published_operations(face) if (o.method, _shape(o.path)) not in built]
        self._map = Map(
            [Rule(_pattern(o.path), methods=[o.method], endpoint=o) for o in (*face.operations, *unbuilt)],
            strict_slashes=False,
            merge_slashes=False,
            redirect_defaults=False,
        ).bind("localhost")

    def resolve(self, method: str, path: str) -> Match | ApiError:
        """The operation at this path, or why there is none: 404, or 405 when others are there."""
        try:
            operation, parameters = self._map.match(path, method=method)
        except MethodNotAllowed as error:
            return errors.method_not_allowed([m for m in error.valid_methods or () if m != "HEAD"])
        except (NotFound, RequestRedirect):
            return errors.route_not_found()
        return Match(operation, dict(parameters))  # pyright: ignore[reportArgumentType]


@cache
def router_of(face: Face) -> Router:
    """The routes of a face, compiled once for all servers of this process."""
    return Router(face)


def _shape(path: str) -> str:
    """A path without the names of its parameters: the contract's names and ours may differ."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def _pattern(path: str) -> str:
    return path.replace("{", "<").replace("}", ">")
