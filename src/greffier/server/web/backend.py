"""The manners of the Backend API: secret keys, JSON, unknown parameters refused."""

from __future__ import annotations

from typing import Any

from greffier.server import errors, versions
from greffier.server.errors import ApiError
from greffier.server.web.context import Context, Services
from greffier.server.web.forms import Body, parse_body
from greffier.server.web.handling import built, call, write
from greffier.server.web.incoming import read_body
from greffier.server.web.instance import Instance
from greffier.server.web.limits import PER_OBJECT
from greffier.server.web.operations import Face, Operation
from greffier.server.web.reply import Reply, error_reply
from greffier.server.web.request import RequestInfo
from greffier.server.web.routing import Match, router_of

_NO_BODY = Body("json", {})


def bearer(request: RequestInfo) -> str | None:
    """The credential of the `Authorization` header (RFC 6750 section 2.1)."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else None


class BackendApi:
    """Serves one request of the secret-key face. Its paths start with `/v1`."""

    def __init__(self, services: Services, face: Face) -> None:
        self._services = services
        self.router = router_of(face)

    async def respond(self, request: RequestInfo, receive: Any, found: Match | ApiError) -> Reply:
        """The whole answer; `found` is what the router said of this request."""
        ctx: Context | None = None
        instance: Instance | None = None
        try:
            match = self._match(request, found)
            operation = match.operation
            instance = self._authenticate(
                request, public=isinstance(operation, Operation) and operation.public
            )
            operation = built(match)
            await self._limit(request, instance, match, operation.name)
            version = versions.select(
                request.query.get("__clerk_api_version", []), request.headers.get("clerk-api-version")
            )
            body = await self._body(request, receive, match)
            ctx = Context(self._services, self._services.database.begin(), instance, request, version)
            result = await call(ctx, operation, match, body, ignore_unknown=False)
            await ctx.db.commit()
        except ApiError as error:
            if ctx is not None:
                await (ctx.db.commit() if error.keep_changes else ctx.db.rollback())
            reply = error_reply(error)
            reply.instance_id = instance.id if instance else ""
            return reply
        except BaseException:
            if ctx is not None:
                await ctx.db.rollback()
            raise
        reply = write(result)
        reply.instance_id = instance.id
        for name, value in ctx.response_headers.items():
            reply.add(name, value)
        return reply

    def _match(self, request: RequestInfo, found: Match | ApiError) -> Match:
        """Without a key nobody learns which paths exist: 401 comes before 404."""
        if isinstance(found, ApiError):
            self._authenticate(request, public=False)
            raise found
        return found

    def _authenticate(self, request: RequestInfo, *, public: bool) -> Instance:
        secret_key = bearer(request)
        if secret_key is None:
            if public and (instance := self._services.instances.by_host(request.host)):
                return instance
            raise errors.secret_key_missing()
        instance = self._services.instances.by_secret_key(secret_key)
        if instance is None:
            raise errors.secret_key_invalid()
        return instance

    async def _limit(self, request: RequestInfo, instance: Instance, match: Match, operation: str) -> None:
        """Per secret key, and per object that is changed."""
        limits, now = self._services.limits, self._services.clock.now_ms()
        if secret_key := bearer(request):
            await limits.backend(instance, operation, secret_key, now)
        if operation in PER_OBJECT:
            await limits.backend_object(instance, operation, next(iter(match.path_parameters.values())), now)

    async def _body(self, request: RequestInfo, receive: Any, match: Match) -> Body:
        if request.method == "GET":
            return _NO_BODY
        upload = match.takes_file
        data = await read_body(receive, request.headers.get("content-length"), upload=upload)
        content_type = request.headers.get("content-type", "")
        return await parse_body(content_type, data, upload=upload) if data else _NO_BODY
