"""Mail and text messages leave the one outbox by their own senders."""

from __future__ import annotations

import pytest

from greffier.server.delivery.messages import Message, sign_in_code_text
from greffier.server.delivery.outbox import Outbox, queue_message
from greffier.server.delivery.sms import sms_sender
from greffier.server.settings import SmsWebhook
from tests.server.delivery.conftest import Mailbox
from tests.server.delivery.senders import RecordingSender, settled
from tests.server.delivery.sms.conftest import Provider
from tests.server.delivery.sms.test_sms_senders import NUMBER, SECRET
from tests.support.contract.schema import eventually


def text_message() -> Message:
    return sign_in_code_text(to_address=NUMBER, application_name="Otter", code="123456", lifetime_ms=600_000)


async def queue_text(mailbox: Mailbox) -> None:
    async with mailbox.database.transaction() as db:
        await queue_message(
            db, instance_id=mailbox.instance_id, now=mailbox.clock.now_ms(), message=text_message()
        )


async def test_text_message_goes_to_the_provider_and_is_blanked(mailbox: Mailbox, provider: Provider) -> None:
    sender = sms_sender(SmsWebhook(provider.url, SECRET))
    outbox = Outbox(mailbox.database, mailbox.clock, {"sms": sender}, False)
    await outbox.start()
    try:
        await queue_text(mailbox)
        outbox.wake()
        row = await settled(mailbox, status="sent")
    finally:
        await outbox.stop()

    assert len(provider.received) == 1
    assert (row.channel, row.to_address, row.body_text, row.code) == ("sms", NUMBER, "", None)


async def test_each_message_leaves_on_its_own_channel(mailbox: Mailbox) -> None:
    mail, text = RecordingSender(), RecordingSender()
    outbox = Outbox(mailbox.database, mailbox.clock, {"email": mail, "sms": text}, False)
    await outbox.start()
    try:
        await mailbox.queue("ada@example.com")
        await queue_text(mailbox)
        outbox.wake()
        await eventually(lambda: mail.sent and text.sent)
    finally:
        await outbox.stop()

    assert [row.to_address for row in mail.sent] == ["ada@example.com"]
    assert [row.to_address for row in text.sent] == [NUMBER]


async def test_text_message_waits_for_a_sender_while_mail_leaves(mailbox: Mailbox) -> None:
    mail = RecordingSender()
    outbox = Outbox(mailbox.database, mailbox.clock, {"email": mail}, False)
    await outbox.start()
    try:
        await queue_text(mailbox)
        await mailbox.queue("ada@example.com")
        outbox.wake()
        await eventually(lambda: mail.sent)
    finally:
        await outbox.stop()

    statuses = {row.channel: row.status for row in await mailbox.rows()}
    assert statuses["sms"] == "queued"


async def test_expired_text_message_is_not_sent(mailbox: Mailbox) -> None:
    text = RecordingSender()
    await queue_text(mailbox)
    mailbox.clock.advance(seconds=601)
    outbox = Outbox(mailbox.database, mailbox.clock, {"sms": text}, False)
    await outbox.start()
    try:
        row = await settled(mailbox, status="failed")
    finally:
        await outbox.stop()

    assert text.sent == []
    assert row.last_error == "not sent while it was of use"


@pytest.mark.parametrize("name", ["A" * 300, "Line\nbreak"])
def test_text_is_one_short_line(name: str) -> None:
    text = sign_in_code_text(to_address=NUMBER, application_name=name, code="123456", lifetime_ms=600_000)

    assert text.body_text.startswith("123456 ")
    assert "\n" not in text.body_text
    assert len(text.body_text) < 200
