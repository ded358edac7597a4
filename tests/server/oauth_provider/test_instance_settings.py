"""The instance's settings for applications, by the Backend API."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.oauth.applications import Client
from tests.support.server import Backend, Browser, JsonObject, TestServer

PATH = "/v1/instance/oauth_application_settings"


async def test_everything_is_off_at_first(backend: Backend) -> None:
    shown = (await backend.get(PATH)).json()

    assert shown["default_scopes"] == ["profile", "email"]
    assert [name for name, value in shown.items() if value is True] == []


async def test_changed_settings_are_shown_and_kept_apart_from_others(
    server: TestServer, backend: Backend
) -> None:
    neighbour = await server.neighbour()
    changed = await backend.patch(PATH, oauth_jwt_access_tokens=True)
    both = await backend.patch(PATH, dynamic_oauth_client_registration=True, default_scopes=None)

    assert changed.json()["oauth_jwt_access_tokens"] is True
    assert both.json()["oauth_jwt_access_tokens"] is True
    assert both.json()["dynamic_oauth_client_registration"] is True
    assert (await backend.get(PATH)).json() == both.json()
    assert (await neighbour.get(PATH)).json()["oauth_jwt_access_tokens"] is False


async def test_server_goes_by_changed_settings(
    server: TestServer, backend: Backend, ada: Browser, shop: JsonObject
) -> None:
    await backend.patch(PATH, oauth_jwt_access_tokens=True)

    await server.app.poll()

    assert (await Client(server, shop).tokens(ada))["access_token"].startswith("eyJ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("default_scopes", ["email"]),
        ("client_id_metadata_documents_advertised", True),
        ("client_id_metadata_documents_only_allow_pre_registered_clients", True),
        ("client_id_metadata_documents_block_implicitly_allowed_clients", True),
        ("oauth_jwt_access_tokens", "yes"),
    ],
)
async def test_what_is_not_built_is_refused_by_name(backend: Backend, name: str, value: object) -> None:
    refused = await backend.patch(PATH, dynamic_oauth_client_registration=True, **{name: value})

    code = "form_param_type_invalid" if value == "yes" else "form_param_format_invalid"
    assert error_of(refused) == (422, code, name)
    assert (await backend.get(PATH)).json()["dynamic_oauth_client_registration"] is False
