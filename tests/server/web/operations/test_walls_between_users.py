"""A browser may do what its session may: no secret key and no id opens more."""

from __future__ import annotations

import re
from typing import Any

import httpx

from greffier.server.app import declare_operations
from greffier.server.web.operations.declaration import backend_api, frontend_api
from greffier.server.web.operations.routing import published_operations
from tests.support.server import SECRET_KEY, Browser, TestServer

ADA = "ada+clerk_test@example.com"


def operations_of_browsers() -> list[tuple[str, str]]:
    """Method and path of what is built at the Frontend API and has no namesake at the Backend API, built or
    not."""
    declare_operations()
    theirs = {
        (o.method, _example(o.path)) for o in (*backend_api.operations, *published_operations(backend_api))
    }
    bare = {(method, path.removeprefix("/v1")) for method, path in theirs}  # SDKs ask for some without it
    ours = {(o.method, _example(o.path)) for o in frontend_api.operations}
    return sorted(ours - theirs - bare)


def _example(path: str) -> str:
    return re.sub(r"{\w+}", "some_id", path)


def _outcome(response: httpx.Response) -> tuple[int, str]:
    errors = response.json().get("errors") if response.status_code >= 400 else None
    return response.status_code, errors[0]["code"] if errors else ""


async def test_secret_key_opens_nothing_at_the_frontend_api(server: TestServer) -> None:
    await server.browser().sign_up()
    stranger = server.browser()
    keyholder = server.browser(headers={"authorization": f"Bearer {SECRET_KEY}"})
    operations = operations_of_browsers()

    assert len(operations) > 40
    for method, path in operations:
        sent = "GET" if method == "GET" else "POST"
        asked = path if sent == method else f"{path}?_method={method}"
        stranger.http.cookies.clear()
        keyholder.http.cookies.clear()
        without = await stranger.http.request(sent, asked)
        with_key = await keyholder.http.request(sent, asked)
        assert _outcome(with_key) == _outcome(without), (method, path)


async def test_page_that_holds_a_secret_key_still_acts_for_its_own_user_only(server: TestServer) -> None:
    ada = (await server.browser().sign_up(ADA))["last_active_session_id"]
    eve = server.browser(headers={"authorization": f"Bearer {SECRET_KEY}"})

    token = await eve.http.post(f"/v1/client/sessions/{ada}/tokens")
    client = await eve.http.get("/v1/client")

    assert token.status_code in (401, 404)
    assert client.json()["response"] is None


def operations_on_ids() -> list[tuple[str, str]]:
    """Method and path of what is built at the Frontend API and names something by its id."""
    declare_operations()
    return sorted((o.method, o.path) for o in frontend_api.operations if "{" in o.path)


async def belongings(browser: Browser) -> dict[str, Any]:
    """Returns a user's own resources."""
    client = (await browser.get("/v1/client")).json()["response"]
    for session in client["sessions"]:
        del session["last_active_token"]  # minted anew each time
    addresses = (await browser.get("/v1/me/email_addresses")).json()
    return {
        "client": client,
        "addresses": addresses,
        "sessions": (await browser.get("/v1/me/sessions")).json(),
    }


async def test_id_of_another_users_object_opens_nothing(server: TestServer) -> None:
    ada, eve = server.browser(), server.browser()
    sign_up = await ada.begin_sign_up(ADA)
    client = await ada.sign_up(ADA)
    user = client["sessions"][0]["user"]
    waiting = await server.browser().post("/v1/client/sign_ins", identifier=ADA)
    ids = [client["id"], client["last_active_session_id"], user["id"], user["primary_email_address_id"]]
    ids += [sign_up["id"], waiting.json()["response"]["id"]]
    await eve.sign_up("eve+clerk_test@example.com")
    before = await belongings(ada)
    operations = operations_on_ids()

    assert len(operations) > 15
    for method, path in operations:
        for one in ids:
            sent = "GET" if method == "GET" else "POST"
            asked = re.sub(r"{\w+}", one, path) + ("" if sent == method else f"?_method={method}")
            response = await eve.http.request(sent, asked)
            assert response.status_code in (400, 401, 403, 404, 422), (method, asked, response.status_code)
            assert ADA not in response.text
    assert await belongings(ada) == before
