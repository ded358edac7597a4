"""Numbers of a country whose people prefer WhatsApp, with the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.pages.sign_in.test_phone_numbers import SETTINGS
from tests.browser.sites import example_site
from tests.browser.visitor import Site, Visitor

pytestmark = pytest.mark.browser

NUMBER = "+12025550243"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance that proposes WhatsApp in the United States."""
    settings = f'{SETTINGS}\n[phone_numbers.preferred_channels]\nUS = "whatsapp"\n'
    with example_site(tmp_path_factory.mktemp("preferred"), settings) as site:
        yield site


def messages(visitor: Visitor) -> list[dict[str, Any]]:
    where = f"{visitor.site.greffier}/inbox"
    return visitor.context.request.get(where, params={"to": NUMBER}).json()


def test_ordinary_forms_ask_for_a_code_by_whatsapp_and_sms_is_a_click_away(visitor: Visitor):
    visitor.tolerated = ("img.clerk.com",)  # the mark of WhatsApp is on another site
    page = visitor.page
    visitor.go("/sign-up")
    page.get_by_label("Phone number").fill("2025550243")
    page.get_by_role("button", name="Continue", exact=True).click()
    code = page.get_by_label("Enter verification code")
    code.wait_for()
    visitor.see("preferred-sign-up")
    (of_sign_up,) = messages(visitor)
    code.press_sequentially(of_sign_up["code"])
    visitor.expect_dashboard()
    visitor.sign_out()

    visitor.go("/sign-in")
    page.get_by_text("Use phone").click()
    page.get_by_label("Phone number").fill("2025550243")
    page.get_by_role("button", name="Continue", exact=True).click()
    code.wait_for()
    visitor.see("preferred-sign-in")
    of_sign_in = messages(visitor)[0]
    page.get_by_text("Send code via SMS instead").click()
    page.get_by_text("Check your phone").wait_for()
    visitor.see("preferred-by-sms")
    by_sms = messages(visitor)[0]
    code.press_sequentially(by_sms["code"])
    visitor.expect_dashboard()

    assert [one["channel"] for one in (of_sign_up, of_sign_in, by_sms)] == ["whatsapp", "whatsapp", "sms"]
