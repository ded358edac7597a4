"""Signing in by a link in a mail, in a real browser with the unmodified browser components."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.email_links import LINKS, ask_for_link, open_link
from tests.browser.sites import example_site
from tests.browser.visitor import Site, Visitor, new_address

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance where a link signs people in."""
    with example_site(tmp_path_factory.mktemp("links"), LINKS) as site:
        yield site


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
