"""Sends messages by SMTP (RFC 5321). Where to: `GREFFIER_SMTP_URL` and `GREFFIER_MAIL_FROM`."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from greffier.server.delivery.addresses import ascii_domain
from greffier.server.delivery.sender import DeliveryError
from greffier.server.delivery.tables import MessageRow
from greffier.server.settings import SmtpSettings

if TYPE_CHECKING:
    import aiosmtplib

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_NETWORK_SECONDS = 30.0
_ENHANCED_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463
# Of answers to RCPT those about the mailbox; servers put off refusals of EHLO and MAIL until then.
_ABOUT_MAILBOX = re.compile(r"5\.(1\.(?![78]\b)|2\.|4\.[46]\b)")
_MAILBOX_CODES = (550, 551, 552, 553, 556)


class SmtpServer(msgspec.Struct, frozen=True):
    """Address and connection settings of an SMTP server, read from a URL."""

    host: str
    port: int
    scheme: str
    username: str | None
    password: str | None

    def __repr__(self) -> str:
        return f"SmtpServer({self.scheme}://{self.host}:{self.port})"


def read_smtp_url(url: str) -> SmtpServer:
    """The server that a URL names. User and password are percent-encoded (RFC 3986 section 3.2.1).

    Raises:
        ValueError: the URL cannot be used; the message does not repeat it, as it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the SMTP URL is malformed: is its port a number?") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(
            f"the SMTP URL must start with one of {', '.join(f'{s}://' for s in _DEFAULT_PORTS)}"
        )
    if not parts.hostname:
        raise ValueError("the SMTP URL names no host")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("the SMTP URL ends after the port; encode / ? # in a password as %2F %3F %23")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("the SMTP URL needs both a user and a password, or neither")
    return SmtpServer(
        host=parts.hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        scheme=parts.scheme,
        username=unquote(parts.username) if parts.username is not None else None,
        password=unquote(parts.password) if parts.password is not None else None,
    )


def read_sender(text: str) -> Address:
    """The `From` of every mail, such as `Acme <no-reply@acme.example>`.

    Raises:
        ValueError: it is no address.
    """
    name, address = parseaddr(text)
    try:
        if not text.isprintable():
            raise ValueError
        return Address(display_name=name, addr_spec=ascii_domain(address))
    except (MessageError, ValueError, IndexError):
        raise ValueError(f"{text!r} is no sender; write NAME <ADDRESS>") from None


def check_settings(settings: SmtpSettings) -> None:
    """Raises: ValueError: a setting cannot be used; the message names it, without the URL's password."""
    try:
        read_smtp_url(settings.url)
    except ValueError as error:
        raise ValueError(f"GREFFIER_SMTP_URL: {error}") from None
    try:
        read_sender(settings.sender)
    except ValueError as error:
        raise ValueError(f"GREFFIER_MAIL_FROM: {error}") from None


class SmtpSender:
    """A sender for the outbox; each message has its own connection."""

    def __init__(self, settings: SmtpSettings, *, tls: ssl.SSLContext | None = None) -> None:
        """
        Args:
            tls: which certificates to trust; those of the system when absent.

        Raises:
            ValueError: a setting cannot be used.
        """
        self._server = read_smtp_url(settings.url)
        self._from = read_sender(settings.sender)
        self._ehlo = settings.ehlo or self._from.domain
        self._carries_utf8: bool | None = None  # SMTPUTF8 (RFC 6531); not known yet
        self._tls = tls

    async def send(self, message: MessageRow) -> None:
        """Hand the message to the server.

        Raises:
            DeliveryError: the server is not there or refuses; 5xx answers to this very message or about its
                recipient are permanent.
        """
        import aiosmtplib

        mail = self._mail(message)
        try:
            async with self._connection() as connection:
                try:
                    await connection.send_message(mail)
                finally:
                    self._note_capabilities(connection)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _recipient_refused(error.recipients[0]) from None
        except aiosmtplib.SMTPDataError as error:
            raise DeliveryError(_reason(error), permanent=error.code >= 500) from None
        except aiosmtplib.SMTPResponseException as error:
            # A refusal to talk to us at all, such as a wrong password: the operator can mend it.
            raise DeliveryError(_reason(error), permanent=False, refuses_us=error.code >= 500) from None
        except aiosmtplib.SMTPNotSupported:
            raise DeliveryError("the server lacks what this message needs", permanent=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{type(error).__name__} at {self._server!r}", permanent=False) from None

    async def probe(self) -> None:
        """Ask the server which addresses it takes.

        Raises:
            DeliveryError: it is not there, or does not talk to us.
        """
        import aiosmtplib

        try:
            async with self._connection() as connection:
                if connection.is_ehlo_or_helo_needed:
                    await connection.ehlo()
                self._note_capabilities(connection)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{type(error).__name__} at {self._server!r}", permanent=False) from None

    def reaches(self, address: str) -> bool:
        """Whether the server takes mail to this address, as far as is known: letters outside ASCII before the
        `@` need SMTPUTF8 (RFC 6531)."""
        return self._carries_utf8 is not False or address.rpartition("@")[0].isascii()

    def _note_capabilities(self, connection: aiosmtplib.SMTP) -> None:
        if not connection.is_ehlo_or_helo_needed:
            self._carries_utf8 = connection.supports_extension("smtputf8")

    def _connection(self) -> aiosmtplib.SMTP:
        import aiosmtplib

        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._ehlo,
            username=server.username,
            password=server.password,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
            tls_context=self._tls,
            timeout=_NETWORK_SECONDS,
        )

    def _mail(self, message: MessageRow) -> EmailMessage:
        """The mail; `EmailMessage` refuses line breaks in headers, `Address` anything but one address."""
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"] = self._from
            mail["To"] = Address(addr_spec=ascii_domain(message.to_address))
            mail["Subject"] = message.subject
        except (MessageError, ValueError, IndexError):
            raise DeliveryError("address or subject cannot be a mail header", permanent=True) from None
        mail["Date"] = format_datetime(datetime.fromtimestamp(message.created_at / 1000, UTC))
        # The same for every attempt, so that a mail sent twice shows once.
        mail["Message-ID"] = f"<{message.id}@{self._from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies
        mail.set_content(message.body_text)
        mail.add_alternative(message.body_html, subtype="html")
        return mail


def _recipient_refused(error: aiosmtplib.SMTPResponseException) -> DeliveryError:
    """The error for an answer to RCPT: about the mailbox, or about us (our name, our sender, our network)."""
    enhanced = _ENHANCED_CODE.search(error.message)
    about_mailbox = _ABOUT_MAILBOX.match(enhanced[0]) if enhanced else error.code in _MAILBOX_CODES
    refused = error.code >= 500
    return DeliveryError(
        _reason(error),
        permanent=refused and bool(about_mailbox),
        refuses_us=refused and not about_mailbox,
    )


def _reason(error: aiosmtplib.SMTPResponseException) -> str:
    """Type and codes. The server's words stay out: they repeat addresses and sometimes credentials."""
    enhanced = _ENHANCED_CODE.search(error.message)
    return f"{type(error).__name__} {error.code}{f' {enhanced[0]}' if enhanced else ''}"
