"""The examples of the other frameworks in a real browser: sign up, protected page, API, sign out, sign in."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser.own_account import claims_of, on_two_devices, sign_out_the_other_device
from tests.browser.visitor import NewVisitor, Visitor, new_address
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

each_framework = pytest.mark.parametrize("site", ["flask", "django", "litestar"], indirect=True)


@each_framework
def test_person_signs_up_and_the_application_knows_them(visitor: Visitor) -> None:
    visitor.go("/")
    expect(visitor.page.get_by_role("heading", name="Every tree remembers its gardener.")).to_be_visible()
    visitor.page.get_by_role("link", name="Create an account").click()
    address = new_address()
    visitor.sign_up(address)

    user_id = visitor.page.evaluate("Clerk.user.id")
    expect(visitor.page.locator("#user-id")).to_have_text(user_id)
    said = visitor.ask_api()
    assert said["user_id"] == user_id
    assert said["session_id"] == visitor.page.evaluate("Clerk.session.id")
    assert said.get("django_user", {"username": user_id, "email": address}) == {
        "username": user_id,
        "email": address,
    }
    visitor.page.get_by_role("button", name="Ask the API who I am").click()
    expect(visitor.page.locator("#answer")).to_contain_text(user_id)


@each_framework
def test_person_signs_out_of_the_application_and_comes_back_to_the_page_they_wanted(visitor: Visitor) -> None:
    visitor.tolerated = ("401 (Unauthorized) at " + visitor.site.url + "/api/me",)
    address = new_address()
    visitor.sign_up(address)
    visitor.sign_out()
    assert visitor.ask_api()["errors"][0]["code"] == "authentication_required"

    visitor.go("/profile/security")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.enter_password(address)
    expect(visitor.page.get_by_text("Active devices")).to_be_visible()
    assert visitor.page.url == f"{visitor.site.url}/profile/security"


@each_framework
def test_person_without_a_role_is_told_so(visitor: Visitor) -> None:
    visitor.tolerated = (f" at {visitor.site.url}/api/reports",)
    visitor.sign_up(new_address())

    refused = visitor.page.evaluate("async () => (await fetch('/api/reports')).json()")
    assert refused["errors"][0]["code"] == "authorization_invalid"


@pytest.mark.parametrize("site", ["separate", "embedded", "flask", "django", "litestar"], indirect=True)
def test_application_and_page_get_a_token_for_another_service(visitor: Visitor) -> None:
    def token_of_the_application() -> str | None:
        return visitor.page.evaluate("async () => (await fetch('/api/hasura-token')).json()")["token"]

    visitor.sign_up(new_address())
    user_id = visitor.page.evaluate("Clerk.user.id")
    assert token_of_the_application() is None

    made = visitor.context.request.post(
        f"{visitor.site.greffier}/v1/jwt_templates",
        headers={"authorization": f"Bearer {visitor.site.secret_key}"},
        data={"name": "hasura", "claims": {"aud": "hasura", "who": "{{user.id}}"}},
    )
    assert made.ok, made.text()

    by_application = claims_of(token_of_the_application() or "")
    by_page = claims_of(visitor.page.evaluate("Clerk.session.getToken({template: 'hasura'})"))
    for claims in (by_application, by_page):
        assert (claims["aud"], claims["who"], claims["sub"]) == ("hasura", user_id, user_id)
    assert by_page["azp"] == visitor.site.url


@pytest.mark.parametrize("site", ["flask"], indirect=True)
def test_application_refuses_a_device_within_a_minute_after_another_one_signed_it_out(
    new_visitor: NewVisitor,
) -> None:
    """In real time: a minute, and the five seconds by which clocks may differ."""
    here, there = on_two_devices(new_visitor)
    there.page.goto("about:blank")  # only the cookies are left
    token, me = there.token(), f"{there.site.url}/api/me"
    sign_out_the_other_device(here)

    def is_refused() -> bool:
        return there.context.request.get(me).status == 401

    wait_until(is_refused, "the token is refused", seconds=75)
    assert 0 <= time.time() - claims_of(token)["exp"] < 15
    assert here.ask_api()["session_id"] == here.page.evaluate("Clerk.session.id")
