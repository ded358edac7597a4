"""The recipes of docs/guides/jwt-templates.md make the tokens that the other services read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jwt as pyjwt
import pytest
from jwt import PyJWK

from tests.support.server import TestServer

PAGE = (Path(__file__).parents[4] / "docs" / "guides" / "jwt-templates.md").read_text("utf-8")
RECIPES: dict[str, dict[str, Any]] = {
    title: json.loads(body)
    for title, body in re.findall(
        r"^### (\w+)\n(?:(?!^###).)*?```json\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE
    )
}
ADA = "ada+clerk_test@example.com"
SECRET = "0b9ed8b1-2a1c-4e6e-9f0a-7f3f5a1c2d3e"
SERVER_CLAIMS = {"azp", "exp", "iat", "iss", "jti", "nbf", "sub"}
NOW = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}  # the test has its own clock


def expected(user: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Claims that the documentation of each service asks for."""
    return {
        "Hasura": {
            "https://hasura.io/jwt/claims": {
                "x-hasura-default-role": "user",
                "x-hasura-allowed-roles": ["user"],
                "x-hasura-user-id": user["id"],
            }
        },
        "Supabase": {
            "aud": "authenticated",
            "role": "authenticated",
            "email": ADA,
            "app_metadata": {},
            "user_metadata": {"full_name": "Ada Lovelace"},
        },
        "Convex": {
            "aud": "convex",
            "name": "Ada Lovelace",
            "email": ADA,
            "email_verified": True,
            "nickname": None,
            "picture": user["image_url"],
        },
        "Grafbase": {"groups": ["member"]},
        "Zendesk": {"name": "Ada Lovelace", "email": ADA, "external_id": user["id"]},
        "Canny": {
            "id": user["id"],
            "name": "Ada Lovelace",
            "email": ADA,
            "avatarURL": user["image_url"],
        },
    }


def test_there_is_a_recipe_for_every_service() -> None:
    assert set(RECIPES) == set(expected({"id": "", "image_url": ""}))


@pytest.mark.parametrize("service", RECIPES)
async def test_recipe_makes_the_token_that_the_service_reads(server: TestServer, service: str) -> None:
    browser, backend = server.browser(), server.backend()
    session = (await browser.sign_up(ADA))["sessions"][0]
    user_path = f"/v1/users/{session['user']['id']}"
    user = (await backend.patch(user_path, first_name="Ada", last_name="Lovelace")).json()
    recipe = RECIPES[service]
    own_key = {"signing_key": SECRET} if "signing_key" in recipe else {}

    made = await backend.call("POST", "/v1/jwt_templates", recipe | own_key)
    answer = await browser.post(f"/v1/client/sessions/{session['id']}/tokens/{recipe['name']}")

    assert made.status_code == answer.status_code == 200, made.text + answer.text
    published = (await browser.get("/.well-known/jwks.json")).json()["keys"][0]
    key = SECRET if own_key else PyJWK(published).key
    algorithm = recipe.get("signing_algorithm", "RS256")
    claims = pyjwt.decode(
        answer.json()["jwt"],
        key,
        algorithms=[algorithm],
        audience=recipe["claims"].get("aud"),
        options=NOW,  # pyright: ignore[reportArgumentType]
    )
    assert claims["sub"] == user["id"]
    assert {k: v for k, v in claims.items() if k not in SERVER_CLAIMS} == expected(user)[service]
