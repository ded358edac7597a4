"""Signing in by a link in a mail, in a real browser with the unmodified browser components."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from scripts.run_example import environment_of, example_app, greffier_server, port_or_free
from tests.browser.email_links import LINKS, ask_for_link, open_link
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.processes import apply_settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance where a link signs people in."""
    data = tmp_path_factory.mktemp("links")
    with ExitStack() as stack:
        _, facts = stack.enter_context(greffier_server(data, 0))
        apply_settings(data, facts["frontend_api_url"], LINKS)
        _, url = stack.enter_context(example_app(port_or_free(0), environment_of(facts)))
        yield Site(url, facts["frontend_api_url"])


def test_a_person_signs_in_by_the_link_from_the_inbox(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    user = visitor.page.evaluate("Clerk.user.id")
    visitor.sign_out()
    ask_for_link(visitor, address)
    visitor.see("email-link")

    opened = open_link(visitor, address)

    visitor.see("email-link-opened")
    assert opened.evaluate("Clerk.user.id") == user
