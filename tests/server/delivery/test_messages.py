"""Texts of the mails."""

import pytest

from greffier.server.delivery.messages import (
    InvitationMessage,
    Message,
    Notice,
    account_exists_message,
    invitation_message,
    no_account_message,
    organization_invitation_message,
    primary_email_changed_message,
    sign_in_code_message,
    verification_code_message,
    waitlist_invitation_message,
)

MINUTES = 60_000


def verification(application_name: str = "Otter") -> Message:
    return verification_code_message(
        to_address="ada@example.com",
        application_name=application_name,
        code="042137",
        lifetime_ms=10 * MINUTES,
    )


def sign_in() -> Message:
    return sign_in_code_message(
        to_address="ada@example.com", application_name="Otter", code="042137", lifetime_ms=10 * MINUTES
    )


@pytest.mark.parametrize("message", [verification(), sign_in()], ids=lambda m: m.kind)
def test_a_code_mail_tells_the_code_and_how_long_it_is_valid_in_text_and_html(message: Message):
    for body in (message.body_text, message.body_html):
        assert "042137" in body
        assert "valid for 10 minutes" in body
        assert "Otter" in body
    assert message.code == "042137"
    assert message.useful_for_ms == 10 * MINUTES


def test_the_two_code_mails_are_told_apart_by_their_subject():
    assert verification().subject == "Your Otter verification code"
    assert sign_in().subject == "Your Otter sign-in code"


def test_the_subject_never_holds_the_code():
    assert "042137" not in verification().subject + sign_in().subject


def test_an_application_name_cannot_bring_markup_into_the_html():
    message = verification("<img src=x> & Sons")
    assert "<img" not in message.body_html
    assert "&lt;img src=x&gt; &amp; Sons" in message.body_html


def test_the_text_shows_an_application_name_as_it_is():
    assert "in Otter & Sons to confirm" in verification("Otter & Sons").body_text


def test_an_application_name_cannot_break_the_subject_line():
    assert verification("Otter\r\nBcc: eve@example.com").subject == (
        "Your Otter Bcc: eve@example.com verification code"
    )


def test_an_application_name_is_never_run_as_a_template():
    assert "{{ 7 * 7 }}" in verification("{{ 7 * 7 }}").body_text


def test_the_html_loads_nothing_from_elsewhere():
    for message in (verification(), sign_in()):
        assert "http" not in message.body_html
        assert "url(" not in message.body_html


@pytest.mark.parametrize("notice", [no_account_message, account_exists_message])
def test_notices_prove_nothing(notice: Notice):
    message = notice(to_address="ada@example.com", application_name="Otter & Sons")

    assert "Otter & Sons account" in message.subject
    assert "no code and no link in this message" in " ".join(message.body_text.split())
    assert "Otter &amp; Sons" in message.body_html
    assert (message.code, message.links) == (None, ())


def test_the_former_primary_address_is_told_what_changed_and_what_to_do():
    message = primary_email_changed_message(to_address="ada@example.com", application_name="Otter & Sons")

    assert message.subject == "Your primary email address for Otter & Sons was changed"
    assert "contact Otter & Sons at once" in message.body_text
    assert "contact Otter &amp; Sons at once" in message.body_html
    assert message.code is None
    assert message.useful_for_ms is None


@pytest.mark.parametrize("invite", [invitation_message, waitlist_invitation_message])
@pytest.mark.parametrize(("days", "lifetime"), [(1, "works for 1 day,"), (30, "works for 30 days,")])
def test_an_invitation_has_a_link_that_works_for_days(invite: InvitationMessage, days: int, lifetime: str):
    link = "https://clerk.example.com/v1/tickets/accept?ticket=a.b.c"
    message = invite(to_address="ada@example.com", application_name="Otter & Sons", link=link, days=days)

    for body in (message.body_text, message.body_html):
        assert link in body
        assert lifetime in body
        assert "minute" not in body
    assert "Otter & Sons" in message.subject
    assert "Otter &amp; Sons" in message.body_html
    assert (message.code, message.links) == (None, (link,))
    assert message.useful_for_ms == days * 24 * 60 * MINUTES


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Win at https://evil.example/x now", "Win at now"),
        ("See www.evil.example today", "See today"),
        ("evil.example", "evil example"),
        ("call me@evil.example", "call me evil example"),
        ("evil\u3002example", "evil example"),
        ("e\u200bvil\u202e.example", "evil example"),
        ("https://evil.example", "an organization"),
        ("Acme Inc.", "Acme Inc."),
        ("a" * 200, "a" * 63 + "…"),
    ],
)
def test_chosen_name_cannot_carry_a_message_to_strangers(name: str, shown: str):
    message = organization_invitation_message(
        to_address="ada@example.com",
        application_name="Greffier",
        organization_name=name,
        link="https://example.com/sign-in",
        days=30,
    )

    assert message.subject == f"You are invited to join {shown} on Greffier"
    assert "evil.example" not in message.body_text + message.body_html
