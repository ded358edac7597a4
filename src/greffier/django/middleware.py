"""`AuthMiddleware` for Django, under WSGI and ASGI."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, cast

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from greffier.django.asynchronous import is_asynchronous
from greffier.django.conf import guard_settings
from greffier.django.responses import add_headers, response_of
from greffier.django.users import attach_user
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.current import SCOPE_KEY, auth_context
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import Answered, Guard, Passed
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.steps import Steps, run, run_async

_CORS = "corsheaders.middleware.CorsMiddleware"

GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class AuthMiddleware:
    """Authenticates every request once, and protects every view but the public ones.

    `settings.GREFFIER` holds the settings of `greffier.sdk.protection.guard.GuardSettings`. Views find the
    auth object in `request.auth`, by `get_auth(request)` or by `auth()`. Hooks may answer with a Django
    response; they must be plain functions under WSGI. Where `AUTHENTICATION_BACKENDS` has a
    `greffier.django.backends.UserBackend`, `request.user` is the Django user of the signed-in user.

    It belongs behind Django's `AuthenticationMiddleware`, if that is there.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.guard = Guard(response_of, guard_settings())
        self.options = self.guard.options
        self._cors = _cors_below()
        self._is_async = is_asynchronous(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request; as a coroutine where Django is asynchronous."""
        if self._is_async:
            return self._answer_async(request)
        get_response = cast("Callable[[HttpRequest], HttpResponseBase]", self.get_response)
        passed = run(self._admit(request))
        if passed is None:
            return get_response(request)
        if isinstance(passed, HttpResponseBase):
            return passed
        with auth_context(passed.auth):
            response = get_response(request)
        return _finish(passed, response)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        get_response = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", self.get_response)
        passed = await run_async(self._admit(request))
        if passed is None:
            return await get_response(request)
        if isinstance(passed, HttpResponseBase):
            return passed
        with auth_context(passed.auth):
            response = await get_response(request)
        return _finish(passed, response)

    def _admit(self, request: HttpRequest) -> Steps[Passed | HttpResponseBase | None]:
        outcome = yield from self.guard.admit(
            self._read(request), request.path_info, is_static=partial(_is_static, request)
        )
        if isinstance(outcome, Answer):
            refusal = response_of(outcome)
            return refusal if self._cors is None else self._cors(partial(_given, refusal))(request)
        if isinstance(outcome, Answered):
            answered = outcome.response
            response = response_of(answered) if isinstance(answered, Answer) else answered
            add_headers(response, outcome.headers)
            return response
        if outcome is not None:
            _attach(request, outcome.auth)
        return outcome

    def _read(self, request: HttpRequest) -> AuthRequest:
        trust = self.options.trust_forwarded_headers
        forced = cast("str | None", settings.FORCE_SCRIPT_NAME)
        scope: dict[str, Any] | None = getattr(request, "scope", None)
        if scope is not None:
            # Django's AsyncClient leaves the query as text.
            query = request.META["QUERY_STRING"].encode()
            seen = {**scope, "query_string": query, "root_path": forced or scope.get("root_path", "")}
            return AuthRequest.from_asgi(seen, trust_forwarded=trust)
        environ = {**request.META, "SCRIPT_NAME": forced} if forced else request.META
        return AuthRequest.from_environ(environ, trust_forwarded=trust)


def _cors_below() -> Any:
    """The `CorsMiddleware` of django-cors-headers where it comes behind ours, and so never sees a refusal.

    It answers preflights, which carry no cookies and no token, and lets pages read a refusal.
    """
    kinds: list[Any] = [import_string(path) for path in cast("list[str]", settings.MIDDLEWARE)]
    ours = next((place for place, kind in enumerate(kinds) if _is_ours(kind)), len(kinds))
    names = [f"{kind.__module__}.{kind.__name__}" for kind in kinds[ours:]]
    return next((kinds[ours + place] for place, name in enumerate(names) if name == _CORS), None)


def _given(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    return response


def _is_ours(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, AuthMiddleware)


def _is_static(request: HttpRequest) -> bool:
    """Whether `django.contrib.staticfiles` answers: the files of applications, never those of users."""
    try:
        view = resolve(request.path_info, getattr(request, "urlconf", None)).func
    except Resolver404:
        return False
    return (view.__module__, view.__name__) == ("django.contrib.staticfiles.views", "serve")


def _finish(passed: Passed, response: HttpResponseBase) -> HttpResponseBase:
    add_headers(response, passed.headers)
    if passed.auth.state is not None:
        # The response depends on the caller: a shared cache must not serve it to other users.
        patch_vary_headers(response, ("Cookie", "Authorization"))
    if isinstance(response, StreamingHttpResponse):
        _keep_auth_in_stream(response, passed.auth)
    return response


def _attach(request: HttpRequest, found: RequestAuth) -> None:
    request.META[SCOPE_KEY] = found
    scope: dict[str, Any] | None = getattr(request, "scope", None)
    if scope is not None:
        scope[SCOPE_KEY] = found
    # Django's requests take attributes of middlewares, which their types do not know.
    request.auth = SimpleLazyObject(lambda: found.auth)  # pyright: ignore[reportAttributeAccessIssue]
    attach_user(request, found)


def _keep_auth_in_stream(response: StreamingHttpResponse, found: RequestAuth) -> None:
    """Set the auth context for the parts of a stream, which are made after the middleware has returned."""
    if getattr(response, "file_to_stream", None) is not None:
        return  # servers have a better way to send files
    if response.is_async:
        response.streaming_content = _known_async(
            found, cast("AsyncIterator[bytes]", response.streaming_content)
        )
    else:
        response.streaming_content = _known(found, cast("Iterator[bytes]", response.streaming_content))


def _known(found: RequestAuth, parts: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with auth_context(found):
            part = next(parts, None)
        if part is None:
            return
        yield part


async def _known_async(found: RequestAuth, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        with auth_context(found):
            part = await anext(parts, None)
        if part is None:
            return
        yield part
