"""Django: decorators and mixins of views."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.views import View

from greffier.django import (
    RequireAuthMixin,
    login_required,
    redirect_to_sign_in,
    require_auth,
)
from greffier.sdk.authorization import Reverification
from tests.sdk.apps import ORIGIN
from tests.sdk.django.project import (
    DOCUMENT_HEADERS,
    async_client,
    client,
    say,
    serving,
)


def test_a_decorator_protects_a_django_view_that_the_middleware_leaves_open() -> None:
    @login_required
    def mine(request: HttpRequest) -> HttpResponse:
        return say(request)

    assert mine.__name__ == "mine"
    with serving(mine=mine):
        fetched = client().get("/open/mine")
        page = client().get("/open/mine", headers=DOCUMENT_HEADERS)
        assert client(sub="user_1").get("/open/mine").json()["user_id"] == "user_1"
    assert fetched.status_code == 401
    assert fetched.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert fetched.json()["errors"][0]["code"] == "authentication_required"
    assert (page.status_code, page.content) == (307, b"")


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("passed")


async def plain_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("passed")


class Plain(RequireAuthMixin, View):
    required_role = "org:admin"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("passed")


class PlainAsync(RequireAuthMixin, View):
    required_role = "org:admin"

    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("passed")


ADMIN = {"org_id": "org_1", "org_role": "org:admin"}
ADMINS = {
    "function": require_auth(role="org:admin")(plain),
    "coroutine": require_auth(role="org:admin")(plain_async),
    "class": Plain.as_view(),
    "asynchronous_class": PlainAsync.as_view(),
}


@pytest.mark.parametrize("name", ADMINS)
def test_django_views_ask_for_a_role(name: str) -> None:
    with serving(view=ADMINS[name]):
        refused = client(sub="user_1").get("/open/view", headers=DOCUMENT_HEADERS)
        assert client().get("/open/view").status_code == 401
        assert client(**ADMIN).get("/open/view").content == b"passed"
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "authorization_invalid"


@pytest.mark.parametrize("name", ADMINS)
async def test_django_views_ask_for_a_role_under_asgi(name: str) -> None:
    with serving(view=ADMINS[name]):
        assert (await async_client().get("/open/view")).status_code == 401
        assert (await async_client(sub="user_1").get("/open/view")).status_code == 403
        assert (await async_client(**ADMIN).get("/open/view")).content == b"passed"
        assert (await async_client(**ADMIN).post("/open/view")).status_code in (200, 405)


def test_verification_that_is_too_old_for_a_django_view_is_told_in_the_published_form() -> None:
    class Account(RequireAuthMixin, View):
        required_reverification = Reverification("first_factor", 10)

        def delete(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse("deleted")

    with serving(account=Account.as_view()):
        refused = client(fva=[10, -1]).delete("/open/account")
        assert client(fva=[9, -1]).delete("/open/account").content == b"deleted"
    assert refused.status_code == 403
    assert refused.json()["clerk_error"]["metadata"] == {
        "reverification": {"level": "first_factor", "afterMinutes": 10}
    }


def test_visitor_is_sent_to_sign_in_by_a_django_view() -> None:
    with serving(
        cart=lambda request: redirect_to_sign_in(request, "/checkout"),
        own=lambda request: request.auth.redirect_to_sign_in("/checkout"),
    ):
        answer = client().get("/open/cart")
        assert client().get("/open/own").headers["location"] == answer.headers["location"]
    assert answer.status_code == 307
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"redirect_url": [f"{ORIGIN}/checkout"]}


def test_forms_with_the_cookie_keep_djangos_protection_against_forgery() -> None:
    assert client(csrf=True, sub="user_1").post("/me").status_code == 403
    assert client(csrf=False, sub="user_1").post("/me").status_code == 200


def test_class_of_django_asks_for_a_type_of_token() -> None:
    class OfPeople(RequireAuthMixin, View):
        required_token = "session_token"

        def get(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse("passed")

    class OfMachines(OfPeople):
        required_token = ("api_key", "m2m_token")

    with serving(people=OfPeople.as_view(), machines=OfMachines.as_view()):
        assert client(sub="user_1").get("/open/people").content == b"passed"
        assert client(sub="user_1").get("/open/machines").status_code == 401
