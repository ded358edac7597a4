"""A public page, a protected page and a protected API."""

import os
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from greffier import BackendApiRefused
from greffier.django import get_auth, require_auth


def home(request: HttpRequest) -> HttpResponse:
    """A public page; greets the signed-in user."""
    return page(request, "home.html")


def dashboard(request: HttpRequest) -> HttpResponse:
    """Only for people who are signed in; others are sent to the sign-in page and come back."""
    return page(request, "dashboard.html")


def me(request: HttpRequest) -> JsonResponse:
    """The session as this server has verified it, and the Django user who belongs to it."""
    auth = get_auth(request)
    claims = auth.session_claims or {}
    return JsonResponse(
        {
            "user_id": auth.user_id,
            "session_id": auth.session_id,
            "token_issued_at": claims.get("iat"),
            "token_expires_at": claims.get("exp"),
            "django_user": {"username": request.user.get_username(), "email": request.user.email},
        }
    )


def hasura_token(request: HttpRequest) -> JsonResponse:
    """A token for another service, where the instance has a JWT template of this name."""
    try:
        return JsonResponse({"token": get_auth(request).get_token_sync(template="hasura")})
    except BackendApiRefused as refused:
        if refused.status != 404:
            raise
        return JsonResponse({"token": None})


@require_auth(role="org:admin")
def reports(request: HttpRequest) -> JsonResponse:
    """Only for administrators of the active organization; others get 403."""
    return JsonResponse({"reports": ["apples", "pears"]})


def sign_in(request: HttpRequest) -> HttpResponse:
    return component(request, "Sign in", "SignIn", "/sign-in")


def sign_up(request: HttpRequest) -> HttpResponse:
    return component(request, "Sign up", "SignUp", "/sign-up")


def profile(request: HttpRequest) -> HttpResponse:
    return component(request, "Profile", "UserProfile", "/profile")


def component(request: HttpRequest, title: str, name: str, path: str) -> HttpResponse:
    """A page that a component fills."""
    return page(request, "component.html", title=title, component=name, path=path)


def page(request: HttpRequest, template: str, **values: Any) -> HttpResponse:
    """A page with what all of them need."""
    common = {"auth": get_auth(request), "clerk": browser_sdk(), "framework": "Django"}
    return render(request, template, common | values)


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
