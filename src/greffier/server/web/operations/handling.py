"""The steps of both faces around a handler: bind its input, call it, write its answer."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.encryption import Undecryptable
from greffier.server.errors import ApiError
from greffier.server.web.context import Context
from greffier.server.web.http.forms import Body, bind, bind_items
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.http.reply import RETRY_AFTER, Reply, json_reply
from greffier.server.web.operations.declaration import Created, NoContent, Operation, Raw
from greffier.server.web.operations.routing import Match, Published

log = logging.getLogger("greffier.web")

_REFUSED = 422


def built(match: Match) -> Operation:
    """The operation to run.

    Raises:
        ApiError: 501 when it is published but not built.
    """
    if isinstance(match.operation, Published):
        raise errors.not_implemented(match.operation.operation_id)
    return match.operation


async def call(ctx: Context, operation: Operation, match: Match, body: Body, *, ignore_unknown: bool) -> Any:
    """Bind what the handler's signature asks for and call it.

    Raises:
        ApiError: what the handler raises, or that parameters are refused; 503 when a secret that it needs was
            encrypted with a key that is not there.
    """
    try:
        return await operation.handler(ctx, **_arguments(ctx, operation, match, body, ignore_unknown))
    except ApiError as error:
        if error.status == _REFUSED:
            error.status = operation.invalid_status
        raise
    except Undecryptable as error:
        log.error("%s %s: a secret cannot be decrypted: %s", operation.method, operation.path, error)
        raise errors.service_unavailable(RETRY_AFTER) from None


def _arguments(
    ctx: Context, operation: Operation, match: Match, body: Body, ignore_unknown: bool
) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        name: value for name, value in match.path_parameters.items() if name in operation.path_parameters
    }
    for name, value in arguments.items():
        if "\0" in value:
            raise errors.not_found(name.removesuffix("_id"))
    if operation.params is not None:
        read = bind_items if operation.array else bind
        arguments["params"] = read(operation.params, body, ignore_unknown=ignore_unknown)
    elif body.values and not ignore_unknown and not operation.rest:
        raise errors.invalid_params(*(errors.param_unknown(name) for name in body.values))
    if operation.rest:
        arguments["rest"] = Parameters(body)
    if operation.query is not None:
        query = Body("query", dict(ctx.request.query))
        arguments["query"] = bind(operation.query, query, ignore_unknown=True)
    return arguments


def write(result: Any, envelope: msgspec.Struct | dict[str, Any] | None = None) -> Reply:
    """The response of a handler's result; `envelope` replaces a resource by its wrapped form."""
    if isinstance(result, Raw):
        reply = Reply(result.status, result.body, [])
        for name, value in result.headers.items():
            reply.add(name, value)
        return reply
    if isinstance(result, NoContent):
        return Reply(204, b"", [])
    if isinstance(result, Created):
        return json_reply(201, result.resource)
    return json_reply(200, result if envelope is None else envelope)
