"""Route matchers: patterns, regular expressions or functions that pick paths."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.path_patterns import compile_path_pattern
from greffier.sdk.http.paths import canonical_path

#: A path pattern (see `path_patterns`), a regular expression that must match the whole path, or a function.
Route = str | re.Pattern[str] | Callable[[AuthRequest], bool]
Routes = Sequence[Route] | Callable[[AuthRequest], bool]

T = TypeVar("T")


class RouteMatcher:
    """Whether a request belongs to some routes.

    A path belongs only if both its spelling as the app will see it and its canonical spelling do. So
    `/public/../admin`, `//admin`, `/%61dmin` and `/admin/..;/public` are never taken for something public.
    """

    def __init__(self, routes: Routes) -> None:
        listed: Sequence[Route] = [routes] if callable(routes) else routes
        if isinstance(listed, str):
            raise TypeError("Give a list of routes, such as ['/'], not a single text.")
        self._patterns = [_pattern(one) for one in listed if isinstance(one, (str, re.Pattern))]
        self._functions = [one for one in listed if callable(one)]

    def matches(self, request: AuthRequest, path: str) -> bool:
        """Whether the request, whose path the app sees as `path` (decoded), belongs to the routes."""
        if self._patterns:
            canonical = canonical_path(path)
            if canonical is not None and self._covers(canonical) and self._covers(path):
                return True
        return any(function(request) for function in self._functions)

    def may_match(self, request: AuthRequest, path: str) -> bool:
        """Whether any spelling of the path belongs to the routes, or it cannot be made out: for rules that
        protect, where `matches` is for rules that open.
        """
        if self._patterns:
            canonical = canonical_path(path)
            if canonical is None or self._covers(canonical) or self._covers(path):
                return True
        return any(function(request) for function in self._functions)

    def _covers(self, path: str) -> bool:
        return any(pattern.match(path) for pattern in self._patterns)


def _pattern(route: str | re.Pattern[str]) -> re.Pattern[str]:
    if isinstance(route, str):
        return compile_path_pattern(route)
    return re.compile(rf"(?:{route.pattern})\Z", route.flags)
