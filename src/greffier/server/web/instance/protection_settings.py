"""Sections of an instance's settings about attacks on accounts."""

from __future__ import annotations

from typing import Annotated

import msgspec


class LockoutRules(msgspec.Struct, frozen=True, kw_only=True):
    """After `max_attempts` failed attempts in a row a user cannot sign in for `duration` seconds. NIST SP
    800-63B section 3.2.2 allows 100.
    """

    enabled: bool = True
    max_attempts: Annotated[int, msgspec.Meta(ge=5, le=100)] = 10
    duration: Annotated[int, msgspec.Meta(ge=60, le=31_536_000)] = 3600


class EmailLinkRules(msgspec.Struct, frozen=True, kw_only=True):
    require_same_client: bool = True
    """A link works only in the browser that asked for it. Without this rule a user can be tricked into
    opening a link that signs an attacker's browser in.
    """


class AttackProtection(msgspec.Struct, frozen=True, kw_only=True):
    lockout: LockoutRules = LockoutRules()
    enumeration_protection: bool = False
    """Do not reveal whether an address has an account. Off by default: the answer helps users who mistype
    their address, and older sign-in forms that become sign-up forms need it.
    """
    email_link: EmailLinkRules = EmailLinkRules()
    reverification: bool = True
    """Changes of how a user signs in need a factor that was verified in the last ten minutes. Without this
    rule a session that was stolen or left open is enough to take over the account. Off for applications
    whose browser SDK is older than reverification (clerk-js 4, and 5 before 5.34).
    """
    client_trust: bool = False
    """A password alone does not sign in on a device that the user has never used: a code by mail is asked
    for too."""


class PasskeyRules(msgspec.Struct, frozen=True, kw_only=True):
    """The use of passkeys in the sign-in forms, and after them."""

    allow_autofill: bool = True
    """The field of the identifier offers them."""
    show_sign_in_button: bool = True
    satisfies_second_factor: bool = True
    """A passkey is a second factor too: after it none is required, and it stands in for another one."""


class Restrictions(msgspec.Struct, frozen=True, kw_only=True):
    """Email addresses that users may not sign up with or add by themselves. Those that they have stay."""

    block_email_subaddresses: bool = False
    """Another spelling of an address that a user has, such as `ada+2@example.com`."""
    block_disposable_email_domains: bool = False
    """Domains of mailboxes that are given to all comers for some minutes."""


class ProtectRules(msgspec.Struct, frozen=True, kw_only=True):
    """A risk assessment of sign-ins and sign-ups. It is not built: these are stored and have no effect."""

    rules_enabled: bool = False
    specter_enabled: bool = False
