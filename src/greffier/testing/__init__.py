"""For people who test an app of their own: a real server in the test's process, ready-made sessions, a clock.

    with TestServer() as server:
        session = server.sign_in(server.create_user(email_address="ada@example.com"))
        client = session.httpx_client(create_app(**server.settings()))

`greffier.testing.pytest_plugin` has the fixtures, `greffier.testing.routes` the lint of an app's routes.
Needs the extra `greffier[testing]`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greffier.testing.clock import TestClock
    from greffier.testing.errors import ServerRefused
    from greffier.testing.inbox import Message
    from greffier.testing.invitations import Invitation
    from greffier.testing.listening import serving
    from greffier.testing.machines import Machine
    from greffier.testing.oauth import OAuthApplication
    from greffier.testing.organizations import Organization
    from greffier.testing.routes import (
        RouteFinding,
        RouteReport,
        UndecidedRoutes,
        assert_every_route_is_decided,
        lint_routes,
    )
    from greffier.testing.server import TestServer
    from greffier.testing.sessions import Session
    from greffier.testing.transport import ServerTransport
    from greffier.testing.users import User

_MODULES = {
    "Invitation": "invitations",
    "Machine": "machines",
    "Message": "inbox",
    "Organization": "organizations",
    "OAuthApplication": "oauth",
    "RouteFinding": "routes",
    "RouteReport": "routes",
    "ServerRefused": "errors",
    "ServerTransport": "transport",
    "Session": "sessions",
    "TestClock": "clock",
    "TestServer": "server",
    "UndecidedRoutes": "routes",
    "User": "users",
    "assert_every_route_is_decided": "routes",
    "lint_routes": "routes",
    "serving": "listening",
}

__all__ = [
    "Invitation",
    "Machine",
    "Message",
    "OAuthApplication",
    "Organization",
    "RouteFinding",
    "RouteReport",
    "ServerRefused",
    "ServerTransport",
    "Session",
    "TestClock",
    "TestServer",
    "UndecidedRoutes",
    "User",
    "assert_every_route_is_decided",
    "lint_routes",
    "serving",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'greffier.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(f"greffier.testing.{module}"), name)
