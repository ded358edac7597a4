"""Another site answers by a form of its own, in a real browser: the cookie comes with the redirect."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, expect

from tests.browser.visitor import Visitor, new_address

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("site", ["separate"], indirect=True)
def test_form_of_another_site_becomes_a_navigation_with_the_cookie_of_the_client(visitor: Visitor):
    visitor.tolerated = ("400", "404")  # nothing waits for this answer
    visitor.sign_up(new_address())
    page, callback = visitor.page, f"{visitor.site.greffier}/v1/oauth_callback"
    form = (
        f"<form method='post' action='{callback}'><input name='state' value='unknown'></form>"
        "<script>document.forms[0].submit()</script>"
    )
    page.route("http://pagers.example/", lambda route: route.fulfill(content_type="text/html", body=form))
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if callback in request.url else None)

    page.goto("http://pagers.example/")
    expect(page.get_by_role("heading", name="This cannot go on")).to_be_visible()

    posted, navigated = asked
    assert posted.method == "POST"
    assert "__client=" not in (posted.header_value("cookie") or "")
    assert navigated.method == "GET"
    assert "__client=" in (navigated.header_value("cookie") or "")
