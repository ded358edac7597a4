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
    from greffier.testing.handles.invitations import Invitation
    from greffier.testing.handles.machines import Machine
    from greffier.testing.handles.oauth import OAuthApplication
    from greffier.testing.handles.organizations import Organization
    from greffier.testing.handles.sessions import Session
    from greffier.testing.handles.users import User
    from greffier.testing.hosting.listening import serving
    from greffier.testing.hosting.transport import ServerTransport
    from greffier.testing.inbox import Message
    from greffier.testing.routes import (
        RouteFinding,
        RouteReport,
        UndecidedRoutes,
        assert_every_route_is_decided,
        lint_routes,
    )
    from greffier.testing.server import TestServer

_MODULES = {
    "Invitation": "handles.invitations",
    "Machine": "handles.machines",
    "Message": "inbox",
    "Organization": "handles.organizations",
    "OAuthApplication": "handles.oauth",
    "RouteFinding": "routes",
    "RouteReport": "routes",
    "ServerRefused": "errors",
    "ServerTransport": "hosting.transport",
    "Session": "handles.sessions",
    "TestClock": "clock",
    "TestServer": "server",
    "UndecidedRoutes": "routes",
    "User": "handles.users",
    "assert_every_route_is_decided": "routes",
    "lint_routes": "routes",
    "serving": "hosting.listening",
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
