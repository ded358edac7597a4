"""One server, several instances: found by host or by secret key, and changed while it runs."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from greffier.sdk.keys import encode_publishable_key
from greffier.server.instances import reloading
from greffier.server.instances.administration import (
    choose_instance,
    lock_instance,
    read_instance_document,
    save_instance,
    update_instance,
)
from greffier.server.instances.document import read_settings
from greffier.server.instances.secret_keys import rotate_secret_key
from greffier.server.provisioning import create_from_document
from greffier.server.signing.jwts import read_unverified_claims
from greffier.server.signing.keys import PUBLISHED_FIRST_MS, rotate_signing_key
from tests.support.server import (
    DEVELOPMENT,
    NEIGHBOUR,
    PUBLISHABLE_KEY,
    SECRET_KEY,
    Backend,
    Browser,
    TestServer,
    running,
)

HOST = "clerk.tidy-otter-42.localhost"
SHOP = {
    "environment": "production",
    "domain": "shop.example",
    "hosts": ["clerk.shop.example", "clerk.legacy.example"],
    "settings": {"application_name": "Shop"},
}


async def add_shop(server: TestServer) -> str:
    """Another process makes an instance; its secret key."""
    async with server.app.database.transaction() as db:
        created = await create_from_document(db, read_instance_document(SHOP), server.clock.now_ms())
    assert created.secret_key
    return created.secret_key


async def application_name(server: TestServer, host: str) -> str | int:
    async with server.browser(origin=None, base_url=f"https://{host}").http as http:
        response = await http.get("/v1/environment")
    return (
        response.json()["display_config"]["application_name"] if response.is_success else response.status_code
    )


@pytest.fixture
async def shop(server: TestServer) -> Backend:
    secret_key = await add_shop(server)
    await server.app.poll()
    return server.backend(secret_key=secret_key)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (HOST, "My application"),
        ("clerk.shop.example", "Shop"),
        ("clerk.legacy.example", "Shop"),
        ("CLERK.Shop.Example:8443", "Shop"),
        ("clerk.unknown.example", 404),
    ],
)
async def test_frontend_api_finds_its_instance_by_host(
    server: TestServer, shop: Backend, host: str, name: str | int
) -> None:
    assert await application_name(server, host) == name


async def test_hosted_pages_find_their_instance_by_host(server: TestServer, shop: Backend) -> None:
    async with server.browser(origin=None, base_url="https://clerk.legacy.example").http as http:
        page = await http.get("/sign-in")

    assert encode_publishable_key("clerk.shop.example", live=True) in page.text


async def test_backend_api_finds_its_instance_by_secret_key_whatever_the_host(
    server: TestServer, shop: Backend
) -> None:
    ours = await server.backend().add_user("ada@example.com")
    theirs = await shop.add_user("ada@example.com")

    assert (await shop.get(f"/v1/users/{ours['id']}")).status_code == 404
    assert (await shop.get(f"/v1/users/{theirs['id']}")).status_code == 200
    assert [user["id"] for user in (await server.backend().get("/v1/users")).json()] == [ours["id"]]


async def test_cookie_of_one_instance_names_no_client_of_another(server: TestServer, shop: Backend) -> None:
    browser = Browser(server, base_url=f"http://{HOST}:8787")
    await browser.sign_up()
    cookie = browser.http.cookies["__client"]
    elsewhere = Browser(server, origin="https://shop.example", base_url="https://clerk.shop.example")

    answer = await elsewhere.call("GET", "/v1/client", headers={"cookie": f"__client={cookie}"})

    assert answer.json()["response"] is None


async def test_instances_sign_with_keys_of_their_own(server: TestServer, shop: Backend) -> None:
    ours = (await server.backend().get("/v1/jwks")).json()["keys"]
    theirs = (await shop.get("/v1/jwks")).json()["keys"]

    assert len(ours) == len(theirs) == 1
    assert ours[0]["n"] != theirs[0]["n"]


async def test_new_instance_is_noticed_without_a_restart(server: TestServer) -> None:
    assert await application_name(server, "clerk.shop.example") == 404
    secret_key = await add_shop(server)

    await server.app.poll()

    assert await application_name(server, "clerk.shop.example") == "Shop"
    assert (await server.backend(secret_key=secret_key).get("/v1/users")).status_code == 200


async def change(server: TestServer, document: dict[str, Any]) -> None:
    async with server.app.database.transaction() as db:
        row = await choose_instance(db, None)
        await update_instance(db, row, read_instance_document(document), server.clock.now_ms())


async def test_settings_and_hosts_are_noticed_without_a_restart(server: TestServer) -> None:
    await server.neighbour()
    async with server.app.database.transaction() as db:
        row = await choose_instance(db, HOST)
        document = {"hosts": ["clerk.other.example"], "settings": {"application_name": "Other"}}
        await update_instance(db, row, read_instance_document(document), server.clock.now_ms())
    await server.app.poll()

    assert await application_name(server, "clerk.other.example") == "Other"
    assert await application_name(server, HOST) == "Other"


async def test_two_changes_in_one_millisecond_are_both_noticed(server: TestServer) -> None:
    now = server.clock.now_ms()
    for name in ("One", "Two"):
        async with server.app.database.transaction() as db:
            row = await lock_instance(db, (await choose_instance(db, None)).id)
            await save_instance(db, row, now, settings=read_settings({"application_name": name}))
        await server.app.poll()

        assert await application_name(server, HOST) == name


async def test_server_goes_on_looking_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "EVERY", 0.001)
    looked = asyncio.Event()

    async def poll() -> None:
        if looked.is_set():
            return
        looked.set()
        raise OSError("the database is away")

    reloader = reloading.Reloader(poll)
    reloader.start()
    await asyncio.wait_for(looked.wait(), timeout=10)
    looked.clear()
    await asyncio.wait_for(looked.wait(), timeout=10)
    await reloader.stop()


async def test_rotated_secret_keys_overlap_and_the_publishable_key_stays(server: TestServer) -> None:
    async with server.app.database.transaction() as db:
        row = await lock_instance(db, (await choose_instance(db, None)).id)
        new = await rotate_secret_key(db, row, overlap_ms=3_600_000, now_ms=server.clock.now_ms())
        assert (await choose_instance(db, None)).publishable_key == PUBLISHABLE_KEY
    await server.app.poll()

    async def works(key: str) -> bool:
        return (await server.backend(secret_key=key).get("/v1/users")).status_code == 200

    assert await works(SECRET_KEY)
    assert await works(new)
    server.clock.advance(seconds=3_601)
    assert not await works(SECRET_KEY)
    assert await works(new)


async def rotate_signing(server: TestServer) -> None:
    async with server.app.database.transaction() as db:
        row = await lock_instance(db, (await choose_instance(db, None)).id)
        await rotate_signing_key(
            db, instance_id=row.id, overlap_ms=0, longest_token_ms=60_000, now_ms=server.clock.now_ms()
        )
        await save_instance(db, row, server.clock.now_ms())
    await server.app.poll()


async def kids(server: TestServer) -> list[str]:
    return [key["kid"] for key in (await server.backend().get("/v1/jwks")).json()["keys"]]


def kid_of(token: str) -> str:
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


async def test_new_signing_key_is_published_first_then_signs_and_the_former_leaves(
    server: TestServer,
) -> None:
    browser = server.browser()
    session = (await browser.sign_up())["sessions"][0]
    (former,) = await kids(server)
    await rotate_signing(server)

    new, *rest = await kids(server)
    token = (await browser.token(session["id"])).json()["jwt"]
    assert (rest, kid_of(token)) == ([former], former)

    server.clock.advance(seconds=PUBLISHED_FIRST_MS / 1000 + 1)
    await server.app.poll()
    token = (await browser.token(session["id"])).json()["jwt"]
    assert kid_of(token) == new
    assert await kids(server) == [new, former]
    assert read_unverified_claims(token)["iss"] == f"https://{HOST}"

    server.clock.advance(seconds=PUBLISHED_FIRST_MS / 1000 + 61)
    await server.app.poll()
    assert await kids(server) == [new]


@pytest.mark.parametrize(("version", "shape"), [(1, None), (2, 2)])
async def test_instance_may_fix_the_version_of_its_tokens(
    server: TestServer, version: int, shape: int | None
) -> None:
    await change(server, {"settings": {"session": {"token_version": version}}})
    await server.app.poll()
    for api_version in ("2021-02-05", "2026-05-12"):
        browser = server.browser(version=api_version)
        session = (await browser.sign_up(f"{api_version}+clerk_test@example.com"))["sessions"][0]
        token = (await browser.token(session["id"])).json()["jwt"]

        assert read_unverified_claims(token).get("v") == shape


async def test_neighbour_keeps_working_beside_it(server: TestServer, shop: Backend) -> None:
    neighbour = await server.neighbour()

    assert NEIGHBOUR.secret_key
    assert (await neighbour.get("/v1/users")).json() == []


async def test_public_url_of_one_instance_is_not_given_for_another(development_database: str) -> None:
    async with running(development_database, DEVELOPMENT, public_url=f"https://{HOST}") as server:
        await add_shop(server)
        await server.app.poll()

        urls = [
            (await http.get("/v1/environment")).json()["display_config"]["sign_in_url"]
            for http in (
                server.browser(origin=None, base_url=f"https://{HOST}").http,
                server.browser(origin=None, base_url="https://clerk.shop.example").http,
            )
        ]

    assert urls == [f"https://{HOST}/sign-in", "https://clerk.shop.example/sign-in"]
