"""Applications as the Backend API makes, lists, shows, changes and removes them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.support.answers import error_of
from tests.support.oauth.applications import add_application
from tests.support.server import SECRET_KEY, Backend, JsonObject, TestServer

PATH = "/v1/oauth_applications"


async def names(backend: Backend, **query: Any) -> list[str]:
    response = await backend.get(PATH, **query)
    assert response.status_code == 200, response.text
    return [found["name"] for found in response.json()["data"]]


async def upload(server: TestServer, application_id: str, content: bytes) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app), base_url="http://localhost:8787"
    ) as http:
        return await http.put(
            f"{PATH}/{application_id}/logo",
            files={"file": ("logo.png", content, "image/png")},
            headers={"authorization": f"Bearer {SECRET_KEY}"},
        )


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "PNG")
    return written.getvalue()


async def test_application_is_made_with_defaults_and_its_secret_is_shown_once(backend: Backend) -> None:
    made = await add_application(backend, "Shop")

    secret = made.pop("client_secret")
    assert len(secret) >= 43
    assert made["client_id"].startswith("client_")
    assert (made["public"], made["pkce_required"]) == (False, False)
    assert (made["consent_screen_enabled"], made["dynamically_registered"]) == (True, False)
    assert (made["scopes"], made["client_uri"], made["client_image_url"]) == ("profile email", None, None)
    shown = await backend.get(f"{PATH}/{made['id']}")
    assert shown.json() == made
    assert (await backend.get(PATH)).json() == {"data": [made], "total_count": 1}
    assert secret not in shown.text


async def test_application_says_where_its_endpoints_are(backend: Backend, shop: JsonObject) -> None:
    base = "http://localhost:8787"
    configuration = (await backend.http.get("/.well-known/openid-configuration")).json()

    assert shop["discovery_url"] == f"{base}/.well-known/openid-configuration"
    assert shop["authorize_url"] == configuration["authorization_endpoint"]
    assert shop["token_fetch_url"] == configuration["token_endpoint"]
    assert shop["user_info_url"] == configuration["userinfo_endpoint"]
    assert shop["token_introspection_url"] == configuration["introspection_endpoint"]


async def test_public_application_has_no_secret(backend: Backend) -> None:
    made = await add_application(backend, public=True)

    assert (made["public"], made["client_secret"]) == (True, "")
    rotated = await backend.post(f"{PATH}/{made['id']}/rotate_secret")
    assert rotated.json()["client_secret"] == ""


async def test_callback_url_is_the_former_way_to_name_a_redirect_uri(backend: Backend) -> None:
    uri = "https://shop.example/former"

    response = await backend.post(PATH, name="Shop", callback_url=uri)

    assert (response.json()["redirect_uris"], response.json()["callback_url"]) == ([uri], uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/callback?tenant=7",
        "http://localhost:9000/callback",
        "http://shop.example/callback",  # a development instance
        "com.example.shop:/callback",
        "shop://callback",
    ],
)
async def test_redirect_uri_may_have_any_scheme_of_an_application(backend: Backend, uri: str) -> None:
    assert (await add_application(backend, redirect_uris=[uri]))["redirect_uris"] == [uri]


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://shop.example/1",
        "/callback",
        "",
        "https:///callback",
        "https://ada@shop.example/callback",
        "https://shop.example/callback#token",
        "https://shop.example/\ncallback",
        'https://shop.example/"onload=',
        "https://shop.example/é",
        "https://shop.example\\@evil.example/",
        "https://shop.example:port/",
        "https://shop.example/" + "a" * 1024,
    ],
)
async def test_redirect_uri_that_would_harm_is_refused(backend: Backend, uri: str) -> None:
    response = await backend.post(PATH, name="Shop", redirect_uris=["https://shop.example/", uri])

    assert error_of(response) == (422, "form_param_format_invalid", "redirect_uris")
    assert await names(backend) == []


async def test_production_instance_wants_https_except_on_the_same_machine(production: TestServer) -> None:
    backend = production.backend(secret_key="sk_live_for_tests_0123456789abcdefghijklmnopqrstuv")

    refused = await backend.post(PATH, name="Shop", redirect_uris=["http://shop.example/callback"])
    local = await backend.post(PATH, name="Shop", redirect_uris=["http://127.0.0.1:9000/callback"])

    assert error_of(refused) == (422, "form_param_format_invalid", "redirect_uris")
    assert local.status_code == 200


@pytest.mark.parametrize("scopes", ["profile nonsense", "user:org:read", "email email_address"])
async def test_scope_that_there_is_not_is_refused_by_name(backend: Backend, scopes: str) -> None:
    response = await backend.post(PATH, name="Shop", scopes=scopes)

    assert error_of(response) == (422, "form_param_format_invalid", "scopes")
    assert scopes.split()[-1] in response.json()["errors"][0]["long_message"]


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({}, "form_param_missing", "name"),
        ({"name": ""}, "form_param_format_invalid", "name"),
        ({"name": "x" * 257}, "form_param_format_invalid", "name"),
        ({"name": "Shop", "public": "yes"}, "form_param_type_invalid", "public"),
        ({"name": "Shop", "redirect_uris": "https://shop.example"}, "form_param_type_invalid", None),
        ({"name": "Shop", "client_secret": "mine"}, "form_param_unknown", "client_secret"),
        ({"name": "Shop", "scopes": "email " * 200}, "form_param_max_length_exceeded", "scopes"),
    ],
)
async def test_wrong_parameters_are_named(
    backend: Backend, fields: JsonObject, code: str, param: str | None
) -> None:
    response = await backend.post(PATH, **fields)

    assert error_of(response)[:2] == (422, code)
    assert param is None or error_of(response)[2] == param
    assert await names(backend) == []


async def test_update_changes_what_is_given_alone(server: TestServer, backend: Backend) -> None:
    made = await add_application(backend, scopes="email openid")
    path = f"{PATH}/{made['id']}"
    server.clock.advance(seconds=1)

    renamed = (await backend.patch(path, name="Market", scopes=None)).json()
    wider = (await backend.patch(path, scopes="profile", redirect_uris=["shop://x"])).json()

    assert (renamed["name"], renamed["scopes"]) == ("Market", "email openid")
    assert renamed["updated_at"] > renamed["created_at"] == made["created_at"]
    assert (wider["name"], wider["scopes"], wider["redirect_uris"]) == ("Market", "profile", ["shop://x"])
    assert (await backend.get(path)).json() == wider


async def test_rotated_secret_is_another_one(backend: Backend, shop: JsonObject) -> None:
    rotated = await backend.post(f"{PATH}/{shop['id']}/rotate_secret")

    assert rotated.status_code == 200
    assert rotated.json()["client_secret"] not in ("", shop["client_secret"])
    assert rotated.json()["client_id"] == shop["client_id"]


async def test_secret_is_kept_as_a_digest_only(server: TestServer, shop: JsonObject) -> None:
    from greffier.server.oauth_provider.queries import GET_APPLICATION

    async with server.app.database.transaction() as db:
        row = await db.one(GET_APPLICATION, instance_id=shop["instance_id"], id=shop["id"])

    assert row is not None
    assert shop["client_secret"] not in repr(row)


async def test_list_is_searched_ordered_and_paged(server: TestServer, backend: Backend) -> None:
    made: dict[str, JsonObject] = {}
    for name in ("Banana stand", "apple stall", "cherry stand"):
        made[name] = await add_application(backend, name)
        server.clock.advance(seconds=1)

    assert await names(backend) == list(made)
    assert await names(backend, order_by="-created_at") == list(reversed(made))
    assert await names(backend, order_by="name,created_at") == sorted(made)
    assert await names(backend, name_query="STAND") == ["Banana stand", "cherry stand"]
    assert await names(backend, name_query=made["apple stall"]["client_id"]) == ["apple stall"]
    assert await names(backend, name_query=made["apple stall"]["client_id"][:-1]) == []
    page = (await backend.get(PATH, limit=1, offset=1)).json()
    assert ([found["name"] for found in page["data"]], page["total_count"]) == (["apple stall"], 3)
    assert error_of(await backend.get(PATH, order_by="client_id"))[:2] == (422, "form_param_value_invalid")


async def test_deleted_application_is_gone(backend: Backend, shop: JsonObject) -> None:
    path = f"{PATH}/{shop['id']}"

    deleted = await backend.delete(path)

    assert (deleted.json()["id"], deleted.json()["deleted"]) == (shop["id"], True)
    for answer in (await backend.get(path), await backend.delete(path), await backend.patch(path, name="x")):
        assert error_of(answer)[:2] == (404, "resource_not_found")


async def test_application_of_another_instance_is_not_found(server: TestServer, backend: Backend) -> None:
    neighbour = await server.neighbour()
    foreign = await add_application(neighbour, "Next door")
    path = f"{PATH}/{foreign['id']}"

    answers = [
        await backend.get(path),
        await backend.patch(path, name="Mine"),
        await backend.post(f"{path}/rotate_secret"),
        await backend.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert await names(backend) == []
    assert (await neighbour.get(path)).json()["name"] == "Next door"


async def test_logo_is_drawn_anew_and_served(server: TestServer, shop: JsonObject, backend: Backend) -> None:
    uploaded = await upload(server, shop["id"], picture())

    url = uploaded.json()["client_image_url"]
    served = await backend.http.get(url)
    assert served.headers["content-type"] == "image/webp"
    assert Image.open(BytesIO(served.content)).size == (40, 30)
    again = (await upload(server, shop["id"], picture())).json()["client_image_url"]
    assert again != url
    assert (await backend.http.get(url)).status_code == 404


async def test_logo_that_is_no_picture_is_refused(server: TestServer, shop: JsonObject) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

    assert error_of(await upload(server, shop["id"], svg))[:2] == (400, "request_body_invalid")
    assert (await upload(server, "oa_unknown", picture())).status_code == 404


async def test_logo_without_a_file_is_refused(backend: Backend, shop: JsonObject) -> None:
    assert error_of(await backend.put(f"{PATH}/{shop['id']}/logo")) == (400, "form_param_missing", "file")
