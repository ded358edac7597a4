"""The manners of the Backend API: secret keys, JSON, unknown parameters refused."""

from __future__ import annotations

from typing import Any

from greffier.server import errors, versions
from greffier.server.errors import ApiError
from greffier.server.web.context import Context, Services
from greffier.server.web.http.forms import Body, parse_body
from greffier.server.web.http.hosts import is_api_host
from greffier.server.web.http.incoming import read_body
from greffier.server.web.http.reply import Reply, error_reply
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.instance.instance import Instance
from greffier.server.web.operations.declaration import Face, Operation
from greffier.server.web.operations.handling import built, call, write
from greffier.server.web.operations.routing import Match, Published, router_of
from greffier.server.web.ports import CurrentMachine

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
        """The whole answer; `found` is the router's result."""
        ctx: Context | None = None
        instance: Instance | None = None
        try:
            self._require_host(request)
            match = self._match(request, found)
            instance, machine = await self._authenticate(request, match.operation)
            operation = built(match)
            await self._limit(request, instance, match)
            version = versions.select(
                request.query.get("__clerk_api_version", []), request.headers.get("clerk-api-version")
            )
            body = await self._body(request, receive, match)
            ctx = Context(self._services, self._services.database.begin(), instance, request, version)
            ctx.machine, ctx.by_server = machine, True
            result = await call(ctx, operation, match, body, ignore_unknown=False)
            await self._services.ports.notices.notify_of_changes(ctx)
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

    def _require_host(self, request: RequestInfo) -> None:
        """Every instance's hosts serve every key: the key selects the instance."""
        if self._services.ports.instances.by_host(request.host) is None and not is_api_host(
            request.hostname, self._services.settings.api_hosts
        ):
            raise errors.host_not_served(request.hostname)

    def _match(self, request: RequestInfo, found: Match | ApiError) -> Match:
        """The matched operation. Without a key no caller learns which paths exist: 401 comes before 404."""
        if isinstance(found, ApiError):
            self._instance_of_key(request)
            raise found
        return found

    def _instance_of_key(self, request: RequestInfo) -> Instance:
        secret_key = bearer(request)
        if secret_key is None:
            if request.headers.get("authorization", "").strip():
                raise errors.authorization_header_malformed()
            raise errors.secret_key_missing()
        instance = self._services.ports.instances.by_secret_key(secret_key)
        if instance is None:
            raise errors.secret_key_invalid()
        return instance

    async def _authenticate(
        self, request: RequestInfo, operation: Operation | Published
    ) -> tuple[Instance, CurrentMachine | None]:
        """The instance of the request's key; without one, that of its host, if the operation is public, or
        any if the operation's parameters select it.
        """
        secret_key = bearer(request)
        if isinstance(operation, Operation):
            if secret_key is None and operation.public:
                instance = self._services.ports.instances.by_host(request.host)
                if instance is None and operation.any_host:
                    instance = self._services.ports.instances.any()
                if instance is not None:
                    return instance, None
            if secret_key is not None and operation.machines:
                machine = await self._machine_of_key(secret_key)
                instance = self._services.ports.instances.by_id(machine.instance_id) if machine else None
                if instance is not None:
                    return instance, machine
        return self._instance_of_key(request), None

    async def _machine_of_key(self, secret_key: str) -> CurrentMachine | None:
        """Such a key is looked for in the database only if it cannot be an instance's."""
        if self._services.ports.instances.by_secret_key(secret_key) is not None:
            return None
        async with self._services.database.transaction() as db:
            now = self._services.clock.now_ms()
            return await self._services.ports.machines.machine_of_secret_key(db, secret_key, now)

    async def _limit(self, request: RequestInfo, instance: Instance, match: Match) -> None:
        """Per secret key, and per object that is changed."""
        limits, now = self._services.limits, self._services.clock.now_ms()
        operation = match.operation if isinstance(match.operation, Operation) else None
        secret_key = bearer(request)
        if secret_key and not (operation and operation.unlimited):
            await limits.secret_key(instance, secret_key, now)
        if operation and operation.limit:
            object_id = " ".join(match.path_parameters.values())
            await limits.operation(instance, operation.name, operation.limit, object_id, now)

    async def _body(self, request: RequestInfo, receive: Any, match: Match) -> Body:
        if request.method == "GET":
            return _NO_BODY
        upload = match.takes_file
        data = await read_body(receive, request.headers.get("content-length"), upload=upload)
        content_type = request.headers.get("content-type", "")
        if not data:
            return _NO_BODY
        if content_type.partition(";")[0].strip().lower() == "text/plain":
            raise errors.unsupported_media_type(content_type)  # only browsers have a reason to send it
        return await parse_body(content_type, data, upload=upload, array=match.takes_array)
