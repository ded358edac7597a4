"""Mail on its way out, to real mail servers."""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from greffier.server.delivery.sender import DeliveryError
from greffier.server.delivery.smtp import SmtpSender
from greffier.server.delivery.tables import MessageRow
from greffier.server.settings import SmtpSettings
from tests.support.services.smtp import Delivered, MailServer

SECRET = "hunter2/?#"

MESSAGE = MessageRow(
    position=1,
    id="msg_1",
    instance_id="ins_one",
    kind="verification_code",
    channel="email",
    to_address="ada@example.com",
    subject="Your Otter & Sons code",
    body_text="Your code is 123456\n",
    body_html="<b>123456</b>\n",
    code="123456",
    links=[],
    status="queued",
    attempts=1,
    next_attempt_at=0,
    expire_at=None,
    last_error=None,
    created_at=1_700_000_000_000,
    updated_at=0,
)


async def send(url: str, message: MessageRow = MESSAGE, tls: ssl.SSLContext | None = None) -> None:
    settings = SmtpSettings(url, "Otter & Sons <no-reply@otter.example>")
    await SmtpSender(settings, tls=tls).send(message)


async def arrived(server: MailServer) -> Delivered:
    return (await asyncio.to_thread(server.wait_for))[0]


@contextmanager
def mail_server_with(
    kind: type[MailServer] = MailServer, ssl_context: ssl.SSLContext | None = None, **options: Any
) -> Iterator[MailServer]:
    """A mail server that takes options of aiosmtpd: encryption, authentication."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = kind(port)
    controller = Controller(server, hostname="127.0.0.1", port=port, ssl_context=ssl_context, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def accept(username: str, password: str) -> Callable[..., AuthResult]:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (
            username.encode(),
            password.encode(),
        )
        return AuthResult(success=known, handled=False)

    return check


async def test_a_message_arrives_with_both_bodies_and_its_headers(mail_server: MailServer):
    await send(mail_server.url)
    mail = await arrived(mail_server)
    assert (mail.sender, mail.recipients) == ("no-reply@otter.example", ["ada@example.com"])
    assert mail.message["From"] == "Otter & Sons <no-reply@otter.example>"
    assert mail.message["To"] == "ada@example.com"
    assert mail.message["Subject"] == "Your Otter & Sons code"
    assert parsedate_to_datetime(mail.message["Date"]) == datetime.fromtimestamp(1_700_000_000, UTC)
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert (mail.text, mail.html) == ("Your code is 123456\n", "<b>123456</b>\n")


async def test_a_message_that_is_sent_again_has_the_same_message_id(mail_server: MailServer):
    await send(mail_server.url)
    await send(mail_server.url)
    first, second = await asyncio.to_thread(mail_server.wait_for, count=2)
    assert first.message["Message-ID"] == second.message["Message-ID"] == "<msg_1@otter.example>"


async def test_texts_of_every_language_arrive_unchanged(mail_server: MailServer):
    message = msgspec.structs.replace(MESSAGE, subject="Code für 水獺", body_text="水獺 sagt: ÄÖÜ\n")
    await send(mail_server.url, message)
    mail = await arrived(mail_server)
    assert mail.message["Subject"] == "Code für 水獺"
    assert mail.text == "水獺 sagt: ÄÖÜ\n"


async def test_an_internationalised_domain_goes_out_in_its_ascii_form(mail_server: MailServer):
    await send(mail_server.url, msgspec.structs.replace(MESSAGE, to_address="ada@bücher.example"))
    assert (await arrived(mail_server)).recipients == ["ada@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nRCPT TO:<eve@example.com>",
        "ada@example.com, eve@example.com",
        "ada@example.com> SIZE=1 <eve@example.com",
        "Eve <eve@example.com>",
        "no address",
        "",
    ],
)
async def test_an_address_that_is_not_exactly_one_address_is_refused(mail_server: MailServer, address: str):
    with pytest.raises(DeliveryError) as refused:
        await send(mail_server.url, msgspec.structs.replace(MESSAGE, to_address=address))
    assert refused.value.permanent
    assert mail_server.messages == []


async def test_a_subject_cannot_bring_another_header(mail_server: MailServer):
    with pytest.raises(DeliveryError) as refused:
        await send(mail_server.url, msgspec.structs.replace(MESSAGE, subject="Hello\r\nBcc: eve@example.com"))
    assert refused.value.permanent
    assert mail_server.messages == []


@pytest.mark.parametrize(
    ("reply", "permanent", "reason"),
    [
        ("451 4.3.0 Try again, ada@example.com", False, "SMTPDataError 451 4.3.0"),
        ("554 5.7.1 No spam from ada@example.com", True, "SMTPDataError 554 5.7.1"),
        ("554 no", True, "SMTPDataError 554"),
    ],
)
async def test_a_refusal_is_permanent_if_it_is_5xx_and_told_by_its_codes_alone(
    mail_server: MailServer, reply: str, permanent: bool, reason: str
):
    mail_server.refuse_next(reply)
    with pytest.raises(DeliveryError) as refused:
        await send(mail_server.url)
    assert (refused.value.permanent, refused.value.reason) == (permanent, reason)


async def test_an_unknown_recipient_is_a_permanent_refusal_that_does_not_name_them():
    class NoMailboxes(MailServer):
        async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
            return "550 5.1.1 <ada@example.com>: unknown"

    with mail_server_with(NoMailboxes) as server, pytest.raises(DeliveryError) as refused:
        await send(server.url)
    assert (refused.value.permanent, refused.value.reason) == (True, "SMTPRecipientRefused 550 5.1.1")


class Strict(MailServer):
    """Answers as Postfix does that wants a full name: when it is told a recipient."""

    names: ClassVar[list[str]] = []

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.names.append(hostname)
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "." not in session.host_name:
            return "504 5.5.2 <otter>: Helo command rejected: need fully-qualified hostname"
        envelope.rcpt_tos.append(address)
        return "250 OK"


async def test_strict_server_hears_the_domain_of_the_sender():
    with mail_server_with(Strict) as server:
        await send(server.url)
        assert (await arrived(server)).recipients == ["ada@example.com"]
    assert Strict.names[-1] == "otter.example"


async def test_strict_server_hears_the_name_that_is_set():
    with mail_server_with(Strict) as server:
        settings = SmtpSettings(server.url, "Otter <no-reply@otter>", "mail.otter.example")
        await SmtpSender(settings).send(MESSAGE)
        assert (await arrived(server)).recipients == ["ada@example.com"]
    assert Strict.names[-1] == "mail.otter.example"


async def test_refusal_of_our_name_is_not_a_refusal_of_the_recipient():
    with mail_server_with(Strict) as server, pytest.raises(DeliveryError) as refused:
        await SmtpSender(SmtpSettings(server.url, "Otter <no-reply@otter>")).send(MESSAGE)
    assert not refused.value.permanent
    assert refused.value.refuses_us
    assert refused.value.reason == "SMTPRecipientRefused 504 5.5.2"


@pytest.mark.parametrize("command", ["EHLO", "MAIL"])
async def test_refusal_of_us_before_a_recipient_is_named_is_kept_and_tried_again(command: str):
    class Closed(MailServer):
        async def handle_MAIL(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
            return "553 5.7.1 Sender address rejected"

        async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
            self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
        ) -> list[str]:
            session.host_name = hostname
            return responses if command == "MAIL" else ["550 5.7.1 Go away"]

        async def handle_HELO(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
            return "550 5.7.1 Go away"

    with mail_server_with(Closed) as server, pytest.raises(DeliveryError) as refused:
        await send(server.url)
    assert (refused.value.permanent, refused.value.refuses_us) == (False, True)


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [
        ("550 5.1.1 unknown user", True),
        ("550 no such user", True),
        ("552 5.2.2 mailbox full", True),
        ("553 5.1.8 bad sender domain", False),
        ("554 5.7.1 Relay access denied", False),
        ("550 5.7.26 unauthenticated sender", False),
        ("530 5.7.0 Authentication required", False),
    ],
)
async def test_answer_to_a_recipient_is_permanent_when_it_is_about_the_mailbox(reply: str, permanent: bool):
    class Refusing(MailServer):
        async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
            return reply

    with mail_server_with(Refusing) as server, pytest.raises(DeliveryError) as refused:
        await send(server.url)
    assert (refused.value.permanent, refused.value.refuses_us) == (permanent, not permanent)


@pytest.mark.parametrize("carries", [True, False])
async def test_server_tells_whether_it_carries_internationalised_local_parts(carries: bool):
    with mail_server_with(enable_SMTPUTF8=carries) as server:
        sender = SmtpSender(SmtpSettings(server.url, "Otter <no-reply@otter.example>"))
        assert sender.reaches("jos\u00e9@example.com"), "not known before the first connection"
        await sender.probe()
    assert sender.reaches("jos\u00e9@example.com") == carries
    assert sender.reaches("jose@b\u00fccher.example")


async def test_every_mail_tells_whether_the_server_carries_internationalised_local_parts():
    with mail_server_with(enable_SMTPUTF8=False) as server:
        sender = SmtpSender(SmtpSettings(server.url, "Otter <no-reply@otter.example>"))
        await sender.send(MESSAGE)
    assert not sender.reaches("jos\u00e9@example.com")


async def test_a_server_that_is_away_is_a_temporary_failure():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # bound and not listening: refused
        port = listener.getsockname()[1]
        with pytest.raises(DeliveryError) as refused:
            await send(f"smtp://user:{'hunter2'}@127.0.0.1:{port}")
    assert not refused.value.permanent
    assert refused.value.reason == f"SMTPConnectError at SmtpServer(smtp://127.0.0.1:{port})"


async def test_smtps_encrypts_from_the_first_byte(server_tls: ssl.SSLContext, trusting: ssl.SSLContext):
    with mail_server_with(ssl_context=server_tls) as server:
        await send(f"smtps://localhost:{server.port}", tls=trusting)
        assert (await arrived(server)).text == MESSAGE.body_text


async def test_certificate_of_an_unknown_authority_is_refused(server_tls: ssl.SSLContext):
    with mail_server_with(ssl_context=server_tls) as server, pytest.raises(DeliveryError) as refused:
        await send(f"smtps://localhost:{server.port}")
    assert not refused.value.permanent
    assert server.messages == []


async def test_starttls_encrypts_before_the_password_is_sent(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
):
    options = {
        "tls_context": server_tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": accept("otter@example.com", SECRET),
    }
    with mail_server_with(**options) as server:
        url = f"smtp+starttls://otter%40example.com:hunter2%2F%3F%23@localhost:{server.port}"
        await send(url, tls=trusting)
        assert (await arrived(server)).text == MESSAGE.body_text


async def test_starttls_sends_nothing_when_the_server_cannot_encrypt(mail_server: MailServer):
    with pytest.raises(DeliveryError):
        await send(f"smtp+starttls://localhost:{mail_server.port}")
    assert mail_server.messages == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_wrong_password_is_a_temporary_failure_and_is_not_told():
    options = {
        "auth_required": True,
        "auth_require_tls": False,
        "authenticator": accept("otter", "something else"),
    }
    with mail_server_with(**options) as server, pytest.raises(DeliveryError) as refused:
        await send(f"smtp://otter:hunter2@127.0.0.1:{server.port}")
    assert not refused.value.permanent, "the operator can mend it"
    assert re.fullmatch(r"SMTPAuthenticationError 535( 5\.7\.8)?", refused.value.reason)
