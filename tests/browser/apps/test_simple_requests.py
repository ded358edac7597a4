"""Browsers send only requests to the Frontend API that need no preflight."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, expect

from tests.browser.own_account import change_name
from tests.browser.visitor import Visitor, new_address

# On another origin than the pages: embedded, nothing would be asked.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("site", ["separate"], indirect=True)]

# Fetch standard, section 2.2.2: a body of any other type is preceded by a preflight.
SAFELISTED_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
SET_BY_THE_BROWSER = ("sec-", "accept", "origin", "referer", "user-agent", "content-length", "host", "cookie")
SET_BY_THE_BROWSER_TOO = {"connection", "cache-control", "pragma", "priority", "content-type", "dnt"}


def requests_of_the_main_job(visitor: Visitor) -> list[Request]:
    """Requests that scripts sent while a user signed up, changed their name, and signed out and in."""
    address = new_address()
    visitor.sign_up(address)
    change_name(visitor, "Ada", "Lovelace")
    visitor.go("/dashboard")
    visitor.sign_out()
    visitor.sign_in(address)
    sent = [response.request for response in visitor.responses]
    return [
        r for r in sent if r.url.startswith(f"{visitor.site.greffier}/v1/") and r.resource_type == "fetch"
    ]


def test_everyday_requests_of_the_browser_sdk_cause_no_preflight(visitor: Visitor) -> None:
    requests = requests_of_the_main_job(visitor)

    assert len(requests) > 15
    assert {"PATCH", "DELETE"} <= {r.url.partition("_method=")[2].partition("&")[0] for r in requests}
    assert visitor.preflights == []


def test_sdk_sends_get_and_post_without_a_header_of_its_own(visitor: Visitor) -> None:
    requests = requests_of_the_main_job(visitor)

    assert {request.method for request in requests} == {"GET", "POST"}
    headers = [request.all_headers() for request in requests]
    types = {one["content-type"].partition(";")[0] for one in headers if "content-type" in one}
    assert types
    assert types <= SAFELISTED_TYPES
    added = {name for one in headers for name in one if not name.startswith(SET_BY_THE_BROWSER)}
    assert added <= SET_BY_THE_BROWSER_TOO


def test_a_mutation_takes_one_round_trip(visitor: Visitor) -> None:
    visitor.sign_up(new_address())
    page = visitor.page
    expect(page.get_by_role("button", name="Open user menu")).to_be_visible()
    sent: list[str] = []
    network = visitor.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", lambda event: sent.append(event["request"]["url"]))

    name = page.evaluate("Clerk.user.update({firstName: 'Ada'}).then((user) => user.firstName)")

    to_greffier = [url for url in sent if url.startswith(f"{visitor.site.greffier}/v1/")]
    assert name == "Ada"
    assert len(to_greffier) == 1, sent
    assert "/v1/me?" in to_greffier[0]
