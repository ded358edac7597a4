"""The messages this server writes: a subject, a plain text and an HTML body. Texts are in `templates/`."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from greffier.server.delivery.account_changes import ACCOUNT_CHANGES, NAMED_BY_USERS, AccountChange

if TYPE_CHECKING:
    from jinja2 import Environment

_MAX_NAME = 64
"""Characters of a third party's name in a mail."""
_JOINERS = "\u200c\u200d"  # Persian and emoji need them; other format characters turn or hide text
_URL = re.compile(r"\S*(?:://|\bwww[.。．｡])\S*", re.IGNORECASE)  # noqa: RUF001 - every dot of a domain
_DOT_BEFORE_DOMAIN = re.compile(r"(?<=\w)[.。．｡]+(?=\w{2})")  # noqa: RUF001 - UTS #46 maps these to dots


TextChannel = Literal["sms", "whatsapp"]
"""The way on which a text message leaves."""
Channel = Literal["email", "sms", "whatsapp"]
"""The way on which a message leaves."""
CHANNELS: tuple[Channel, ...] = ("email", "sms", "whatsapp")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person, ready to be queued. A text message has a plain text only."""

    kind: str
    channel: Channel = "email"
    to_address: str
    """An email address, or a phone number in E.164."""
    subject: str
    body_text: str
    body_html: str
    code: str | None = None
    links: tuple[str, ...] = ()
    useful_for_ms: int | None = None
    """Milliseconds after which it need not be sent any more; `None`: always of use."""


class CodeMessage(Protocol):
    """Writes a mail with a code that is valid for some milliseconds."""

    def __call__(self, *, to_address: str, application_name: str, code: str, lifetime_ms: int) -> Message: ...


class LinkMessage(Protocol):
    """Writes a mail with a link that works for some milliseconds."""

    def __call__(self, *, to_address: str, application_name: str, link: str, lifetime_ms: int) -> Message: ...


class InvitationMessage(Protocol):
    """Writes a mail with a link that works for some days."""

    def __call__(self, *, to_address: str, application_name: str, link: str, days: int) -> Message: ...


class Notice(Protocol):
    """Writes a mail that informs only."""

    def __call__(self, *, to_address: str, application_name: str) -> Message: ...


def verification_code_message(
    *, to_address: str, application_name: str, code: str, lifetime_ms: int
) -> Message:
    """A code that verifies an address that a user signs up with or adds.

    Args:
        lifetime_ms: milliseconds for which the code is valid.
    """
    return _code_message("verification_code", to_address, application_name, code, lifetime_ms)


def sign_in_code_message(*, to_address: str, application_name: str, code: str, lifetime_ms: int) -> Message:
    """A code that signs in the user with this address.

    Args:
        lifetime_ms: milliseconds for which the code is valid.
    """
    return _code_message("sign_in_code", to_address, application_name, code, lifetime_ms)


def verification_link_message(
    *, to_address: str, application_name: str, link: str, lifetime_ms: int
) -> Message:
    """A link that verifies an address that a user signs up with or adds."""
    return _link_message("verification_link", to_address, application_name, link, lifetime_ms)


def sign_in_link_message(*, to_address: str, application_name: str, link: str, lifetime_ms: int) -> Message:
    """A link that signs in the user with this address."""
    return _link_message("sign_in_link", to_address, application_name, link, lifetime_ms)


def reset_password_code_message(
    *, to_address: str, application_name: str, code: str, lifetime_ms: int
) -> Message:
    """A code with which the user with this address may set a new password."""
    return _code_message("reset_password_code", to_address, application_name, code, lifetime_ms)


def invitation_message(*, to_address: str, application_name: str, link: str, days: int) -> Message:
    """An invitation to sign up."""
    return _invitation_message("invitation", to_address, application_name, link, days)


def waitlist_invitation_message(*, to_address: str, application_name: str, link: str, days: int) -> Message:
    """An invitation to sign up, for an entry of the waitlist."""
    return _invitation_message("waitlist_invitation", to_address, application_name, link, days)


def organization_invitation_message(
    *, to_address: str, application_name: str, organization_name: str, link: str, days: int
) -> Message:
    """An invitation to join an organization. It verifies nothing."""
    values: dict[str, object] = {
        "application_name": _one_line(application_name),
        "organization_name": _safe_name(organization_name, "an organization"),
        "link": link,
        "days": days,
    }
    useful_for = days * 24 * 3600 * 1000
    return _message("organization_invitation", to_address, values, links=(link,), useful_for_ms=useful_for)


def primary_email_changed_message(*, to_address: str, application_name: str) -> Message:
    """A notice to the address that was an account's primary one until now."""
    return _message("primary_email_changed", to_address, {"application_name": _one_line(application_name)})


def account_changed_message(
    *,
    to_address: str,
    application_name: str,
    kind: AccountChange,
    subject: str = "",
    device: str = "",
    ip_address: str = "",
    link: str | None = None,
) -> Message:
    """A notice about a change of an account, which may have been made by an attacker.

    Args:
        subject: a name of what has changed.
        device: a name of the device that made the change, as its browser gives it.
        ip_address: of that device.
        link: ends the session that made the change; `None` where no session did.
    """
    name = _one_line(application_name)
    title, event = ACCOUNT_CHANGES[kind]
    if kind in NAMED_BY_USERS:
        subject = _safe_name(subject, "of an unknown name")
    values: dict[str, object] = {
        "application_name": name,
        "title": title,
        "event": event.format(application=name, subject=subject),
        "device": ", ".join(part for part in (_safe_name(device, ""), ip_address) if part),
        "link": link,
    }
    return _message(kind, to_address, values, links=(link,) if link else (), template="account_changed")


def passkey_refused_message(*, to_address: str, application_name: str, passkey_name: str) -> Message:
    """A notice that a passkey was refused, because there may be a copy of it."""
    return _passkey_message("passkey_refused", to_address, application_name, passkey_name)


def verification_code_text(*, to_address: str, application_name: str, code: str, lifetime_ms: int) -> Message:
    """A text message with a code that verifies a number that a user signs up with or adds.

    Args:
        lifetime_ms: milliseconds for which the code is valid.
    """
    return _text("verification_code", to_address, application_name, code, lifetime_ms)


def sign_in_code_text(*, to_address: str, application_name: str, code: str, lifetime_ms: int) -> Message:
    """A text message with a code that signs in the user with this number."""
    return _text("sign_in_code", to_address, application_name, code, lifetime_ms)


def reset_password_code_text(
    *, to_address: str, application_name: str, code: str, lifetime_ms: int
) -> Message:
    """A text message with a code with which the user with this number may set a new password."""
    return _text("reset_password_code", to_address, application_name, code, lifetime_ms)


def no_account_text(*, to_address: str, application_name: str) -> Message:
    """A notice, after an attempt to sign in, that no account has this number."""
    return _text("no_account", to_address, application_name)


def account_exists_text(*, to_address: str, application_name: str) -> Message:
    """A notice to the owner of an account that its number was used in another sign-up."""
    return _text("account_exists", to_address, application_name)


def no_account_message(*, to_address: str, application_name: str) -> Message:
    """A notice, after an attempt to sign in, that no account has this address."""
    return _message("no_account", to_address, {"application_name": _one_line(application_name)})


def account_exists_message(*, to_address: str, application_name: str) -> Message:
    """A notice to the owner of an account that its address was used in another sign-up."""
    return _message("account_exists", to_address, {"application_name": _one_line(application_name)})


def _passkey_message(kind: str, to_address: str, application_name: str, passkey_name: str) -> Message:
    values: dict[str, object] = {
        "application_name": _one_line(application_name),
        "passkey_name": _safe_name(passkey_name, "of an unknown name"),
    }
    return _message(kind, to_address, values)


def _code_message(kind: str, to_address: str, application_name: str, code: str, lifetime_ms: int) -> Message:
    values: dict[str, object] = {
        "application_name": _one_line(application_name),
        "code": code,
        "minutes": max(lifetime_ms // 60_000, 1),
    }
    return _message(kind, to_address, values, code=code, useful_for_ms=lifetime_ms)


def _text(
    kind: str, to_address: str, application_name: str, code: str | None = None, lifetime_ms: int | None = None
) -> Message:
    values: dict[str, object] = {
        "application_name": _one_line(application_name)[:_MAX_NAME],  # every 70 or 160 characters cost
        "code": code,
        "minutes": max((lifetime_ms or 0) // 60_000, 1),
    }
    return Message(
        kind=kind,
        channel="sms",
        to_address=to_address,
        subject="",
        body_text=_render(f"{kind}.sms.txt", values).strip(),
        body_html="",
        code=code,
        useful_for_ms=lifetime_ms,
    )


def _link_message(kind: str, to_address: str, application_name: str, link: str, lifetime_ms: int) -> Message:
    values: dict[str, object] = {
        "application_name": _one_line(application_name),
        "link": link,
        "minutes": max(lifetime_ms // 60_000, 1),
    }
    return _message(kind, to_address, values, links=(link,), useful_for_ms=lifetime_ms)


def _invitation_message(kind: str, to_address: str, application_name: str, link: str, days: int) -> Message:
    values: dict[str, object] = {
        "application_name": _one_line(application_name),
        "link": link,
        "days": days,
    }
    return _message(kind, to_address, values, links=(link,), useful_for_ms=days * 24 * 3600 * 1000)


def _message(
    kind: str,
    to_address: str,
    values: dict[str, object],
    *,
    code: str | None = None,
    links: tuple[str, ...] = (),
    useful_for_ms: int | None = None,
    template: str | None = None,
) -> Message:
    name = template or kind
    return Message(
        kind=kind,
        to_address=to_address,
        # Without the code: mail servers log subjects, and ours stays when the bodies are blanked.
        subject=_render(f"{name}.subject.txt", values).strip(),
        body_text=_render(f"{name}.txt", values),
        body_html=_render(f"{name}.html", values),
        code=code,
        links=links,
        useful_for_ms=useful_for_ms,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _safe_name(text: str, otherwise: str) -> str:
    """A name that a user has chosen made safe for a mail: one line, cut, and nothing in it that programs show
    as a link: `evil.example` becomes `evil example`.

    Args:
        otherwise: in place of a name that was all link.
    """
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in _JOINERS)
    shown = _DOT_BEFORE_DOMAIN.sub(" ", _URL.sub(" ", _one_line(shown)))
    shown = _one_line(shown.replace("@", " ")) or otherwise
    return shown if len(shown) <= _MAX_NAME else f"{shown[: _MAX_NAME - 1].rstrip()}…"


def _render(template: str, values: dict[str, object]) -> str:
    return _templates().get_template(template).render(values)


def _is_html(template: str | None) -> bool:
    return template is None or template.endswith(".html")


@cache
def _templates() -> Environment:
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=PackageLoader("greffier.server.delivery"),
        autoescape=_is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
