"""The `object` of verifications."""

from __future__ import annotations

import pytest

from greffier.server.verifications.resources import kind_of


@pytest.mark.parametrize(
    ("strategy", "kind"),
    [
        ("email_code", "verification_otp"),
        ("phone_code", "verification_otp"),
        ("reset_password_email_code", "verification_otp"),
        ("reset_password_phone_code", "verification_otp"),
        ("email_link", "verification_email_link"),
        ("password", "verification_password"),
        ("ticket", "verification_ticket"),
        ("admin", "verification_admin"),
        ("totp", "verification_totp"),
        ("backup_code", "verification_backup_code"),
        ("passkey", "verification_passkey"),
        ("oauth_google", "verification_oauth"),
        ("oauth_custom_acme", "verification_oauth"),
        ("from_oauth_google", "verification_from_oauth"),
        ("web3_solana_signature", "verification_web3"),
        ("saml", "verification_saml"),
    ],
)
def test_kind_is_the_published_one_of_the_strategy(strategy: str, kind: str) -> None:
    assert kind_of(strategy) == kind
