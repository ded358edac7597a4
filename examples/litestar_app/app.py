"""A Litestar application with sign-up, sign-in, a protected page and a protected API.

`GREFFIER_*` variables say where its Greffier server is; `APP_URL` is this application's own origin.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from greffier import BackendApiRefused
from greffier.litestar import AuthPlugin, CurrentAuth, require_auth

FRONT_END = Path(__file__).parent.parent / "front_end"


@get("/", security=[{}])
async def home(auth: CurrentAuth) -> Template:
    """A public page; greets the signed-in user."""
    return page("home.html", auth=auth)


@get("/dashboard")
async def dashboard(auth: CurrentAuth) -> Template:
    """Only for people who are signed in; others are sent to the sign-in page and come back."""
    return page("dashboard.html", auth=auth)


@get("/api/me")
async def me(auth: CurrentAuth) -> dict[str, Any]:
    """The session as this server has verified it, without another request."""
    claims = auth.session_claims or {}
    return {
        "user_id": auth.user_id,
        "session_id": auth.session_id,
        "token_issued_at": claims.get("iat"),
        "token_expires_at": claims.get("exp"),
    }


@get("/api/hasura-token")
async def hasura_token(auth: CurrentAuth) -> dict[str, str | None]:
    """A token for another service, where the instance has a JWT template of this name."""
    try:
        return {"token": await auth.get_token(template="hasura")}
    except BackendApiRefused as refused:
        if refused.status != 404:
            raise
        return {"token": None}


@get("/api/reports", guards=[require_auth(role="org:admin")])
async def reports() -> list[str]:
    """Only for administrators of the active organization; others get 403."""
    return ["apples", "pears"]


# The components route below their paths by themselves, so each page answers them all.
@get(["/sign-in", "/sign-in/{step:path}"])
async def sign_in() -> Template:
    """Sign-in, and every step of it."""
    return page("component.html", title="Sign in", component="SignIn", path="/sign-in")


@get(["/sign-up", "/sign-up/{step:path}"])
async def sign_up() -> Template:
    """Sign-up, and every step of it."""
    return page("component.html", title="Sign up", component="SignUp", path="/sign-up")


@get(["/profile", "/profile/{section:path}"])
async def profile() -> Template:
    """The profile of who is signed in."""
    return page("component.html", title="Profile", component="UserProfile", path="/profile")


def create_app(clock: Callable[[], float] | None = None) -> Litestar:
    """The application, connected as the environment says.

    Args:
        clock: the seconds since the epoch by which tokens are judged, for tests.
    """
    own_url = os.environ.get("APP_URL")
    auth = AuthPlugin(
        public_routes=["/", "/static/**"],
        sign_in_url="/sign-in",
        # Where the origin is known, tokens that were made for another one are refused.
        authorized_parties=[own_url] if own_url else None,
        clock=clock,
    )
    files = create_static_files_router("/static", [FRONT_END / "static"])
    return Litestar(
        [home, dashboard, me, hasura_token, reports, sign_in, sign_up, profile, files],
        plugins=[auth],
        template_config=TemplateConfig(directory=FRONT_END / "templates", engine=JinjaTemplateEngine),
    )


def page(template: str, **values: Any) -> Template:
    """A page of the front end that all examples share."""
    return Template(template, context={"clerk": browser_sdk(), "framework": "Litestar", **values})


def browser_sdk() -> dict[str, str]:
    """The settings of the browser SDK. Never the secret key."""
    frontend_api_url = os.environ["GREFFIER_PROXY_URL"]
    packages = f"{frontend_api_url}/npm/@clerk"
    return {
        "publishable_key": os.environ["GREFFIER_PUBLISHABLE_KEY"],
        "proxy_url": frontend_api_url,
        "clerk_js_url": os.environ.get(
            "GREFFIER_CLERK_JS_URL", f"{packages}/clerk-js@6/dist/clerk.browser.js"
        ),
        "clerk_ui_url": os.environ.get("GREFFIER_CLERK_UI_URL", f"{packages}/ui@1/dist/ui.browser.js"),
    }
