"""A Flask application with sign-up, sign-in, a protected page and a protected API.

`GREFFIER_*` variables say where its Greffier server is; `APP_URL` is this application's own origin.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, render_template

from greffier import BackendApiRefused
from greffier.flask import Auth, current_auth, require_auth

FRONT_END = Path(__file__).parent.parent / "front_end"

auth = Auth(public_routes=["/", "/static/**"], sign_in_url="/sign-in")


def create_app(clock: Callable[[], float] | None = None) -> Flask:
    """The application, connected as the environment says.

    Args:
        clock: the seconds since the epoch by which tokens are judged, for tests.
    """
    app = Flask("orchard", template_folder=FRONT_END / "templates", static_folder=FRONT_END / "static")
    # Where the origin is known, tokens that were made for another one are refused.
    own_url = os.environ.get("APP_URL")
    auth.init_app(app, authorized_parties=[own_url] if own_url else None, clock=clock)

    @app.context_processor
    def for_every_page() -> dict[str, Any]:
        return {"auth": current_auth, "clerk": browser_sdk(), "framework": "Flask"}

    @app.get("/")
    def home() -> str:
        """A public page; greets the signed-in user."""
        return render_template("home.html")

    @app.get("/dashboard")
    def dashboard() -> str:
        """Only for people who are signed in; others are sent to the sign-in page and come back."""
        return render_template("dashboard.html")

    @app.get("/api/me")
    def me() -> dict[str, Any]:
        """The session as this server has verified it, without another request."""
        claims = current_auth.session_claims or {}
        return {
            "user_id": current_auth.user_id,
            "session_id": current_auth.session_id,
            "token_issued_at": claims.get("iat"),
            "token_expires_at": claims.get("exp"),
        }

    @app.get("/api/hasura-token")
    def hasura_token() -> dict[str, str | None]:
        """A token for another service, where the instance has a JWT template of this name."""
        try:
            return {"token": current_auth.get_token_sync(template="hasura")}
        except BackendApiRefused as refused:
            if refused.status != 404:
                raise
            return {"token": None}

    @app.get("/api/reports")
    @require_auth(role="org:admin")
    def reports() -> list[str]:
        """Only for administrators of the active organization; others get 403."""
        return ["apples", "pears"]

    # The components route below their paths by themselves, so each page answers them all.
    @app.get("/sign-in", defaults={"step": ""})
    @app.get("/sign-in/<path:step>")
    def sign_in(step: str) -> str:
        return render_template("component.html", title="Sign in", component="SignIn", path="/sign-in")

    @app.get("/sign-up", defaults={"step": ""})
    @app.get("/sign-up/<path:step>")
    def sign_up(step: str) -> str:
        return render_template("component.html", title="Sign up", component="SignUp", path="/sign-up")

    @app.get("/profile", defaults={"section": ""})
    @app.get("/profile/<path:section>")
    def profile(section: str) -> str:
        return render_template("component.html", title="Profile", component="UserProfile", path="/profile")

    return app


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
