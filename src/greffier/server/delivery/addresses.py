"""Email addresses as text: canonical form, mailbox, ASCII domain."""

from __future__ import annotations

import re
import unicodedata

from greffier.server.store.matching import ascii_lower

PARAM = "email_address"
"""The wire's name of an address."""


def canonical(address: str) -> str:
    """The form in which addresses are compared everywhere: no two owners have the same one.

    The domain is an A-label (RFC 5891, UTS #46 non-transitional: `ß` and `ς` are letters of their own). The
    local part is in NFC, and only the letters of ASCII lose their case: what other letters become when they
    are folded differs between mail servers.

    Args:
        address: normalised or as typed. Text that is no address is treated alike, so that a filter finds
            nothing.
    """
    local, at, domain = address.strip().rpartition("@")
    return f"{ascii_lower(unicodedata.normalize('NFC', local))}{at}{ascii_lower(_a_label(domain))}"


def mailbox(address: str) -> str:
    """The mailbox that an address leads to, for limits alone: many providers deliver `v.i+1@` and `VI@` to
    one person. Two people may share it where they do not, so it is never used to verify or find a user.
    """
    local, at, domain = canonical(address).rpartition("@")
    whole = local.casefold()
    return f"{whole.partition('+')[0].replace('.', '') or whole}{at}{domain}"


_GMAIL = ("gmail.com", "googlemail.com")
_YAHOO = ("yahoo.", "ymail.", "rocketmail.", "myyahoo.")
_SEPARATORS = re.compile(r"[+=#]")
_SEPARATORS_OF_YAHOO = re.compile(r"[+=#-]")


def family(address: str) -> str:
    """The plain spelling of an address, in canonical form: without sub-address (RFC 5233), and at Gmail also
    without dots. Whether the mail server really delivers both to one person is not known.
    """
    local, _, domain = canonical(address).rpartition("@")
    plain = _without_subaddress(local, domain)
    if domain in _GMAIL:
        domain, plain = _GMAIL[0], plain.replace(".", "")
    return f"{plain}@{domain}"


def has_subaddress(address: str) -> bool:
    """Returns whether an address names a part of a mailbox, as `ada+news@example.com` does."""
    local, _, domain = canonical(address).rpartition("@")
    return _without_subaddress(local, domain) != local


def _without_subaddress(local: str, domain: str) -> str:
    separators = _SEPARATORS_OF_YAHOO if domain.startswith(_YAHOO) else _SEPARATORS
    return separators.split(local, maxsplit=1)[0] or local


def ascii_domain(address: str) -> str:
    """The address with its domain as every mail server understands it (RFC 5891)."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_a_label(domain)}"


def _a_label(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna  # its tables take half a megabyte

    try:
        return idna.encode(domain, uts46=True, transitional=False).decode()
    except idna.IDNAError:
        return unicodedata.normalize("NFC", domain)


def is_test_address(address: str) -> bool:
    """Addresses with the subaddress `+clerk_test` take the fixed code and get no mail."""
    return "+clerk_test" in address.rpartition("@")[0]
