"""Settings of the middleware: from arguments or the environment, and mistakes told at start-up."""

import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from greffier.asgi import AuthMiddleware
from greffier.sdk.errors import ConfigurationError, InvalidKey
from greffier.sdk.options import AuthOptions, AuthSettings
from tests.sdk.apps import PRODUCTION, app, browser, protected, signed_in_cookies


async def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREFFIER_PUBLISHABLE_KEY", PRODUCTION.publishable_key)
    monkeypatch.setenv("GREFFIER_JWT_KEY", PRODUCTION.pem.replace("\n", "\\n"))
    monkeypatch.setenv("GREFFIER_SIGN_IN_URL", "/login")
    async with browser(AuthMiddleware(app()), **signed_in_cookies()) as client:
        assert (await client.get("/reports")).text == "/reports user_1"


def test_a_missing_publishable_key_is_told_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GREFFIER_PUBLISHABLE_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="GREFFIER_PUBLISHABLE_KEY"):
        AuthMiddleware(app())


def build(**settings: Any) -> Callable[[], AuthMiddleware]:
    given = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem, **settings}
    return lambda: AuthMiddleware(app(), **given)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"publishable_key": "sk_test_x"}, "secret key"),
        ({"secret_key": "pk_test_x"}, "publishable key"),
        ({"secret_key": "sk_test_x"}, "same instance"),
        ({"sign_in_url": "//evil.example"}, "sign_in_url"),
        ({"sign_in_url": "javascript:alert(1)"}, "sign_in_url"),
        ({"proxy_url": "app.example/__clerk"}, "proxy_url"),
        ({"proxy_url": "/__clerk", "jwt_key": None}, "jwt_key"),
        ({"authorized_parties": ["example.com"]}, "origins"),
        ({"authorized_parties": ["https://example.com/"]}, "origins"),
        ({"api_url": "api.example"}, "api_url"),
        ({"accepts_token": "session"}, "accepts_token"),
        ({"accepts_token": []}, "accepts_token"),
        ({"is_satellite": True}, "domain"),
        (
            {"is_satellite": True, "domain": "a.example", "sign_in_url": "https://a.example/sign-in"},
            "primary",
        ),
        ({"public_routes": ["about"]}, "slash"),
    ],
)
def test_settings_that_cannot_work_are_told_at_start_up(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        build(**settings)()


def test_an_unknown_setting_is_told_at_start_up() -> None:
    with pytest.raises(TypeError, match="sekret_key"):
        build(sekret_key="x")()


def test_keys_never_show_in_representations() -> None:
    middleware = protected(secret_key=PRODUCTION.secret_key)
    assert PRODUCTION.secret_key not in repr(middleware.options)
    assert "BEGIN PUBLIC" not in repr(middleware.options)
    with pytest.raises(InvalidKey):
        build(secret_key="ak_x")()


def test_every_option_can_be_given_as_a_setting() -> None:
    assert set(AuthSettings.__annotations__) == {one.name for one in fields(AuthOptions) if one.init}


async def test_the_clock_of_the_settings_says_what_has_expired() -> None:
    ahead = 0.0
    middleware = protected(clock=lambda: time.time() + ahead)
    async with browser(middleware, **signed_in_cookies()) as client:
        assert (await client.get("/a")).status_code == 200
        ahead = 120.0
        assert (await client.get("/a")).headers["x-clerk-auth-reason"].startswith("session-token-expired")
