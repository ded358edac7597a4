"""Steps of a signed-in user with their own account, the same in every application."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, NewVisitor, Visitor, new_address
from tests.support.answers import claims_of

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)"


def change_name(visitor: Visitor, first: str, last: str) -> None:
    """On the profile page, which then shows the name."""
    visitor.go("/profile")
    visitor.page.get_by_role("button", name="Update profile").click()
    visitor.page.get_by_label("First name").fill(first)
    visitor.page.get_by_label("Last name").fill(last)
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.page.get_by_label("First name")).to_be_hidden()
    expect(visitor.page.get_by_text(f"{first} {last}").first).to_be_visible()


def change_password(visitor: Visitor, new: str) -> None:
    """On the security page. Components ask for the current password unless they verify a factor instead."""
    page = visitor.page
    visitor.go("/profile/security")
    page.get_by_role("button", name="Update password").click()
    page.get_by_label("New password", exact=True).fill(new)
    if (current := page.get_by_label("Current password", exact=True)).is_visible():
        current.fill(PASSWORD)
    page.get_by_label("Confirm password", exact=True).fill(new)
    with page.expect_response("**/change_password?*") as changed:
        page.get_by_role("button", name="Save").click()
    assert changed.value.ok
    expect(page.get_by_label("New password", exact=True)).to_be_hidden()


def watch_refreshes(visitor: Visitor, count: int) -> None:
    """Wait, in real time, until the session token was replaced so often, each time before it expired."""
    seen = [visitor.token()]
    deadline = time.monotonic() + 75 * count
    while len(seen) <= count:
        assert time.monotonic() < deadline, f"{len(seen) - 1} refreshes"
        visitor.page.wait_for_timeout(250)
        if (token := visitor.token()) != seen[-1]:
            seen.append(token)
            assert time.time() < claims_of(seen[-2])["exp"], "the former one had expired"
    issued = [claims_of(token)["iat"] for token in seen]
    assert issued == sorted(set(issued))
    assert {claims_of(token)["exp"] - claims_of(token)["iat"] for token in seen} == {60}


def on_two_devices(new_visitor: NewVisitor) -> tuple[Visitor, Visitor]:
    """One person at a computer, and on the telephone on which they signed up."""
    here, there = new_visitor(), new_visitor(user_agent=IPHONE)
    address = new_address()
    there.sign_up(address)
    here.sign_in(address)
    return here, there


def sign_out_the_other_device(visitor: Visitor) -> None:
    """Of the two that the security page shows."""
    visitor.go("/profile/security")
    expect(visitor.page.get_by_text("Active devices")).to_be_visible()
    expect(visitor.page.get_by_text("This device")).to_be_visible()
    visitor.see("devices")
    visitor.page.get_by_role("button", name="Open menu").last.click()
    with visitor.page.expect_response("**/revoke?*") as revoked:
        visitor.page.get_by_role("menuitem", name="Sign out of device").click()
    assert revoked.value.ok
    visitor.page.reload()
    expect(visitor.page.get_by_text("This device")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Open menu")).to_have_count(0)


def expect_no_more_tokens(visitor: Visitor) -> None:
    """The next refresh is refused: that, and nothing else, is an error in the console."""
    visitor.tolerated = (f"401 (Unauthorized) at {visitor.site.greffier}/v1/client/sessions/",)
    before = len(visitor.responses)
    with visitor.page.expect_response("**/tokens?*") as refused:
        # Not awaited: clerk-js leaves the page as soon as it is refused.
        visitor.page.evaluate("void Clerk.session.getToken({skipCache: true}).catch(() => null)")
    assert refused.value.status == 401
    assert {r.status for r in visitor.responses[before:] if "/tokens" in r.url} == {401}
