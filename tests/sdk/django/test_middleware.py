"""Django: the middleware under WSGI and ASGI."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from django import urls
from django.conf import settings
from django.contrib.staticfiles.views import serve
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import clear_script_prefix

from greffier.django import (
    auth,
    current_user,
    current_user_sync,
    get_auth,
    login_required,
)
from greffier.sdk.errors import ConfigurationError
from tests.sdk.apps import DEVELOPMENT, DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.django.project import (
    DOCUMENT_HEADERS,
    async_client,
    client,
    cookie_header,
    greffier,
    serving,
    urlpatterns,
)
from tests.sdk.recorded_backend import RecordedBackend
from tests.sdk.wsgi_apps import Answer, environ_of


def test_a_django_project_is_protected_but_for_its_public_routes() -> None:
    assert client().get("/").json() == {"user_id": None, "path": "/"}
    assert client().get("/me").status_code == 401
    assert client().get("/nowhere").status_code == 401
    answer = client(sub="user_1").get("/me")
    assert answer.json()["user_id"] == "user_1"
    assert answer.headers["x-clerk-auth-status"] == "signed-in"
    assert client(sub="user_1").get("/nowhere").status_code == 404


async def test_a_django_project_under_asgi_is_protected_but_for_its_public_routes() -> None:
    assert (await async_client().get("/me-async")).status_code == 401
    assert (await async_client(sub="user_1").get("/me-async")).json()["user_id"] == "user_1"
    assert (await async_client(sub="user_1").get("/me")).json()["user_id"] == "user_1"
    with pytest.raises(ConfigurationError):
        auth()


def test_a_signed_out_page_of_django_is_redirected_to_sign_in_and_back() -> None:
    page = client().get("/me?tab=2", headers=DOCUMENT_HEADERS)
    form = client().post("/me", headers=DOCUMENT_HEADERS)

    assert (page.status_code, form.status_code) == (307, 303)
    location = urlsplit(page.headers["location"])
    assert parse_qs(location.query)["redirect_url"] == [f"{ORIGIN}/me?tab=2"]
    assert page.headers["x-clerk-auth-reason"] == "session-token-and-uat-missing"


def test_other_requests_to_django_get_401_with_a_challenge() -> None:
    answer = client().get("/me", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["errors"][0]["code"] == "authentication_required"


@pytest.mark.parametrize("spelling", ["//me", "/open/../me", "/open/%2e%2e/me", "/open;x/../me", "/%256de"])
def test_no_spelling_of_a_protected_path_passes_the_gate_of_django(spelling: str) -> None:
    environ = environ_of(unquote(spelling), **{"wsgi.input": io.BytesIO()})
    assert Answer(get_wsgi_application(), environ).status == 401


async def test_concurrent_requests_of_asynchronous_django_never_see_one_another() -> None:
    together = asyncio.Barrier(20)

    async def meet(request: HttpRequest) -> HttpResponse:
        before = auth().user_id
        await together.wait()
        return HttpResponse(f"{before} {auth().user_id} {get_auth(request).user_id}")

    with serving(meet=meet):
        app = get_asgi_application()

        async def visit(number: int) -> str:
            transport = httpx.ASGITransport(app)
            cookies = signed_in_cookies(sub=f"user_{number}")
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as browser:
                return (await browser.get("/open/meet")).text

        answers = await asyncio.gather(*(visit(number) for number in range(20)))
    assert answers == [" ".join([f"user_{number}"] * 3) for number in range(20)]


def test_concurrent_requests_of_threaded_django_never_see_one_another() -> None:
    together = threading.Barrier(20, timeout=60)

    def meet(request: HttpRequest) -> HttpResponse:
        before = auth().user_id
        together.wait()
        return HttpResponse(f"{before} {auth().user_id} {get_auth(request).user_id}")

    with serving(meet=meet):
        app = get_wsgi_application()

        def visit(number: int) -> str:
            cookies = signed_in_cookies(sub=f"user_{number}")
            with httpx.Client(
                transport=httpx.WSGITransport(app), base_url=ORIGIN, cookies=cookies
            ) as browser:
                return browser.get("/open/meet").text

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(visit, range(20)))
    assert answers == [" ".join([f"user_{number}"] * 3) for number in range(20)]


def test_streams_of_django_know_who_asks() -> None:
    answer = client(sub="user_1").get("/stream")

    assert answer.getvalue() == b"user_1user_1"
    with pytest.raises(ConfigurationError):
        auth()


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
async def test_streams_of_asynchronous_django_know_who_asks() -> None:
    for name in ("/stream-async", "/stream"):
        transport = httpx.ASGITransport(get_asgi_application())
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=cookie_header()) as one:
            assert (await one.get(name)).text == "user_1user_1"


async def test_a_request_to_django_is_verified_exactly_once(verified: list[str]) -> None:
    assert client(sub="user_1").get("/me").status_code == 200
    assert (await async_client(sub="user_2").get("/me-async")).status_code == 200
    assert verified == ["once"] * 2


def test_get_auth_takes_requests_of_django_that_the_middleware_saw() -> None:
    with pytest.raises(ConfigurationError, match="AuthMiddleware"):
        get_auth(RequestFactory().get("/"))


def test_nothing_of_a_django_page_is_rendered_when_signed_out() -> None:
    rendered: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        rendered.append(request.path)
        return HttpResponse("secret")

    with serving(page=login_required(page)), greffier(public_routes=["/open/**"]):
        answer = client().get("/open/page", headers=DOCUMENT_HEADERS)
        assert client(sub="user_1").get("/open/page").content == b"secret"
    assert (answer.status_code, answer.content) == (307, b"")
    assert rendered == ["/open/page"]


def test_the_user_id_needs_no_network_in_django(no_network: None) -> None:
    assert client(sub="user_1").get("/me").json()["user_id"] == "user_1"


def test_after_one_setup_every_view_of_django_may_ask() -> None:
    with greffier(lazy=True):
        assert client(sub="user_1").get("/me").json()["user_id"] == "user_1"
        assert client(sub="user_1").post("/me").json()["user_id"] == "user_1"
        assert client().get("/me").json()["user_id"] is None


def test_caches_of_django_keep_answers_for_one_visitor_from_others() -> None:
    caching = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    with override_settings(MIDDLEWARE=caching):
        first = client(sub="user_1").get("/me")
        assert client(sub="user_2").get("/me").json()["user_id"] == "user_2"
        assert client().get("/me").status_code == 401
    assert first.headers["vary"] == "Cookie, Authorization"


def test_lazy_django_middleware_verifies_on_first_use() -> None:
    backend = RecordedBackend({"GET /v1/jwks": {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}})
    changes: dict[str, Any] = {
        "jwt_key": None,
        "secret_key": PRODUCTION.secret_key,
        "transport": backend,
        "lazy": True,
    }
    with greffier(**changes), serving(quiet=lambda request: HttpResponse("quiet")):
        visitor = client(sub="user_1")
        assert visitor.get("/open/quiet").content == b"quiet"
        assert backend.requests == []
        assert visitor.get("/me").json()["user_id"] == "user_1"
        assert len(backend.requests) == 1


async def test_the_user_of_a_django_request_costs_one_request() -> None:
    backend = RecordedBackend({"GET /v1/users/user_1": {"status": 200, "body": {"id": "user_1"}}})

    def sync(request: HttpRequest) -> HttpResponse:
        first, second = current_user_sync(), current_user_sync()
        assert first is second
        return HttpResponse(str(first and first["id"]))

    async def asynchronous(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(await current_user()))

    changes: dict[str, Any] = {"secret_key": PRODUCTION.secret_key, "transport": backend, "load_user": True}
    with greffier(**changes), serving(sync=sync, asynchronous=asynchronous):
        assert client(sub="user_1").get("/open/sync").content == b"user_1"
        assert len(backend.calls()) == 1
        answer = await async_client(sub="user_1").get("/open/asynchronous")
        assert answer.content == b"{'id': 'user_1'}"
    assert backend.calls() == ["GET /v1/users/user_1"] * 2


async def test_hooks_may_answer_with_a_django_response() -> None:
    async def after(who: Any, request: Any) -> Any:
        return None if who.user_id else HttpResponse("no", status=418)

    with greffier(after_auth=lambda who, request: HttpResponse("no", status=418)):
        answer = client().get("/")
        assert (answer.status_code, answer.headers["x-clerk-auth-status"]) == (418, "signed-out")
    with greffier(before_auth=lambda request: False):
        assert client().get("/me").json()["user_id"] is None
    with greffier(after_auth=after):
        assert (await async_client().get("/")).status_code == 418
        assert (await async_client(sub="user_1").get("/")).status_code == 200


@pytest.mark.parametrize("path", ["/files/app.css", "/files/x.map", "/files/plan.svg"])
def test_no_name_of_a_file_opens_a_view_of_django(path: str) -> None:
    refused = client().get(path)

    assert refused.status_code == 401
    assert b"content" not in refused.content
    assert client(sub="user_1").get(path).content == b"content"


def test_the_static_files_of_django_applications_are_not_processed() -> None:
    served = urls.path("static/<path:path>", serve, {"insecure": True})
    with override_settings(ROOT_URLCONF=(*urlpatterns, served)):
        answer = client().get("/static/admin/css/base.css")
        picture = client().get("/static/admin/img/LICENSE")

    assert (answer.status_code, answer["x-clerk-auth-reason"]) == (200, "skip")
    assert picture.status_code == 401


def test_cookies_of_a_handshake_reach_the_browser_as_they_are() -> None:
    keys = {"publishable_key": DEVELOPMENT.publishable_key, "jwt_key": DEVELOPMENT.pem}
    now = int(time.time())
    lines = [
        f"__session={DEVELOPMENT.token(now=now)}; Path=/; Secure; SameSite=None; Partitioned",
        "__client_uat=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        f"__client_uat={now - 60}; Path=/; Domain=example.com",
    ]
    handshake = DEVELOPMENT.sign({"handshake": lines})
    with greffier(**keys):
        browser = client()
        browser.cookies["__clerk_db_jwt"] = "dvb_1"
        answer = browser.get(f"/me?__clerk_handshake={handshake}", headers=DOCUMENT_HEADERS)
    sent = [cookie.output(header="").strip() for cookie in answer.cookies.values()]
    assert answer.status_code == 307
    assert [line for line in sent if line in lines] == lines


def test_mounted_django_is_matched_by_its_own_paths() -> None:
    visitor = httpx.Client(
        transport=httpx.WSGITransport(get_wsgi_application(), script_name="/shop"), base_url=ORIGIN
    )
    page, home = visitor.get("/me", headers=DOCUMENT), visitor.get("/")
    clear_script_prefix()  # Django keeps it for the thread
    assert parse_qs(urlsplit(page.headers["location"]).query)["redirect_url"] == [f"{ORIGIN}/shop/me"]
    assert home.json()["path"] == "/shop/"


def test_wrong_settings_are_told_when_django_starts() -> None:
    with override_settings(GREFFIER={}), pytest.raises(ConfigurationError, match="publishable_key"):
        get_wsgi_application()
    with greffier(publik_routes=[]), pytest.raises(TypeError, match="publik_routes"):
        get_wsgi_application()
    with override_settings(GREFFIER=None), pytest.raises(ConfigurationError, match="dictionary"):
        get_wsgi_application()
