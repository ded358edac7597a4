"""The gate in front of an app: which requests pass. The answers for the others are in `refusals`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from greffier.sdk.authentication.request_state import Header
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.routes import Route, RouteMatcher, Routes
from greffier.sdk.http.static_files import is_page_file
from greffier.sdk.http.urls import origin_of
from greffier.sdk.options import AuthOptions

# : Reasons why a request is not examined.
IGNORED = "ignored-route"
SKIPPED = "skip"

#: Public unless `public_routes` is a function: where sign-in and sign-up pages usually are.
DEFAULT_PUBLIC_ROUTES = ("/sign-in/**", "/sign-up/**")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in place of the app's."""

    status: int
    headers: tuple[Header, ...]
    body: bytes = b""

    def json(self) -> Any:
        """The body where it is JSON, None where it is a page or empty."""
        return json.loads(self.body) if ("content-type", "application/json") in self.headers else None


class Gate:
    """Protects every route but the public ones.

    The Frontend API, where `proxy_url` puts it on the app's own origin, is passed on. Ignored routes, and
    what `matcher`, `include` and `exclude` leave out, are not examined either.
    """

    def __init__(
        self,
        options: AuthOptions,
        *,
        public_routes: Routes = (),
        ignored_routes: Routes = (),
        matcher: Routes | None = None,
        include: Routes = (),
        exclude: Routes = (),
    ) -> None:
        public = (
            public_routes if callable(public_routes) else [*DEFAULT_PUBLIC_ROUTES, *_listed(public_routes)]
        )
        self._public = RouteMatcher(public)
        self._ignored = RouteMatcher(ignored_routes)
        self._matcher = None if matcher is None else RouteMatcher(matcher)
        self._include = RouteMatcher(include)
        self._exclude = RouteMatcher(exclude)
        self._sign_in = _OwnPage(options.sign_in_url)
        self._frontend_api = _OwnPage(options.proxy_url)

    def is_for_frontend_api(self, request: AuthRequest, path: str) -> bool:
        """Whether the request, whose path the app sees as `path` (decoded), is not for the app at all."""
        return self._frontend_api.covers(request, path)

    def skip_reason(
        self, request: AuthRequest, path: str, *, is_static: Callable[[], bool] | None = None
    ) -> str | None:
        """The reason (for `x-clerk-auth-reason`) why the request is not examined; None when it is.

        `is_static` tells whether a folder of files that the app has mounted answers it.
        """
        if self._ignored.matches(request, path):
            return IGNORED
        if self._include.may_match(request, path):
            return None
        if self._exclude.matches(request, path):
            return SKIPPED
        if self._matcher is not None:
            return None if self._matcher.may_match(request, path) else SKIPPED
        return SKIPPED if is_static is not None and is_page_file(request, path) and is_static() else None

    def is_public(self, request: AuthRequest, path: str) -> bool:
        """Whether the request passes also when signed out."""
        return self._public.matches(request, path) or self._sign_in.covers(request, path)


class _OwnPage:
    """A URL of the settings that may lie on the app's own origin, with everything below it."""

    def __init__(self, url: str | None) -> None:
        url = (url or "").partition("?")[0].partition("#")[0]
        self._origin = origin_of(url)
        path = url if self._origin is None else "/" + "/".join(url.split("/")[3:])
        path = path.rstrip("/")
        self._matcher = RouteMatcher([_literal(path) + "/**"] if path else [])

    def covers(self, request: AuthRequest, path: str) -> bool:
        return (self._origin is None or self._origin == request.origin) and self._matcher.matches(
            request, path
        )


def _literal(path: str) -> str:
    return "".join(
        character if character.isalnum() or character in "/-_.~" else f"\\{character}" for character in path
    )


def _listed(routes: Sequence[Route]) -> list[Route]:
    if isinstance(routes, str):
        raise TypeError("Give a list of routes, such as ['/'], not a single text.")
    return list(routes)
