"""The notices about changes of an account: their kinds and their words."""

from __future__ import annotations

from typing import Literal

AccountChange = Literal[
    "new_device",
    "password_changed",
    "password_removed",
    "identification_added",
    "identification_removed",
    "primary_changed",
    "second_factor_added",
    "second_factor_removed",
    "backup_codes_created",
    "passkey_added",
    "passkey_removed",
    "trusted_device_added",
]
"""A change of an account about which its user is notified."""

ACCOUNT_CHANGES: dict[AccountChange, tuple[str, str]] = {
    "new_device": (
        "New sign-in to your account",
        "Your {application} account was used to sign in on a new device.",
    ),
    "password_changed": ("Your password was changed", "Your {application} account has a new password."),
    "password_removed": (
        "Your password was removed",
        "Your {application} account has no password any more.",
    ),
    "identification_added": (
        "Your sign-in details were changed",
        "This was added to your {application} account: {subject}.",
    ),
    "identification_removed": (
        "Your sign-in details were changed",
        "This was removed from your {application} account: {subject}.",
    ),
    "primary_changed": (
        "Your account has another primary address",
        "This is no longer the primary one of your {application} account: {subject}. Messages about your "
        "account go to another one.",
    ),
    "second_factor_added": (
        "Two-step verification was added to your account",
        "Your {application} account has a new second factor: {subject}.",
    ),
    "second_factor_removed": (
        "Two-step verification was removed from your account",
        "Your {application} account no longer has this second factor: {subject}.",
    ),
    "backup_codes_created": (
        "Your account has new backup codes",
        "New backup codes were created for your {application} account. Earlier ones no longer work.",
    ),
    "passkey_added": (
        "A passkey was added to your account",
        "Your {application} account has a new passkey: {subject}. It signs in to your account from now on.",
    ),
    "passkey_removed": (
        "A passkey was removed from your account",
        "This passkey no longer signs in to your {application} account: {subject}.",
    ),
    "trusted_device_added": (
        "A trusted device was added to your account",
        "This device signs in to your {application} account from now on, without a password: {subject}.",
    ),
}
"""Title and text of the notice about each."""

NAMED_BY_USERS: frozenset[AccountChange] = frozenset(
    {"passkey_added", "passkey_removed", "trusted_device_added"}
)
"""The changes whose subject is a name that a user has chosen."""
