"""Few files know that one kind of identification is an email address: the next kind touches its own alone."""

from __future__ import annotations

import re
from pathlib import Path

import greffier.server

SERVER = Path(greffier.server.__file__).parent
NAME = re.compile(r"e-?mail", re.IGNORECASE)

OWN = (
    "delivery/*.py",
    "errors/users/blocked_addresses.py",
    "identifications/email_addresses/*.py",
    "strategies/email_*.py",
    "strategies/oauth_providers/*.py",
    "strategies/sent/mailed_*.py",
    "strategies/reset_password_email_code.py",
    "users/email_addresses/*.py",
)
"""Files about email addresses: the kind, its strategies, its doors, the writing and sending of mail, and
what OAuth providers tell."""

OTHER_SENSES = {
    **dict.fromkeys(
        (
            "admission/invitation_list.py",
            "admission/invitations.py",
            "admission/requests.py",
            "admission/resources.py",
            "admission/tables.py",
            "errors/invitations.py",
            "errors/organizations.py",
            "organizations/invitations/frontend_api.py",
            "organizations/invitations/lifecycle.py",
            "organizations/invitations/queries.py",
            "organizations/invitations/requests.py",
            "organizations/invitations/resources.py",
            "organizations/invitations/search.py",
            "organizations/tables.py",
        ),
        "an invitation is mail to an address, with or without a user",
    ),
    **dict.fromkeys(
        (
            "development_provider/people.py",
            "hosted_pages/development_provider.py",
            "oauth_provider/discovery.py",
            "oauth_provider/scopes.py",
            "oauth_provider/tokens/user_claims.py",
        ),
        "scope and claims of OpenID Connect",
    ),
    **dict.fromkeys(
        (
            "errors/users/missing_accounts.py",
            "store/migrations/versions/0015_external_accounts.py",
            "strategies/oauth/account_strategy.py",
            "strategies/oauth/connections.py",
            "strategies/oauth/describing.py",
            "strategies/oauth/linking.py",
            "users/external_accounts/accounts.py",
            "users/external_accounts/links.py",
            "users/external_accounts/own_accounts.py",
            "users/external_accounts/resources.py",
            "users/external_accounts/tables.py",
            "web/instance/feature_settings.py",
        ),
        "what another site says of a person",
    ),
    "hosted_pages/unauthorized.py": "the address of the operator's support",
    "store/migrations/before_numbers.py": "the former schema",
    "store/migrations/versions/0001_baseline.py": "the former schema",
    "store/migrations/versions/0003_identifications.py": "the former schema",
    "store/migrations/versions/0008_address_families.py": "rows of the kind",
    "store/migrations/versions/0005_message_channels.py": "mail, beside text messages",
    "web/http/cookies.py": "the standard library's module `email`",
}
"""Files that name what is no identification of a user, and what."""

MAY = {
    "instances/environment.py": "fields of the contract's environment",
    "instances/not_built.py": "paths of settings",
    "sessions/tokens/template_tokens.py": "a published shortcode",
    "sign_ups/resources.py": "a field of the contract's sign-up",
    "users/requests.py": "fields of the contract's requests",
    "users/resources.py": "fields of the contract's user",
    "users/search.py": "filters and orders of the contract",
    "verifications/resources.py": "kinds of verifications in the contract",
    "web/instance/protection_settings.py": "a section of the settings",
    "web/instance/settings.py": "the attribute's section of the settings",
}
"""Files that name the identification, and why: the contract or the settings have a name for it there."""


def test_files_that_name_email_addresses_are_few_and_have_a_reason() -> None:
    naming = {
        str(path.relative_to(SERVER)) for path in SERVER.rglob("*.py") if NAME.search(path.read_text("utf-8"))
    }
    own = {str(path.relative_to(SERVER)) for pattern in OWN for path in SERVER.glob(pattern)}

    assert naming - own == OTHER_SENSES.keys() | MAY.keys()
    assert len(MAY) < 12
