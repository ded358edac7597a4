"""A secret key does nothing at the Frontend API (S8.1): what a browser may do is what its session may."""

from __future__ import annotations

import re

import httpx

from greffier.server.app import declare_operations
from greffier.server.web.operations import backend_api, frontend_api
from tests.support.server import SECRET_KEY, TestServer


def operations_of_browsers() -> list[tuple[str, str]]:
    """Method and path of what is built at the Frontend API and has no namesake at the Backend API."""
    declare_operations()
    theirs = {(o.method, _example(o.path)) for o in backend_api.operations}
    ours = {(o.method, _example(o.path)) for o in frontend_api.operations}
    return sorted(ours - theirs)


def _example(path: str) -> str:
    return re.sub(r"{\w+}", "some_id", path)


def _outcome(response: httpx.Response) -> tuple[int, str]:
    errors = response.json().get("errors") if response.status_code >= 400 else None
    return response.status_code, errors[0]["code"] if errors else ""


async def test_s8_1_secret_key_opens_nothing_at_the_frontend_api(server: TestServer) -> None:
    await server.browser().sign_up()
    nobody = server.browser()
    keyholder = server.browser(headers={"authorization": f"Bearer {SECRET_KEY}"})
    operations = operations_of_browsers()

    assert len(operations) > 40
    for method, path in operations:
        sent = "GET" if method == "GET" else "POST"
        asked = path if sent == method else f"{path}?_method={method}"
        nobody.http.cookies.clear()
        keyholder.http.cookies.clear()
        without = await nobody.http.request(sent, asked)
        with_key = await keyholder.http.request(sent, asked)
        assert _outcome(with_key) == _outcome(without), (method, path)


async def test_s8_1_page_that_holds_a_secret_key_still_acts_for_its_own_user_only(server: TestServer) -> None:
    ada = (await server.browser().sign_up("ada+clerk_test@example.com"))["last_active_session_id"]
    eve = server.browser(headers={"authorization": f"Bearer {SECRET_KEY}"})

    token = await eve.http.post(f"/v1/client/sessions/{ada}/tokens")
    client = await eve.http.get("/v1/client")

    assert token.status_code in (401, 404)
    assert client.json()["response"] is None
