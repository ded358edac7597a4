"""Django REST framework: who the middleware found, permissions, and forgery of requests."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client, override_settings
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from greffier.django.rest_framework import Authentication, IsSignedIn, requires
from greffier.sdk.authorization import Reverification
from tests.sdk.apps import PRODUCTION
from tests.sdk.django.project import GREFFIER, HEADERS, USER_BACKEND, client, migrate, urlpatterns
from tests.sdk.recorded_backend import RecordedBackend

_numbers = itertools.count(1)

PROJECT_THAT_NAMES_OUR_CLASSES = """
import django
from django.conf import settings
ours = "greffier.django.rest_framework"
named = {
    "DEFAULT_AUTHENTICATION_CLASSES": [f"{ours}.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": [f"{ours}.IsSignedIn"],
}
settings.configure(INSTALLED_APPS=["rest_framework"], REST_FRAMEWORK=named)
django.setup()
from rest_framework.views import APIView
print(*(one.__name__ for one in [*APIView.authentication_classes, *APIView.permission_classes]))
"""


class Me(APIView):
    """Says who asks."""

    authentication_classes = [Authentication]

    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response({"user": str(user), "kind": type(user).__name__, "auth": repr(request.auth)[:10]})

    post = get


class Protected(Me):
    permission_classes = [IsSignedIn]


class ByDjango(Me):
    permission_classes = [IsAuthenticated]


class Admins(Me):
    permission_classes = [requires(role="org:admin")]


class Recent(Me):
    permission_classes = [requires(reverification=Reverification("first_factor", 10))]


VIEWS = {"me": Me, "protected": Protected, "by-django": ByDjango, "admins": Admins, "recent": Recent}


@pytest.fixture(autouse=True)
def views() -> Iterator[None]:
    urls = [path(f"open/{name}", view.as_view()) for name, view in VIEWS.items()]
    with override_settings(ROOT_URLCONF=(*urlpatterns, *urls)):
        yield


def test_settings_of_the_framework_may_name_our_classes() -> None:
    command = [sys.executable, "-c", PROJECT_THAT_NAMES_OUR_CLASSES]
    said = subprocess.run(command, capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["Authentication", "IsSignedIn"]


def by_header(token: str | None = None, **claims: Any) -> Client:
    token = token or PRODUCTION.token(now=time.time(), **claims)
    return Client(enforce_csrf_checks=True, headers={**HEADERS, "Authorization": f"Bearer {token}"})


def test_api_knows_who_asks_by_cookie_and_by_header() -> None:
    said = {"user": "user_1", "kind": "TokenUser", "auth": "AuthObject"}

    assert client(sub="user_1").get("/open/me").json() == said
    assert by_header(sub="user_1").get("/open/me").json() == said
    assert client().get("/open/me").json()["kind"] == "AnonymousUser"


def test_api_knows_the_django_user() -> None:
    migrate()
    name = f"user_of_api_{next(_numbers)}"
    with override_settings(AUTHENTICATION_BACKENDS=[USER_BACKEND]):
        assert client(sub=name).get("/open/me").json()["kind"] == "User"
        User.objects.filter(username=name).update(is_active=False)
        assert by_header(sub=name).get("/open/me").status_code == 401
    connections.close_all()


def test_api_is_not_forged_by_a_cookie_and_needs_no_form_token_by_header() -> None:
    assert client(csrf=True, sub="user_1").post("/open/me").status_code == 403
    assert by_header(sub="user_1").post("/open/me").status_code == 200

    visitor = client(csrf=True, sub="user_1")
    visitor.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32, "Referer": "https://app.example.com/"}
    assert visitor.post("/open/me", headers=headers).status_code == 200
    assert client(csrf=True).post("/open/me").status_code == 200


def test_bad_token_in_the_header_of_an_api_is_401() -> None:
    answer = by_header("nonsense").get("/open/me")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert "token-invalid" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["protected", "by-django", "admins"])
def test_signed_out_requests_to_an_api_get_401_also_as_pages(name: str) -> None:
    for headers in ({}, {"Sec-Fetch-Dest": "document"}):
        answer = client().get(f"/open/{name}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="greffier"'
        if name != "by-django":
            assert answer.json()["errors"][0]["code"] == "authentication_required"
    assert client(sub="user_1").get("/open/protected").status_code == 200


def test_api_asks_for_a_role_and_a_recent_verification() -> None:
    refused = client(sub="user_1").get("/open/admins")
    stale = client(fva=[10, -1]).get("/open/recent")

    assert (refused.status_code, stale.status_code) == (403, 403)
    assert refused.json()["errors"][0]["code"] == "authorization_invalid"
    assert stale.json() == {
        "clerk_error": {
            "type": "forbidden",
            "reason": "reverification-error",
            "metadata": {"reverification": {"level": "first_factor", "afterMinutes": 10}},
        }
    }
    assert client(org_id="org_1", org_role="org:admin").get("/open/admins").status_code == 200
    assert client(fva=[9, -1]).get("/open/recent").status_code == 200


def test_machine_is_a_user_of_an_api_but_not_of_django() -> None:
    known = {"id": "ak_1", "subject": "org_1", "scopes": [], "claims": None}
    backend = RecordedBackend({"POST /api_keys/verify": {"status": 200, "body": known}})
    changes = {"accepts_token": "any", "secret_key": PRODUCTION.secret_key, "transport": backend}
    with override_settings(GREFFIER={**GREFFIER, **changes}, AUTHENTICATION_BACKENDS=[USER_BACKEND]):
        answer = by_header("ak_secret").get("/open/protected")

    assert answer.json() == {"user": "org_1", "kind": "TokenUser", "auth": "AuthObject"}
