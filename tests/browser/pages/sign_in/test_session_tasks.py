"""A user whose password is compromised, in a real browser with the unmodified browser components."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from scripts.run_example import environment_of, example_app, greffier_server
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.services.ports import free_port

pytestmark = pytest.mark.browser

NEW_PASSWORD = "a wholly different battery"


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, httpx.Client]]:
    """The example, and the Backend API of its server."""
    with ExitStack() as stack:
        _, facts = stack.enter_context(greffier_server(tmp_path_factory.mktemp("tasks"), 0))
        _, url = stack.enter_context(example_app(free_port(), environment_of(facts)))
        credentials = {"authorization": f"Bearer {facts['secret_key']}"}
        client = stack.enter_context(httpx.Client(base_url=facts["backend_api_url"], headers=credentials))
        yield Site(url, facts["frontend_api_url"]), client


@pytest.fixture(scope="module")
def site(backend: tuple[Site, httpx.Client]) -> Site:
    return backend[0]


def test_compromised_password_is_replaced_before_the_application_lets_its_user_in(
    visitor: Visitor, backend: tuple[Site, httpx.Client]
) -> None:
    page, address = visitor.page, new_address()
    visitor.tolerated = ("status of 422", "status of 401")  # the browser's own lines for what is refused
    visitor.sign_up(address)
    user = page.evaluate("Clerk.user.id")
    marked = backend[1].post(f"/v1/users/{user}/password/set_compromised", json={"revoke_all_sessions": True})
    assert marked.status_code == 200, marked.text
    visitor.go("/sign-in")
    visitor.enter_password(address)
    by_code = page.get_by_role("button", name="Email code")
    by_code.wait_for()
    visitor.see("compromised-password")
    by_code.click()
    visitor.enter_code(address)
    new_password = page.get_by_label("New password", exact=True)
    new_password.wait_for()
    visitor.see("choose-another-password")
    assert page.evaluate("Clerk.session.status") == "pending"
    assert page.evaluate("async () => (await fetch('/api/me')).status") == 401

    new_password.fill(NEW_PASSWORD)
    page.get_by_label("Confirm password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Reset Password").click()

    visitor.expect_dashboard()
    assert visitor.ask_api()["user_id"] == user
