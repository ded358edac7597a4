"""Applications that sign users in with a test's instance."""

from __future__ import annotations

from typing import Any

from tests.support.server import Backend, JsonObject

REDIRECT_URI = "https://shop.example/callback"


async def add_application(backend: Backend, name: str = "Shop", **fields: Any) -> JsonObject:
    """A new application as it is answered, with its `client_secret`."""
    given = {"redirect_uris": [REDIRECT_URI]} | fields
    response = await backend.post("/v1/oauth_applications", name=name, **given)
    assert response.status_code == 200, response.text
    return response.json()
