"""Tokens for other services (S4.11), which need JWT templates: what is said while none can be made."""

from __future__ import annotations

from tests.support.answers import error_of
from tests.support.server import TestServer


async def test_s4_11_making_a_jwt_template_is_said_not_to_be_built(server: TestServer) -> None:
    backend = server.backend()

    response = await backend.post("/v1/jwt_templates", name="hasura", claims={"role": "user"})

    assert error_of(response)[:2] == (501, "not_implemented")
    assert (await backend.get("/v1/jwt_templates")).status_code == 501


async def test_s4_11_token_by_a_template_is_not_found_while_there_are_none(server: TestServer) -> None:
    browser, backend = server.browser(), server.backend()
    session_id = (await browser.sign_up())["last_active_session_id"]

    from_page = await browser.post(f"/v1/client/sessions/{session_id}/tokens/hasura")
    from_backend = await backend.post(f"/v1/sessions/{session_id}/tokens/hasura")

    assert error_of(from_page)[:2] == error_of(from_backend)[:2] == (404, "resource_not_found")
