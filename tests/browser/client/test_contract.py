"""Our browser client sends what the published one sends, against a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.client.flows import FLOWS
from tests.browser.client.pages import Client, served_pages
from tests.browser.development_provider import SOCIAL
from tests.browser.visitor import new_address
from tests.support.server import PASSWORD, TEST_CODE
from tests.support.services.processes import Serving, apply_settings, greffier_dev

pytestmark = pytest.mark.browser

REFRESH = "/v1/client/sessions/ID/tokens"
"""Either client asks for a new token at times of its own; the flow that asks for one is FORCED."""
FORCED = "token without the cache"
ORGANIZATIONS = "\n[organizations]\nenabled = true\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("client")) as serving:
        apply_settings(serving.data, serving.url, ORGANIZATIONS + SOCIAL)
        template = {"name": "hasura", "claims": {"role": "user"}}
        serving.backend().post("/v1/jwt_templates", json=template).raise_for_status()
        yield serving


@pytest.fixture(scope="module")
def pages(server: Serving) -> Iterator[str]:
    with served_pages(server) as url:
        yield url


def values(address: str) -> dict[str, str]:
    return {"email": address.replace("@", "+clerk_test@"), "password": PASSWORD, "code": TEST_CODE}


def done_by(client: Client, number: int) -> dict[str, list[object]]:
    """Returns the requests of each flow. `number`: of the script of the client."""
    person = values(new_address())
    sent: dict[str, list[object]] = {"load": list(client.sent)}
    for name, scripts in FLOWS.items():
        client.sent.clear()
        client.run(scripts[number], **person)
        sent[name] = [asked for asked in client.sent if asked[1] != REFRESH or name == FORCED]
    return sent


def test_requests_of_every_flow_are_those_of_the_published_client(
    chromium: Browser, server: Serving, pages: str
) -> None:
    official = Client.opened(chromium.new_context(), f"{pages}/official", server)
    own = Client.opened(chromium.new_context(), f"{pages}/own", server)

    expected, sent = done_by(official, 0), done_by(own, 1)

    different = [name for name in expected if sent[name] != expected[name]]
    assert {name: sent[name] for name in different} == {name: expected[name] for name in different}
    assert sent.keys() == expected.keys()
    assert own.preflights == []
    own.page.context.close()
    official.page.context.close()


def test_tabs_share_a_sign_in_and_a_sign_out(chromium: Browser, server: Serving, pages: str) -> None:
    context = chromium.new_context()
    here, there = (Client.opened(context, f"{pages}/own", server) for _ in range(2))

    here.run(FLOWS["sign-up by a code"][1], **values(new_address()))
    there.page.wait_for_function("greffier.getSnapshot().user")
    session_id = "return greffier.getSnapshot().session.id"
    assert there.run(session_id) == here.run(session_id)
    here.run("await greffier.signOut()")

    there.page.wait_for_function("greffier.getSnapshot().session === null")
    assert "__session" not in {cookie["name"] for cookie in context.cookies(pages)}
    context.close()


def test_a_reload_keeps_the_session_and_a_revoked_one_ends(
    chromium: Browser, server: Serving, pages: str
) -> None:
    client = Client.opened(chromium.new_context(), f"{pages}/own", server)
    client.run(FLOWS["sign-up by a code"][1], **values(new_address()))
    client.page.reload()
    client.page.wait_for_function("window.ready")
    session_id = client.run("return greffier.getSnapshot().session.id")

    server.backend().post(f"/v1/sessions/{session_id}/revoke").raise_for_status()

    code = client.run("return greffier.getToken({ skipCache: true }).catch((error) => error.status)")
    assert code in {401, 404}
    assert client.run("return greffier.getSnapshot().session") is None
    client.page.context.close()


@pytest.mark.parametrize("way", ["", "?sent"], ids=["requests of ours", "requests by the published client"])
def test_beside_the_published_client_that_one_sees_the_user(
    chromium: Browser, server: Serving, pages: str, way: str
) -> None:
    client = Client.opened(chromium.new_context(), f"{pages}/beside{way}", server)
    person = values(new_address())

    client.run(FLOWS["sign-up by a code"][1], **person)

    assert client.run("return Clerk.user.primaryEmailAddress.emailAddress") == person["email"]
    assert client.run("return greffier.getSnapshot().session.id") == client.run("return Clerk.session.id")
    assert client.run("return greffier.getToken()") == client.run("return Clerk.session.getToken()")
    client.run(FLOWS["change of the name"][1])
    client.page.wait_for_function("greffier.getSnapshot().user.firstName === 'Ada'")
    assert client.preflights == []
    client.page.context.close()
