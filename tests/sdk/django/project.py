"""A Django project behind the middleware. Importing this module sets Django up, once for a process."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import URLPattern, URLResolver, path

from greffier.sdk.protection.current import auth, get_auth
from tests.sdk.apps import PRODUCTION, signed_in_cookies

KEYS: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}
GREFFIER: dict[str, Any] = {**KEYS, "public_routes": ["/", "/open/**"]}
USER_BACKEND = "greffier.django.backends.UserBackend"
DOCUMENT_HEADERS = {"Sec-Fetch-Dest": "document"}
HEADERS = {"Host": "app.example.com", "X-Forwarded-Proto": "https"}

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="of the tests",
    ROOT_URLCONF=__name__,
    LOGGING_CONFIG=None,
    USE_TZ=True,
    STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(tempfile.mkdtemp(prefix="greffier-django-")) / "db.sqlite3",
            "OPTIONS": {"timeout": 60},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "rest_framework",
        "greffier.django",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "greffier.django.AuthMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    GREFFIER=GREFFIER,
)
django.setup()


@cache
def migrate() -> None:
    """Make the tables, once."""
    call_command("migrate", verbosity=0, run_syncdb=True)


def say(request: HttpRequest, **_: Any) -> JsonResponse:
    """The user of a request, by each way of asking."""
    by_attribute = request.auth  # type: ignore[attr-defined]
    assert by_attribute == get_auth(request) == auth()
    return JsonResponse({"user_id": auth().user_id, "path": request.path})


async def say_async(request: HttpRequest) -> JsonResponse:
    return say(request)


def django_user(request: HttpRequest) -> JsonResponse:
    user = request.user
    return JsonResponse({"name": user.get_username(), "is_authenticated": user.is_authenticated})


async def django_user_async(request: HttpRequest) -> JsonResponse:
    user = await request.auser()
    return JsonResponse({"name": user.get_username()})


def stream(request: HttpRequest) -> HttpResponseBase:
    def parts() -> Iterator[str]:
        for _ in range(2):
            yield str(auth().user_id)

    return StreamingHttpResponse(parts())


async def stream_async(request: HttpRequest) -> HttpResponseBase:
    async def parts() -> AsyncIterator[str]:
        for _ in range(2):
            yield str(auth().user_id)

    return StreamingHttpResponse(parts())


def file(request: HttpRequest, name: str) -> HttpResponse:
    content_type = {"app.css": "text/css"}.get(name, "text/html")
    return HttpResponse("content", content_type=content_type)


urlpatterns: list[URLPattern | URLResolver] = [
    path("", say),
    path("me", say),
    path("me-async", say_async),
    path("user", django_user),
    path("open/user", django_user),
    path("user-async", django_user_async),
    path("stream", stream),
    path("stream-async", stream_async),
    path("files/<name>", file),
]


def cookie_header(**claims: Any) -> dict[str, str]:
    """The header of a browser that is signed in."""
    return {"Cookie": "; ".join(f"{k}={v}" for k, v in signed_in_cookies(**claims).items())}


def client(*, csrf: bool = False, **claims: Any) -> Client:
    """A browser, signed in if claims are given."""
    visitor = Client(enforce_csrf_checks=csrf, headers=HEADERS)
    visitor.cookies.load(signed_in_cookies(**claims) if claims else {})
    return visitor


def async_client(**claims: Any) -> AsyncClient:
    """The same for asynchronous Django."""
    visitor = AsyncClient(headers=HEADERS)
    visitor.cookies.load(signed_in_cookies(**claims) if claims else {})
    return visitor


def greffier(**changes: Any) -> override_settings:
    """The project with other settings."""
    return override_settings(GREFFIER={**GREFFIER, **changes})


def serving(**views: Any) -> override_settings:
    """The project with other views, below /open where everything is public."""
    patterns = [path(f"open/{name}", view) for name, view in views.items()]
    return override_settings(ROOT_URLCONF=(*urlpatterns, *patterns))
