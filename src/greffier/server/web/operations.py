"""How a room declares an operation: one decorator with the whole path, one function named after it.

The function's name is the contract's `operationId` in snake case. Its signature says what it reads: `ctx`,
the path's parameters by name, `params` (a struct, or a list of them: the body) and `query` (a struct: the
query string).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from greffier.server.errors import ApiError
from greffier.server.web.reply import Reply
from greffier.server.web.request import RequestInfo

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])
RefusalWriter = Callable[[RequestInfo, ApiError], Reply]


class Operation(msgspec.Struct, frozen=True):
    """One built operation of one face."""

    method: str
    path: str
    name: str
    handler: Callable[..., Awaitable[Any]]
    path_parameters: tuple[str, ...]
    params: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    bare: bool
    """Frontend API: answer the resource itself, not `{response, client}`."""
    piggyback: bool
    """Frontend API: put the client beside the resource."""
    public: bool
    """Backend API: no secret key is asked for."""
    upload: bool = False
    """The body carries a file."""
    refusal: int = 422
    """Status when parameters are refused; the contract has 400 for some operations."""
    machines: bool = False
    """Backend API: the secret key of a machine is accepted too; `ctx.machine` is then the machine."""
    array: bool = False
    """The body is a JSON array of `params`."""
    any_origin: bool = False
    """Frontend API: for pages of every origin and for programs. No cookie is read, so no client is known."""
    from_memory: bool = False
    """Frontend API: answered without the database, whatever cookies come along. No client is looked up."""
    any_host: bool = False
    """Answered at a host of no instance too, because the host does not say which one it is about."""
    write_refusal: RefusalWriter | None = None
    """Frontend API: how a refusal is written, where that is not the published envelope."""


class Face:
    """One of the two APIs: the operations that rooms have declared for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[Operation] = []

    def get(
        self,
        path: str,
        *,
        bare: bool = False,
        public: bool = False,
        piggyback: bool = True,
        refusal: int = 422,
        machines: bool = False,
        any_origin: bool = False,
        from_memory: bool = False,
        any_host: bool = False,
        write_refusal: RefusalWriter | None = None,
    ) -> Callable[[Handler], Handler]:
        return self._declare(
            "GET",
            path,
            bare,
            public,
            piggyback,
            refusal=refusal,
            machines=machines,
            any_origin=any_origin,
            from_memory=from_memory,
            any_host=any_host,
            write_refusal=write_refusal,
        )

    def post(
        self,
        path: str,
        *,
        bare: bool = False,
        public: bool = False,
        upload: bool = False,
        refusal: int = 422,
        machines: bool = False,
        any_origin: bool = False,
        write_refusal: RefusalWriter | None = None,
    ) -> Callable[[Handler], Handler]:
        return self._declare(
            "POST",
            path,
            bare,
            public,
            upload=upload,
            refusal=refusal,
            machines=machines,
            any_origin=any_origin,
            write_refusal=write_refusal,
        )

    def put(
        self, path: str, *, bare: bool = False, upload: bool = False, refusal: int = 422
    ) -> Callable[[Handler], Handler]:
        return self._declare("PUT", path, bare, public=False, upload=upload, refusal=refusal)

    def patch(
        self, path: str, *, bare: bool = False, refusal: int = 422, from_memory: bool = False
    ) -> Callable[[Handler], Handler]:
        return self._declare("PATCH", path, bare, public=False, refusal=refusal, from_memory=from_memory)

    def delete(self, path: str, *, bare: bool = False, refusal: int = 422) -> Callable[[Handler], Handler]:
        return self._declare("DELETE", path, bare, public=False, refusal=refusal)

    def _declare(
        self,
        method: str,
        path: str,
        bare: bool,
        public: bool,
        piggyback: bool = True,
        upload: bool = False,
        refusal: int = 422,
        machines: bool = False,
        any_origin: bool = False,
        from_memory: bool = False,
        any_host: bool = False,
        write_refusal: RefusalWriter | None = None,
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            hints = get_type_hints(handler)
            names = tuple(re.findall(r"{(\w+)}", path))
            missing = [name for name in names if name not in inspect.signature(handler).parameters]
            if missing:
                raise TypeError(f"{handler.__name__} does not take {missing} of {path}")
            params = hints.get("params")
            array = get_origin(params) is list
            self.operations.append(
                Operation(
                    method,
                    path,
                    handler.__name__,
                    handler,
                    names,
                    get_args(params)[0] if array else params,
                    hints.get("query"),
                    bare,
                    piggyback,
                    public,
                    upload,
                    refusal,
                    machines,
                    array,
                    any_origin,
                    from_memory,
                    any_host,
                    write_refusal,
                )
            )
            return handler

        return declare


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
