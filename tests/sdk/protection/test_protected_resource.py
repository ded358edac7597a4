"""Applications as OAuth protected resources: metadata, challenge, and tokens for this resource only."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import override_settings

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.options import AuthOptions
from greffier.sdk.protection.protected_resource import metadata_url
from tests.sdk.apps import PRODUCTION, browser, protected
from tests.sdk.authentication.test_outage import APPS
from tests.sdk.frameworks.test_every_framework import Served
from tests.sdk.recorded_backend import RecordedBackend

RESOURCE = "https://app.example.com/mcp"
METADATA = "https://app.example.com/.well-known/oauth-protected-resource/mcp"
PATH = "/.well-known/oauth-protected-resource"


@pytest.fixture(params=APPS)
def served(request: pytest.FixtureRequest) -> Any:
    is_asgi, make = APPS[request.param]
    settings: dict[str, Any] = {
        "publishable_key": PRODUCTION.publishable_key,
        "jwt_key": PRODUCTION.pem,
        "accepts_token": ["session_token", "oauth_token"],
        "resource": RESOURCE,
        "resource_scopes": ["profile", "offline_access"],
    }
    with override_settings(GREFFIER=settings):
        yield Served(is_asgi, make(**settings))


async def test_client_learns_from_the_401_where_tokens_are(served: Served) -> None:
    refused = await served.get("/me")
    bad = await served.get("/me", authorization="Bearer oat_nonsense")
    found = [await served.get(path, origin="https://agent.example") for path in (PATH, f"{PATH}/mcp")]

    assert refused.headers["www-authenticate"] == f'Bearer realm="greffier", resource_metadata="{METADATA}"'
    assert 'error="invalid_token", resource_metadata=' in bad.headers["www-authenticate"]
    for answer in found:
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json() == {
            "resource": RESOURCE,
            "authorization_servers": ["https://clerk.example.com"],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["profile", "offline_access"],
        }


async def test_preflight_with_a_version_of_the_protocol_passes() -> None:
    asked = {"origin": "https://agent.example", "access-control-request-method": "GET"}
    asked["access-control-request-headers"] = "mcp-protocol-version"
    async with browser(protected(resource=RESOURCE)) as client:
        answer = await client.options(f"{PATH}/mcp", headers=asked)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert answer.headers["access-control-allow-headers"] == "mcp-protocol-version"


async def test_without_a_resource_there_is_no_metadata() -> None:
    async with browser(protected()) as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="greffier"')


def oauth_token(**claims: Any) -> str:
    now = int(time.time())
    payload = {"iss": f"https://{PRODUCTION.host}", "sub": "user_1", "iat": now, "exp": now + 600, **claims}
    return PRODUCTION.sign(payload, {"typ": "at+jwt"})


@pytest.mark.parametrize(
    ("aud", "status"),
    [
        (RESOURCE, 200),
        (RESOURCE + "/", 200),
        (["https://other.example", RESOURCE], 200),
        (None, 200),
        ("https://other.example", 401),
        ("https://app.example.com", 401),
        (RESOURCE + "x", 401),
        ([], 401),
        (5, 401),
    ],
)
async def test_token_for_another_resource_is_refused(aud: Any, status: int) -> None:
    token = oauth_token(**({} if aud is None else {"aud": aud}))
    app = protected(resource=RESOURCE, accepts_token="oauth_token")
    async with browser(app) as client:
        answer = await client.get("/reports", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == status


@pytest.mark.parametrize(("aud", "status"), [([RESOURCE], 200), (["https://other.example"], 401)])
async def test_opaque_token_for_another_resource_is_refused(aud: list[str], status: int) -> None:
    known = {"id": "oat_1", "subject": "user_1", "scopes": [], "client_id": "c", "aud": aud}
    path = "POST /oauth_applications/access_tokens/verify"
    backend = RecordedBackend({path: {"status": 200, "body": known}})
    settings: dict[str, Any] = {"secret_key": PRODUCTION.secret_key, "transport": backend}
    app = protected(resource=RESOURCE, accepts_token="oauth_token", **settings)
    async with browser(app) as client:
        answer = await client.get("/reports", headers={"authorization": "Bearer oat_secret"})

    assert answer.status_code == status


AUDIENCE_STATUSES = pytest.mark.parametrize(
    ("aud", "settings", "status"),
    [
        (None, {}, 200),
        ([], {}, 200),
        ("https://other.example", {}, 401),
        (["https://other.example"], {}, 401),
        (5, {}, 401),
        (["https://other.example"], {"audience": RESOURCE}, 401),
        ([RESOURCE], {"audience": RESOURCE}, 200),
        (RESOURCE, {"audience": RESOURCE, "resource": "https://app.example.com"}, 200),
    ],
)


@AUDIENCE_STATUSES
async def test_app_that_is_no_resource_refuses_a_token_for_one(
    aud: Any, settings: dict[str, Any], status: int
) -> None:
    token = oauth_token(**({} if aud is None else {"aud": aud}))
    async with browser(protected(accepts_token="oauth_token", **settings)) as client:
        answer = await client.get("/reports", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == status


@AUDIENCE_STATUSES
async def test_app_that_is_no_resource_refuses_an_opaque_token_for_one(
    aud: Any, settings: dict[str, Any], status: int
) -> None:
    known = {"id": "oat_1", "subject": "user_1", "scopes": [], "client_id": "c"}
    body = known if aud is None else known | {"aud": aud}
    path = "POST /oauth_applications/access_tokens/verify"
    backend = RecordedBackend({path: {"status": 200, "body": body}})
    settings = {"secret_key": PRODUCTION.secret_key, "transport": backend, **settings}
    async with browser(protected(accepts_token="oauth_token", **settings)) as client:
        answer = await client.get("/reports", headers={"authorization": "Bearer oat_secret"})

    assert answer.status_code == status


def test_well_known_part_comes_before_the_path() -> None:
    assert metadata_url("https://api.example.com") == f"https://api.example.com{PATH}"
    assert metadata_url("https://api.example.com/") == f"https://api.example.com{PATH}"
    assert metadata_url("https://api.example.com/a/mcp/") == f"https://api.example.com{PATH}/a/mcp"


@pytest.mark.parametrize(
    "resource", ["mcp", "/mcp", "https://a.example/?x", "https://a.example/#x", 'https://a.example/"']
)
def test_resource_must_be_a_plain_url(resource: str) -> None:
    with pytest.raises(ConfigurationError, match="resource"):
        AuthOptions(publishable_key=PRODUCTION.publishable_key, resource=resource)
