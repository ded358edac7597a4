"""The manners of the Frontend API: origins, the client's cookie, the `{response, client}` envelope."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors, versions
from greffier.server.errors import ApiError
from greffier.server.web.context import Context, Services
from greffier.server.web.http.cors import add_cors, add_public_cors, preflight, public_preflight
from greffier.server.web.http.forms import EMPTY, Body, parse_body
from greffier.server.web.http.hosts import is_api_host
from greffier.server.web.http.incoming import body_content_type, override_method, read_body
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.http.proxies import nearest
from greffier.server.web.http.redirects import redirect_allowed
from greffier.server.web.http.reply import Reply, error_reply, failure_reply
from greffier.server.web.http.request import RequestInfo, origin_of
from greffier.server.web.instance.instance import Instance
from greffier.server.web.operations.declaration import Face, NoContent, Operation, Raw
from greffier.server.web.operations.handling import built, call, write
from greffier.server.web.operations.routing import Match, router_of

# Published for every origin by design: public keys and metadata, no cookie, no client.
_PUBLIC_PREFIXES = ("/.well-known/",)
# Apple and others answer by a form that their own page sends.
_PROVIDER_CALLBACKS = ("/v1/oauth_callback",)


class FrontendApi:
    """Serves one request of the browser-facing face."""

    def __init__(self, services: Services, face: Face) -> None:
        self._services = services
        self.router = router_of(face)

    def resolve(self, request: RequestInfo) -> Match | ApiError:
        """The operation that the request asks for, `_method` considered."""
        try:
            return self.router.resolve(override_method(request).method, request.path)
        except ApiError as error:
            return error

    async def respond(self, request: RequestInfo, receive: Any, found: Match | ApiError) -> Reply:
        """The whole answer; `found` is the result of `resolve`."""
        instance = self._instance(request, found)
        if instance is None:
            return error_reply(errors.host_not_served(request.hostname))
        if request.path.startswith(_PUBLIC_PREFIXES):
            if request.method == "OPTIONS":
                return public_preflight()
            reply = await self._guarded(request, instance, receive, found)
            reply.add("access-control-allow-origin", "*")
            reply.instance_id = instance.id
            return reply
        if self._is_for_any_origin(request, found):
            return await self._respond_publicly(request, instance, receive, found)
        if _is_answer_by_form(request):
            reply = await self._guarded(request, instance, receive, found)
            reply.instance_id = instance.id
            return reply
        if request.origin is not None and not origin_allowed(instance, request.origin):
            reply = error_reply(errors.origin_invalid(request.origin))
        elif _is_cross_site(request):
            reply = error_reply(errors.origin_invalid("of another site"))
        elif request.method == "OPTIONS":
            return preflight(request)
        else:
            try:
                reply = await self._guarded(request, instance, receive, found)
            except Exception as error:
                reply = failure_reply(error, request.method, request.path)
        reply.instance_id = instance.id
        # An origin that is refused may still read why, and gets nothing else.
        add_cors(reply, request.origin if request.origin != "null" else None)
        return reply

    def _instance(self, request: RequestInfo, found: Match | ApiError) -> Instance | None:
        """By the host; an application's proxy may know this server by another name, and has a secret key."""
        instances = self._services.ports.instances
        if (instance := instances.by_host(request.host)) is not None:
            return instance
        operation = found.operation if isinstance(found, Match) else None
        if isinstance(operation, Operation) and operation.any_host:
            return instances.any()
        if "clerk-proxy-url" not in request.headers:
            return None
        if not is_api_host(request.hostname, self._services.settings.api_hosts):
            return None
        return instances.by_secret_key(request.headers.get("clerk-secret-key", ""))

    def _is_for_any_origin(self, request: RequestInfo, found: Match | ApiError) -> bool:
        """A preflight names the method that it is about in a header."""
        if request.method == "OPTIONS":
            wanted = request.headers.get("access-control-request-method", "")
            found = self.router.resolve(wanted, request.path)
        operation = found.operation if isinstance(found, Match) else None
        return isinstance(operation, Operation) and operation.any_origin

    async def _respond_publicly(
        self, request: RequestInfo, instance: Instance, receive: Any, found: Match | ApiError
    ) -> Reply:
        if request.method == "OPTIONS":
            return public_preflight()
        reply = await self._guarded(request, instance, receive, found)
        reply.instance_id = instance.id
        add_public_cors(reply)
        return reply

    async def _guarded(
        self, request: RequestInfo, instance: Instance, receive: Any, found: Match | ApiError
    ) -> Reply:
        try:
            if isinstance(found, ApiError):
                raise found
            request = self._behind_proxy(override_method(request), instance)
            version = versions.select(
                request.query.get("__clerk_api_version", []), request.headers.get("clerk-api-version")
            )
            if "_authorization" in request.query:
                raise errors.credentials_in_query()
            await self._limit(request, instance, found)
            body = await self._body(request, receive, found)
        except ApiError as error:
            return _written(request, found, error)
        if (authorization := body.pop_text("_authorization")) and "authorization" not in request.headers:
            request.headers["authorization"] = authorization
        ctx = Context(self._services, self._services.database.begin(), instance, request, version)
        return await self._transact(ctx, found, body)

    def _behind_proxy(self, request: RequestInfo, instance: Instance) -> RequestInfo:
        """An application's proxy names itself, and authenticates with a secret key of this instance.

        Raises:
            ApiError: 403 when the URL is not of the application: many proxies make it of the host that the
                browser names, and links in mails lead there.
        """
        url = request.headers.get("clerk-proxy-url")
        if url is None or origin_of(url) is None:
            return request
        secret_key = request.headers.get("clerk-secret-key", "")
        if self._services.ports.instances.by_secret_key(secret_key) is not instance:
            return request
        # Behind a proxy that ends TLS an application may take itself for one without.
        if not (redirect_allowed(instance, url) or redirect_allowed(instance, _with_tls(url))):
            raise errors.origin_invalid(url)
        browser = nearest(request.headers.get("x-forwarded-for", ""))
        return msgspec.structs.replace(
            request, proxy_url=url.rstrip("/"), ip_address=browser or request.ip_address
        )

    async def _limit(self, request: RequestInfo, instance: Instance, match: Match) -> None:
        """Refused before the body is read."""
        operation = match.operation
        if isinstance(operation, Operation) and operation.limit is not None:
            now = self._services.clock.now_ms()
            limits = self._services.limits
            await limits.operation(instance, operation.name, operation.limit, request.ip_address, now)

    async def _body(self, request: RequestInfo, receive: Any, match: Match) -> Body:
        if request.is_safe:
            return EMPTY
        upload = match.takes_file
        data = await read_body(receive, request.headers.get("content-length"), upload=upload)
        return await parse_body(body_content_type(request), data, upload=upload) if data else EMPTY

    async def _transact(self, ctx: Context, match: Match, body: Body) -> Reply:
        """One transaction: the handler, the client's bookkeeping, and the commit before a byte is sent."""
        try:
            reply = await self._run(ctx, match, body)
            await ctx.db.commit()
        except ApiError as error:
            reply = await self._refuse(ctx, match, error)
        except BaseException:
            await ctx.db.rollback()
            raise
        for line in ctx.set_cookies:
            reply.add("set-cookie", line)
        for name, value in ctx.response_headers.items():
            reply.add(name, value)
        return reply

    async def _run(self, ctx: Context, match: Match, body: Body) -> Reply:
        operation = built(match)
        caller = self._services.ports.caller
        if not operation.any_origin and not operation.from_memory:
            await caller.identify(ctx)
        await self._require_reverified(ctx, operation, body)
        result = await call(ctx, operation, match, body, ignore_unknown=True)
        await self._services.ports.notices.notify_of_changes(ctx)
        await caller.finish(ctx)
        if operation.no_envelope or isinstance(result, Raw | NoContent):
            return write(result)
        client = await caller.client_resource(ctx) if operation.with_client else None
        return write(result, {"response": result, "client": client})

    async def _require_reverified(self, ctx: Context, operation: Operation, body: Body) -> None:
        """Raises: ApiError: 403 when the session must be reverified for this request, 401 without one."""
        wanted = operation.reverification
        if wanted is None or not wanted.needed_for(body.values):
            return
        await self._services.ports.reverification.require_reverified(
            ctx, first_factor_given=wanted.has_first_factor(body.values)
        )

    async def _refuse(self, ctx: Context, match: Match, error: ApiError) -> Reply:
        if not error.keep_changes:
            await ctx.db.rollback()
            ctx.set_cookies.clear()
            client = await self._client_after_rollback(ctx) if error.with_client_state else None
            return _written(ctx.request, match, error, client=client)
        caller = self._services.ports.caller
        try:
            await caller.finish(ctx)
            reply = _written(ctx.request, match, error, client=await caller.client_resource(ctx))
            await ctx.db.commit()
        except BaseException:
            await ctx.db.rollback()
            raise
        return reply

    async def _client_after_rollback(self, ctx: Context) -> msgspec.Struct | None:
        """As it is after the rollback, read in a transaction of its own."""
        try:
            return await self._services.ports.caller.client_resource(ctx)
        finally:
            await ctx.db.rollback()


def _with_tls(url: str) -> str:
    return f"https:{url.removeprefix('http:')}" if url.startswith("http:") else url


def _is_cross_site(request: RequestInfo) -> bool:
    """A request that changes something, which another site's page sent without saying which (Fetch Metadata,
    section 2.3)."""
    return (
        request.origin is None
        and not request.is_safe
        and request.headers.get("sec-fetch-site") == "cross-site"
    )


def _is_answer_by_form(request: RequestInfo) -> bool:
    """A form of another site that may be sent here legitimately. It changes nothing, and no page is let read
    the answer."""
    return request.method == "POST" and request.path in _PROVIDER_CALLBACKS and "_method" not in request.query


def _written(
    request: RequestInfo, found: Match | ApiError, error: ApiError, *, client: msgspec.Struct | None = None
) -> Reply:
    """A refusal in the shape that the operation has for it."""
    operation = found.operation if isinstance(found, Match) else None
    if isinstance(operation, Operation) and operation.write_refusal is not None:
        return operation.write_refusal(request, error)
    return error_reply(error, client=client)
