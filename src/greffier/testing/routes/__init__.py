"""The lint of an app's routes: the gate of each, and the undecided ones.

It knows FastAPI, Starlette, Litestar, Flask and Django, each only if the app uses it, and any other ASGI or
WSGI app behind `AuthMiddleware` as a whole.
"""

from greffier.testing.routes.lint import UndecidedRoutes, assert_every_route_is_decided, lint_routes
from greffier.testing.routes.report import RouteFinding, RouteReport

__all__ = [
    "RouteFinding",
    "RouteReport",
    "UndecidedRoutes",
    "assert_every_route_is_decided",
    "lint_routes",
]
