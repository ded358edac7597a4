"""Code in the pages about frameworks does what they say."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgiref.wsgi import WsgiToAsgi
from starlette.responses import PlainTextResponse

from greffier.asgi import AuthMiddleware
from tests.sdk.apps import PRODUCTION, browser, protected, signed_in_cookies

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREFFIER_PUBLISHABLE_KEY", PRODUCTION.publishable_key)
    monkeypatch.setenv("GREFFIER_JWT_KEY", PRODUCTION.pem)


def code_of(page: str) -> list[str]:
    """The Python code of a page, block by block."""
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def test_application_of_the_flask_page_protects_what_it_says() -> None:
    application, more, test = code_of("tutorials/flask.md")
    names: dict[str, Any] = {"__name__": "documented"}
    exec(application, names)
    exec(more, names)
    exec(test, names)
    signed_out, client = names["app"].test_client(), names["app"].test_client()
    for name, value in signed_in_cookies(fva=[0, 0]).items():
        client.set_cookie(name, value)

    assert signed_out.get("/").text == "Hello, stranger"
    assert signed_out.get("/me").status_code == 401
    assert client.get("/me").json == {"user_id": "user_1"}
    assert client.delete("/reports/1").status_code == 403
    assert client.post("/account/close").status_code == 204
    assert client.get("/cart").text == "your cart"
    names["test_me"](client, signed_in_cookies()["__session"])


def test_settings_and_code_of_the_django_page_are_understood() -> None:
    from django.core.checks import run_checks
    from django.test import override_settings

    import tests.sdk.django.project as project

    settings, views, gates, backends, filling, staff, rest_framework = code_of("tutorials/django.md")
    names: dict[str, Any] = {}
    for block in (settings, backends, views, gates, filling, staff, rest_framework):
        exec(block, names)
    assert names["MIDDLEWARE"] == [one for one in project.settings.MIDDLEWARE if one in names["MIDDLEWARE"]]
    assert names["INSTALLED_APPS"] == ["greffier.django"]
    changed = {name: names[name] for name in ("GREFFIER", "AUTHENTICATION_BACKENDS", "REST_FRAMEWORK")}
    with override_settings(**changed):
        assert not [one for one in run_checks() if (one.id or "").startswith("greffier.")]
        assert project.client().get("/").status_code == 200
        assert project.client().get("/me").status_code == 401
        from rest_framework.settings import api_settings

        classes = [*api_settings.DEFAULT_AUTHENTICATION_CLASSES, *api_settings.DEFAULT_PERMISSION_CLASSES]
        assert [one.__name__ for one in classes] == ["Authentication", "IsSignedIn"]


def test_command_of_the_django_page_fills_the_addresses_of_users_who_have_none(
    greffier: Any, greffier_environment: dict[str, str]
) -> None:
    import tests.sdk.django.project as project

    project.migrate()
    from django.contrib.auth.models import User

    User.objects.all().delete()
    ada = greffier.create_user(email_address="ada@example.com")
    User.objects.create_user(ada.id)
    User.objects.create_user("admin")
    names: dict[str, Any] = {}
    exec(code_of("tutorials/django.md")[4], names)

    names["fill_emails"]()

    assert User.objects.get(username=ada.id).email == "ada@example.com"
    assert User.objects.get(username="admin").email == ""


def test_every_check_of_django_is_on_its_page() -> None:
    source = (Path(__file__).parents[3] / "src/greffier/django/checks.py").read_text()
    told = set(re.findall(r'id="(greffier\.\w+)"', source))
    explained = set(re.findall(r"`(greffier\.[EW]\d+)`", (DOCS / "tutorials" / "django.md").read_text()))

    assert told == explained
    assert told


@pytest.mark.parametrize("number", [0, 1, 2], ids=["fastapi", "litestar", "flask"])
async def test_cors_recipes_let_the_page_that_they_name_ask_and_read(number: int) -> None:
    pytest.importorskip("flask_cors")
    names: dict[str, Any] = {"__name__": "documented"}
    exec(code_of("guides/cors.md")[number], names)
    transport: Any = httpx.ASGITransport(names["app"])
    if number == 2:
        transport = httpx.ASGITransport(WsgiToAsgi(names["app"]))
    page = {"origin": "https://app.example.com"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example.com") as client:
        preflight = await client.options("/orders", headers={**page, **asked})
        refused = await client.get("/schema", headers=page)

    assert (preflight.status_code // 100, refused.status_code) == (2, 401)
    for answer in (preflight, refused):
        assert answer.headers["access-control-allow-origin"] in ("https://app.example.com", "*")


async def test_recipes_for_static_files_open_what_they_say() -> None:
    recipes = [one for one in ast.parse(code_of("reference/sdk.md")[0]).body if isinstance(one, ast.Assign)]
    opened: list[set[str]] = []
    for recipe in recipes:
        content = PlainTextResponse("content")
        names: dict[str, Any] = {"app": content, "AuthMiddleware": AuthMiddleware, "re": re}
        exec(ast.unparse(recipe), names)
        paths = ("/assets/a.css", "/favicon.ico", "/_next/a.js", "/app/x.js", "/admin/report.pdf", "/admin")
        async with browser(names["app"]) as client:
            opened.append({path for path in paths if (await client.get(path)).status_code == 200})

    assert opened == [
        {"/assets/a.css", "/favicon.ico"},
        {"/_next/a.js"},
        {"/assets/a.css", "/_next/a.js", "/admin/report.pdf", "/admin"},
        {"/assets/a.css", "/favicon.ico", "/_next/a.js", "/app/x.js", "/admin/report.pdf"},
    ]


async def test_code_of_the_page_about_every_framework_does_what_it_says() -> None:
    from tests.sdk.recorded_backend import RecordedBackend

    _, agents, hooks, who, organizations, plans, webhook, api = code_of("reference/sdk.md")
    names: dict[str, Any] = {"SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "blocked": {"user_2"}}
    exec(who, names)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(await names["greeting"]())(scope, receive, send)

    assert "resource=" in agents
    names["app"] = app
    exec(hooks, names)
    exec(webhook, names)
    backend = RecordedBackend({"GET /v1/users/user_1": {"status": 200, "body": {"first_name": "Ada"}}})
    hooked = names["before_auth"], names["after_auth"]
    settings = {"before_auth": hooked[0], "after_auth": hooked[1], "transport": backend}
    protected_app = protected(inner=app, secret_key=PRODUCTION.secret_key, **settings)
    async with browser(protected_app) as stranger, browser(protected_app, **signed_in_cookies()) as ada:
        assert (await stranger.get("/reports")).status_code == 401
        assert (await stranger.get("/hooks/1")).text == "Hello, stranger"
        assert (await stranger.get("/preview")).text == "Hello, stranger"
        assert (await ada.get("/reports")).text == "Hello, Ada"
    async with browser(protected_app, **signed_in_cookies(sub="user_2")) as blocked:
        assert (await blocked.get("/reports")).status_code == 403
    assert names["receive"](b"{}", {}) == 400
    assert "greffier.backend()" in api
    assert "token_entitlements" in plans

    exec(organizations, names)
    synced = protected(organization_sync=names["sync"], secret_key=PRODUCTION.secret_key)
    async with browser(synced, **signed_in_cookies()) as ada:
        page = await ada.get("/orgs/acme/invoices", headers={"sec-fetch-dest": "document"})
    assert "organization_id=acme" in page.headers["location"]
