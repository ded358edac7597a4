"""The declaration of an operation: one decorator with the whole path, one function named after it.

The function's name is the contract's `operationId` in snake case. Its signature says what it reads: `ctx`,
the path's parameters by name, `params` (a struct, or a list of them: the body), `rest` (`Parameters`: the
body again, for code that names its own) and `query` (a struct: the query string).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypedDict, TypeVar, Unpack, get_args, get_origin, get_type_hints

import msgspec

from greffier.server.errors import ApiError
from greffier.server.web.http.reply import Reply
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.limits.rate_limits import OperationLimit

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])
RefusalWriter = Callable[[RequestInfo, ApiError], Reply]


class Reverification(msgspec.Struct, frozen=True, kw_only=True):
    """The session must have verified a factor in the last ten minutes, the second one if the user has one."""

    parameters: str | None = None
    """A regular expression of the parameters that need it; `None`: the operation always does."""
    first_factor_in: str | None = None
    """A parameter with a first factor, which the operation verifies itself."""

    def needed_for(self, names: Iterable[str]) -> bool:
        """Args: names: those of the request's parameters."""
        return self.parameters is None or any(re.fullmatch(self.parameters, _base(one)) for one in names)

    def has_first_factor(self, names: Iterable[str]) -> bool:
        """Args: names: as `needed_for`."""
        return any(_base(one) == self.first_factor_in for one in names)


def _base(parameter: str) -> str:
    """The name of a parameter without what forms append to lists and objects: `[]`, `[key]`."""
    return parameter.partition("[")[0]


REVERIFIED = Reverification()
"""The option of most operations that need it."""


class Options(TypedDict, total=False):
    """The options of a declaration. Defaults are those of `Operation`."""

    no_envelope: bool
    with_client: bool
    public: bool
    upload: bool
    invalid_status: int
    machines: bool
    any_origin: bool
    from_memory: bool
    any_host: bool
    write_refusal: RefusalWriter
    limit: OperationLimit
    unlimited: bool
    reverification: Reverification


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One built operation of one face."""

    method: str
    path: str
    name: str
    handler: Callable[..., Awaitable[Any]]
    path_parameters: tuple[str, ...]
    params: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    array: bool
    """The body is a JSON array of `params`."""
    rest: bool
    """The handler is handed the body also as `Parameters`."""
    no_envelope: bool = False
    """Frontend API: answer the resource itself, not `{response, client}`."""
    with_client: bool = True
    """Frontend API: put the client beside the resource."""
    public: bool = False
    """Backend API: no secret key is required."""
    upload: bool = False
    """The body carries a file."""
    invalid_status: int = 422
    """Status when parameters are refused; the contract has 400 for some operations."""
    machines: bool = False
    """Backend API: the secret key of a machine is accepted too; `ctx.machine` is then the machine."""
    any_origin: bool = False
    """Frontend API: for pages of every origin and for programs. No cookie is read, so the client is unknown.
    """
    from_memory: bool = False
    """Frontend API: answered without the database, whatever cookies come along. No client is looked up."""
    any_host: bool = False
    """Answered at a host of no instance too, because the host does not select one."""
    write_refusal: RefusalWriter | None = None
    """Frontend API: how a refusal is written, where that is not the published envelope."""
    limit: OperationLimit | None = None
    """Its rate limit, besides what is counted for the whole face."""
    unlimited: bool = False
    """Backend API: not counted for the secret key."""
    reverification: Reverification | None = None
    """Frontend API: the session must have verified a factor recently (ASVS 7.5.1)."""


class Face:
    """One of the two APIs: the operations that rooms have declared for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[Operation] = []

    def get(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare("GET", path, options)

    def post(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare("POST", path, options)

    def put(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare("PUT", path, options)

    def patch(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare("PATCH", path, options)

    def delete(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare("DELETE", path, options)

    def _declare(self, method: str, path: str, options: Options) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self.operations.append(_operation(method, path, handler, options))
            return handler

        return declare


def _operation(method: str, path: str, handler: Callable[..., Any], options: Options) -> Operation:
    hints = get_type_hints(handler)
    names = tuple(re.findall(r"{(\w+)}", path))
    missing = [name for name in names if name not in inspect.signature(handler).parameters]
    if missing:
        raise TypeError(f"{handler.__name__} does not take {missing} of {path}")
    params = hints.get("params")
    array = get_origin(params) is list
    return Operation(
        method=method,
        path=path,
        name=handler.__name__,
        handler=handler,
        path_parameters=names,
        params=get_args(params)[0] if array else params,
        query=hints.get("query"),
        array=array,
        rest="rest" in hints,
        **options,
    )


frontend_api = Face("frontend_api")
backend_api = Face("backend_api")


class Raw(msgspec.Struct, frozen=True):
    """An answer that is no JSON resource: a redirect, a page."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


class Created(msgspec.Struct, frozen=True):
    """A resource that is new, where the contract answers 201."""

    resource: msgspec.Struct


class NoContent(msgspec.Struct, frozen=True):
    """An empty 204."""
