"""Django users of those who are signed in, the admin, and what `manage.py check` tells."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AbstractUser, Group, Permission, User
from django.core.checks import CheckMessage, run_checks
from django.db import connections
from django.http import HttpRequest
from django.test import override_settings
from django.urls import path

from greffier.django import AuthMiddleware
from greffier.django.backends import UserBackend
from greffier.sdk.auth_object import AuthObject
from tests.sdk.apps import PRODUCTION
from tests.sdk.django import project
from tests.sdk.django.project import GREFFIER, USER_BACKEND, async_client, client, migrate, urlpatterns
from tests.sdk.recorded_backend import RecordedBackend

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def database() -> Iterator[None]:
    """The tables, and Django users for those who are signed in."""
    migrate()
    with override_settings(AUTHENTICATION_BACKENDS=[MODEL_BACKEND, USER_BACKEND]):
        yield
    connections.close_all()


@pytest.fixture
def user_id() -> str:
    """A user without a Django user."""
    return f"user_of_django_{next(_numbers)}"


def test_signed_in_user_gets_a_django_user_once(user_id: str) -> None:
    for _ in range(2):
        answer = client(sub=user_id).get("/user")
        assert answer.json() == {"name": user_id, "is_authenticated": True}

    user = User.objects.get(username=user_id)
    assert not user.has_usable_password()
    assert not user.is_staff


async def test_asynchronous_views_get_the_django_user_too(user_id: str) -> None:
    assert (await async_client(sub=user_id).get("/user-async")).json() == {"name": user_id}
    assert (await async_client().get("/open/user")).json()["is_authenticated"] is False


def test_first_requests_of_one_user_at_the_same_time_make_one_django_user(user_id: str) -> None:
    together = threading.Barrier(4, timeout=60)

    def visit(_: int) -> Any:
        together.wait()
        try:
            return client(sub=user_id).get("/user").json()["name"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(visit, range(4))) == [user_id] * 4
    assert User.objects.filter(username=user_id).count() == 1


def test_signed_out_visitors_keep_the_user_of_their_django_session(user_id: str) -> None:
    visitor = client()
    assert visitor.get("/open/user").json() == {"name": "", "is_authenticated": False}
    other = User.objects.create_user(f"{user_id}_by_password", password="secret")
    visitor.force_login(other, MODEL_BACKEND)
    assert visitor.get("/open/user").json()["name"] == other.username
    assert visitor.get("/user").status_code == 401

    signed_in = client(sub=user_id)
    signed_in.force_login(other, MODEL_BACKEND)
    assert signed_in.get("/open/user").json()["name"] == user_id


def test_inactive_django_user_is_anonymous(user_id: str) -> None:
    User.objects.create_user(user_id, is_active=False)
    visitor = client(sub=user_id)
    visitor.force_login(User.objects.create_user(f"{user_id}_by_password"), MODEL_BACKEND)

    assert visitor.get("/user").json() == {"name": "", "is_authenticated": False}


def test_django_users_need_not_be_created(user_id: str) -> None:
    with override_settings(GREFFIER={**GREFFIER, "create_users": False}):
        assert client(sub=user_id).get("/user").json()["is_authenticated"] is False
        User.objects.create_user(user_id)
        assert client(sub=user_id).get("/user").json()["name"] == user_id


def test_user_id_may_be_in_another_field(user_id: str) -> None:
    User.objects.create_user(f"{user_id}_name", last_name=user_id)
    with override_settings(GREFFIER={**GREFFIER, "create_users": False, "user_id_field": "last_name"}):
        assert client(sub=user_id).get("/user").json()["name"] == f"{user_id}_name"


def test_without_the_backend_request_user_is_left_alone(user_id: str) -> None:
    with override_settings(AUTHENTICATION_BACKENDS=[MODEL_BACKEND]):
        assert client(sub=user_id).get("/user").json()["is_authenticated"] is False
    assert not User.objects.filter(username=user_id).exists()


def test_name_and_password_do_not_sign_in_to_the_backend(user_id: str) -> None:
    User.objects.create_user(user_id, password="secret")
    request = HttpRequest()

    assert UserBackend().authenticate(request, user_id, "secret") is None
    assert UserBackend().authenticate(request, auth=AuthObject()) is None


def known(user_id: str, **changes: Any) -> dict[str, Any]:
    email = {"id": "idn_1", "email_address": "ada@example.com", "verification": {"status": "verified"}}
    return {
        "id": user_id,
        "first_name": "Ada",
        "last_name": None,
        "primary_email_address_id": "idn_1",
        "email_addresses": [{**email, "id": "idn_0", "email_address": "old@example.com"}, email],
        **changes,
    }


def seen(user_id: str, answer: dict[str, Any], **settings: Any) -> User:
    backend = RecordedBackend({f"GET /v1/users/{user_id}": answer})
    changed = {"update_users": True, "secret_key": PRODUCTION.secret_key, "transport": backend, **settings}
    with override_settings(GREFFIER={**GREFFIER, **changed}):
        assert client(sub=user_id).get("/user").json()["is_authenticated"] is True
    return User.objects.get(username=user_id)


def test_new_django_user_is_filled_once_from_the_backend_api(user_id: str) -> None:
    answer = {"status": 200, "body": known(user_id)}
    backend = RecordedBackend({f"GET /v1/users/{user_id}": answer})
    settings = {**GREFFIER, "secret_key": PRODUCTION.secret_key, "transport": backend}
    with override_settings(GREFFIER=settings):
        for _ in range(2):
            client(sub=user_id).get("/user")

    user = User.objects.get(username=user_id)
    assert (user.email, user.first_name) == ("ada@example.com", "Ada")
    assert len(backend.requests) == 1


async def test_new_django_user_of_an_asynchronous_view_is_filled_too(user_id: str) -> None:
    backend = RecordedBackend({f"GET /v1/users/{user_id}": {"status": 200, "body": known(user_id)}})
    settings = {**GREFFIER, "secret_key": PRODUCTION.secret_key, "transport": backend}
    with override_settings(GREFFIER=settings):
        assert (await async_client(sub=user_id).get("/user-async")).json() == {"name": user_id}

    assert (await User.objects.aget(username=user_id)).email == "ada@example.com"


def test_new_django_user_stays_empty_if_users_are_not_to_be_updated(user_id: str) -> None:
    user = seen(user_id, {"status": 200, "body": known(user_id)}, update_users=False)

    assert user.email == ""


def test_new_django_user_is_made_while_the_backend_api_is_down(user_id: str) -> None:
    backend = RecordedBackend({f"GET /v1/users/{user_id}": {"status": 500, "body": {"errors": []}}})
    settings = {**GREFFIER, "secret_key": PRODUCTION.secret_key, "transport": backend}
    with override_settings(GREFFIER=settings):
        assert client(sub=user_id).get("/user").json()["is_authenticated"] is True


def test_address_and_names_follow_the_backend_api_only_if_asked_to(user_id: str) -> None:
    client(sub=user_id).get("/user")
    assert User.objects.get(username=user_id).email == ""

    user = seen(user_id, {"status": 200, "body": known(user_id)})
    assert (user.email, user.first_name, user.last_name) == ("ada@example.com", "Ada", "")
    unverified = [{"id": "idn_1", "email_address": "eve@example.com", "verification": None}]
    changes = {"first_name": "A" * 200, "last_name": "Lovelace", "email_addresses": unverified}
    user = seen(user_id, {"status": 200, "body": known(user_id, **changes)})
    assert (user.email, user.first_name, user.last_name) == ("ada@example.com", "Ada", "Lovelace")


def test_outage_of_the_backend_api_leaves_a_django_user_as_it_is(
    user_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen(user_id, {"status": 200, "body": known(user_id)})
    user = seen(user_id, {"status": 500, "body": {"errors": [{"code": "internal_clerk_error"}]}})

    assert user.email == "ada@example.com"
    assert "were not updated" in caplog.text


class StaffBackend(UserBackend):
    """Makes staff of the administrators of an organization."""

    def configure_user(self, request: HttpRequest, user: Any, *, auth: AuthObject, created: bool) -> Any:
        user.is_staff = user.is_superuser = auth.has(role="org:admin")
        user.save(update_fields=["is_staff", "is_superuser"])
        return user


def test_admin_is_for_those_whom_a_backend_makes_staff(user_id: str) -> None:
    urls = (*urlpatterns, path("admin/", admin.site.urls))
    staff = f"{__name__}.StaffBackend"
    with override_settings(ROOT_URLCONF=urls, AUTHENTICATION_BACKENDS=[staff]):
        assert client().get("/admin/").status_code == 401
        assert client(sub=user_id).get("/admin/").headers["location"] == "/admin/login/?next=/admin/"
        boss = client(sub=user_id, org_id="org_1", org_role="org:admin", csrf=True)
        page = boss.get("/admin/auth/user/")
        assert page.status_code == 200
        assert user_id in page.content.decode()
        form = {"name": f"gardeners of {user_id}"}
        assert boss.post("/admin/auth/group/add/", form).status_code == 403
        token = boss.cookies["csrftoken"].value
        added = boss.post("/admin/auth/group/add/", {**form, "csrfmiddlewaretoken": token})
    assert added.status_code == 302
    assert Group.objects.filter(**form).exists()


def test_permissions_of_a_django_user_are_djangos_own(user_id: str) -> None:
    client(sub=user_id).get("/user")
    user = User.objects.get(username=user_id)
    assert not user.has_perm("auth.view_user")
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert User.objects.get(username=user_id).has_perm("auth.view_user")
    assert isinstance(user, AbstractUser)


def told(**settings: Any) -> list[str | None]:
    with override_settings(**settings):
        found: list[CheckMessage] = run_checks(tags=["security"])
    return [one.id for one in found if (one.id or "").startswith("greffier.")]


CACHE = "django.middleware.cache.UpdateCacheMiddleware"
MIDDLEWARE: list[str] = project.settings.MIDDLEWARE


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        ({}, []),
        ({"GREFFIER": {}}, ["greffier.E001"]),
        ({"GREFFIER": {**GREFFIER, "publik_routes": []}}, ["greffier.E001"]),
        ({"GREFFIER": {**GREFFIER, "public_routes": "/"}}, ["greffier.E001"]),
        ({"GREFFIER": {**GREFFIER, "publishable_key": "pk_live_x"}}, ["greffier.E001"]),
        ({"GREFFIER": []}, ["greffier.E001"]),
        ({"MIDDLEWARE": MIDDLEWARE[:-1]}, ["greffier.W001"]),
        ({"MIDDLEWARE": [*MIDDLEWARE, MIDDLEWARE[-1]]}, ["greffier.E002"]),
        ({"MIDDLEWARE": [MIDDLEWARE[-1], *MIDDLEWARE[:-1]]}, ["greffier.E003"]),
        ({"MIDDLEWARE": [*MIDDLEWARE, CACHE]}, ["greffier.E005"]),
        ({"MIDDLEWARE": [CACHE, *MIDDLEWARE]}, []),
        ({"MIDDLEWARE": [*MIDDLEWARE[:-1], f"{__name__}.OwnMiddleware"]}, []),
        (
            {"AUTHENTICATION_BACKENDS": [MODEL_BACKEND], "GREFFIER": {**GREFFIER, "create_users": True}},
            ["greffier.W002"],
        ),
        ({"GREFFIER": {**GREFFIER, "update_users": True}}, ["greffier.E004"]),
        ({"GREFFIER": {**GREFFIER, "update_users": True, "secret_key": PRODUCTION.secret_key}}, []),
    ],
)
def test_checks_of_django_tell_what_is_wrong(settings: dict[str, Any], ids: list[str]) -> None:
    assert told(**settings) == ids


class OwnMiddleware(AuthMiddleware):
    """A project may have one of its own."""
