"""A FastAPI application with sign-up, sign-in, a protected page and a protected API.

`create_app` runs it in one of two ways: against a Greffier server that the `GREFFIER_*` variables name, or,
without them, with Greffier embedded in this very process.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from greffier import BackendApiRefused
from greffier.fastapi import CurrentAuth, RequiredAuth, add_auth

if TYPE_CHECKING:
    from greffier.server.app import Server

FRONT_END = Path(__file__).parent.parent / "front_end"
EMBEDDED_AT = "/__clerk"


@dataclass(frozen=True)
class Connection:
    """URLs and keys with which this application and its pages reach Greffier.

    `frontend_api_url` is what browsers use: an absolute URL, or a path on this application's own origin.
    `backend_api_url` is what this process uses. `app_url` is this application's own origin: where it is
    known, tokens that were made for another one are refused.
    """

    publishable_key: str
    secret_key: str
    frontend_api_url: str
    backend_api_url: str
    app_url: str | None = None

    @classmethod
    def from_environment(cls) -> "Connection":
        """The connection that `GREFFIER_*` variables describe."""
        frontend_api_url = os.environ["GREFFIER_PROXY_URL"]
        return cls(
            os.environ["GREFFIER_PUBLISHABLE_KEY"],
            os.environ["GREFFIER_SECRET_KEY"],
            frontend_api_url,
            os.environ.get("GREFFIER_API_URL", frontend_api_url),
            os.environ.get("APP_URL"),
        )

    def for_the_page(self) -> dict[str, str]:
        """The settings of the browser SDK. Never the secret key."""
        packages = f"{self.frontend_api_url}/npm/@clerk"
        return {
            "publishable_key": self.publishable_key,
            "proxy_url": self.frontend_api_url,
            "clerk_js_url": os.environ.get(
                "GREFFIER_CLERK_JS_URL", f"{packages}/clerk-js@6/dist/clerk.browser.js"
            ),
            "clerk_ui_url": os.environ.get("GREFFIER_CLERK_UI_URL", f"{packages}/ui@1/dist/ui.browser.js"),
        }


def create_app(clock: Callable[[], float] | None = None) -> FastAPI:
    """The application, connected as the environment says.

    Args:
        clock: the seconds since the epoch by which tokens are judged, for tests.
    """
    if "GREFFIER_PUBLISHABLE_KEY" in os.environ:
        return build(Connection.from_environment(), clock=clock)
    return create_embedded_app(
        os.environ.get("APP_URL", "http://localhost:8000"), os.environ.get("GREFFIER_DATA", ".greffier")
    )


def create_embedded_app(own_url: str, data: str | Path) -> FastAPI:
    """The application with Greffier inside: one process, one origin.

    Args:
        own_url: where this application is reached, without a trailing slash.
        data: the folder of Greffier's database and keys.
    """
    from greffier.server import create_app as create_greffier

    greffier = create_greffier(data)
    assert greffier.publishable_key
    assert greffier.secret_key
    connection = Connection(
        greffier.publishable_key, greffier.secret_key, EMBEDDED_AT, f"{own_url}{EMBEDDED_AT}", own_url
    )
    return build(connection, greffier)


def build(
    connection: Connection, greffier: "Server | None" = None, clock: Callable[[], float] | None = None
) -> FastAPI:
    """The application's routes, and the middleware that protects them."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if greffier is not None:
            await greffier.start()
        yield
        if greffier is not None:
            await greffier.stop()

    app = FastAPI(title="Orchard", lifespan=lifespan)
    if greffier is not None:
        app.mount(EMBEDDED_AT, greffier)
    app.mount("/static", StaticFiles(directory=FRONT_END / "static"))
    add_auth(
        app,
        public_routes=["/", "/static/**"],
        publishable_key=connection.publishable_key,
        secret_key=connection.secret_key,
        proxy_url=connection.frontend_api_url,
        api_url=connection.backend_api_url,
        sign_in_url="/sign-in",
        authorized_parties=[connection.app_url] if connection.app_url else None,
        clock=clock,
    )
    templates = Jinja2Templates(FRONT_END / "templates")

    common = {"clerk": connection.for_the_page(), "framework": "FastAPI"}

    def render(request: Request, template: str, **values: Any) -> HTMLResponse:
        return templates.TemplateResponse(request, template, values | common)

    @app.get("/")
    async def home(request: Request, auth: CurrentAuth) -> HTMLResponse:
        """A public page; greets the signed-in user."""
        return render(request, "home.html", auth=auth)

    @app.get("/dashboard")
    async def dashboard(request: Request, auth: RequiredAuth) -> HTMLResponse:
        """Only for people who are signed in; others are sent to the sign-in page and come back."""
        return render(request, "dashboard.html", auth=auth)

    @app.get("/api/me")
    async def me(auth: RequiredAuth) -> dict[str, Any]:
        """The session as this server has verified it, without another request."""
        claims = auth.session_claims or {}
        return {
            "user_id": auth.user_id,
            "session_id": auth.session_id,
            "token_issued_at": claims.get("iat"),
            "token_expires_at": claims.get("exp"),
        }

    @app.get("/api/hasura-token")
    async def hasura_token(auth: RequiredAuth) -> dict[str, str | None]:
        """A token for another service, where the instance has a JWT template of this name."""
        try:
            return {"token": await auth.get_token(template="hasura")}
        except BackendApiRefused as refused:
            if refused.status != 404:
                raise
            return {"token": None}

    # The components route below their paths by themselves, so each page answers them all.
    @app.get("/sign-in")
    @app.get("/sign-in/{step:path}")
    async def sign_in(request: Request) -> HTMLResponse:
        return render(request, "component.html", title="Sign in", component="SignIn", path="/sign-in")

    @app.get("/sign-up")
    @app.get("/sign-up/{step:path}")
    async def sign_up(request: Request) -> HTMLResponse:
        return render(request, "component.html", title="Sign up", component="SignUp", path="/sign-up")

    @app.get("/profile")
    @app.get("/profile/{section:path}")
    async def profile(request: Request, auth: RequiredAuth) -> HTMLResponse:
        return render(request, "component.html", title="Profile", component="UserProfile", path="/profile")

    return app
