"""The outbox: what is committed is sent, whatever fails or dies on the way."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from greffier.server.delivery.messages import sign_in_code_message
from greffier.server.delivery.outbox import MAX_ATTEMPTS, Outbox, queue_message, retry_delay_ms
from greffier.server.delivery.sender import DeliveryError
from greffier.server.store.clock import Clock, ManualClock
from greffier.server.store.opening import open_database
from tests.server.delivery.conftest import Mailbox
from tests.server.delivery.senders import HeldSender, RecordingSender, settled, temporary, working
from tests.support.contract.schema import eventually

LEASE_SECONDS = 120


async def test_a_queued_message_is_sent_as_soon_as_it_is_committed(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("greffier.server.delivery.outbox._POLL_SECONDS", 3600)
    sender = RecordingSender()
    async with working(mailbox, sender) as outbox:
        await mailbox.queue("ada@example.com", "111111")
        outbox.wake()
        await eventually(lambda: sender.sent)
        row = await settled(mailbox, status="sent")
        await mailbox.queue("bob@example.com", "222222")
        outbox.wake()
        await eventually(lambda: len(sender.sent) == 2)
    assert [(m.to_address, m.code) for m in sender.sent] == [
        ("ada@example.com", "111111"),
        ("bob@example.com", "222222"),
    ]
    assert row.last_error is None


async def test_a_message_queued_by_another_process_is_found_by_polling(mailbox: Mailbox):
    sender = RecordingSender()
    async with working(mailbox, sender):
        await mailbox.queue()
        await eventually(lambda: sender.sent)


async def test_a_message_of_a_transaction_that_rolls_back_is_never_sent(mailbox: Mailbox):
    message = sign_in_code_message(
        to_address="eve@example.com", application_name="Otter", code="666666", lifetime_ms=600_000
    )
    sender = RecordingSender()
    async with working(mailbox, sender) as outbox:
        db = mailbox.database.begin()
        await queue_message(db, instance_id=mailbox.instance_id, now=0, message=message)
        await db.rollback()
        await mailbox.queue("ada@example.com")
        outbox.wake()
        await settled(mailbox, status="sent")
    assert [m.to_address for m in sender.sent] == ["ada@example.com"]


async def test_what_was_queued_before_the_start_is_sent(mailbox: Mailbox):
    await mailbox.queue()
    sender = RecordingSender()
    async with working(mailbox, sender):
        await eventually(lambda: sender.sent)


async def test_more_than_one_batch_is_sent_without_waiting(mailbox: Mailbox):
    for i in range(35):
        await mailbox.queue(f"user{i}@example.com")
    sender = RecordingSender()
    async with working(mailbox, sender):
        await eventually(lambda: len(sender.sent) == 35, seconds=1)


async def test_a_temporary_failure_is_tried_again_after_a_pause(mailbox: Mailbox, clock: ManualClock):
    sender = RecordingSender(temporary())
    async with working(mailbox, sender) as outbox:
        await mailbox.queue()
        outbox.wake()
        row = await settled(mailbox, status="queued")
        assert row.last_error == "SMTPDataError 451 4.3.0"
        assert 1_000 < row.next_attempt_at - row.updated_at < 3_000
        clock.advance(seconds=3)
        outbox.wake()
        row = await settled(mailbox, status="sent", attempts=2)
    assert row.last_error is None
    assert len(sender.sent) == 1


def test_pauses_grow_up_to_five_minutes():
    assert [retry_delay_ms(n) // 1000 for n in range(1, MAX_ATTEMPTS)] == [2, 8, 32, 128, 300, 300, 300]


async def test_after_the_last_attempt_a_message_has_failed(mailbox: Mailbox, clock: ManualClock):
    sender = RecordingSender(*(temporary() for _ in range(MAX_ATTEMPTS)))
    async with working(mailbox, sender) as outbox:
        await mailbox.queue()
        for attempt in range(1, MAX_ATTEMPTS):
            outbox.wake()
            await settled(mailbox, status="queued", attempts=attempt)
            clock.advance(seconds=400)
        outbox.wake()
        row = await settled(mailbox, status="failed", attempts=MAX_ATTEMPTS)
    assert row.last_error == "SMTPDataError 451 4.3.0"


async def test_a_permanent_failure_is_not_tried_again(mailbox: Mailbox):
    sender = RecordingSender(DeliveryError("SMTPRecipientRefused 550 5.1.1", permanent=True))
    async with working(mailbox, sender) as outbox:
        await mailbox.queue()
        outbox.wake()
        row = await settled(mailbox, status="failed")
    assert row.last_error == "SMTPRecipientRefused 550 5.1.1"
    assert sender.tried == 1


def refused_us() -> DeliveryError:
    return DeliveryError("SMTPRecipientRefused 504 5.5.2", permanent=False, refuses_us=True)


async def test_mail_waits_for_an_operator_while_the_server_refuses_us(
    mailbox: Mailbox, clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    sender = RecordingSender(*(refused_us() for _ in range(3 * MAX_ATTEMPTS)))
    async with working(mailbox, sender) as outbox:
        await mailbox.queue()
        for attempt in range(1, 3 * MAX_ATTEMPTS + 1):
            outbox.wake()
            async with asyncio.timeout(10):
                while sender.tried < attempt or (await mailbox.row()).next_attempt_at <= clock.now_ms():
                    await asyncio.sleep(0.002)
            clock.advance(seconds=400)
        outbox.wake()
        await settled(mailbox, status="sent", attempts=MAX_ATTEMPTS)
    assert len(sender.sent) == 1
    assert "GREFFIER_SMTP_EHLO" in caplog.text


async def test_mail_that_is_of_no_use_any_more_does_not_wait_for_an_operator(
    mailbox: Mailbox, clock: ManualClock
):
    async with working(mailbox, RecordingSender(refused_us())) as outbox:
        await mailbox.queue(useful_for_ms=600_000)
        outbox.wake()
        await settled(mailbox, status="queued", attempts=1)
        clock.advance(seconds=601)
        outbox.wake()
        row = await settled(mailbox, status="failed", attempts=2)
    assert row.last_error == "not sent while it was of use"


async def test_an_unforeseen_error_is_tried_again_and_its_text_is_not_kept(mailbox: Mailbox):
    async with working(mailbox, RecordingSender(RuntimeError("password=hunter2"))) as outbox:
        await mailbox.queue()
        outbox.wake()
        row = await settled(mailbox, status="queued")
    assert row.last_error == "RuntimeError"


async def test_a_code_that_is_no_longer_valid_is_not_sent(mailbox: Mailbox, clock: ManualClock):
    await mailbox.queue(useful_for_ms=600_000)
    clock.advance(seconds=601)
    sender = RecordingSender()
    async with working(mailbox, sender):
        row = await settled(mailbox, status="failed")
    assert row.last_error == "not sent while it was of use"
    assert sender.tried == 0


@pytest.mark.parametrize("failure", [None, DeliveryError("550", permanent=True)], ids=["sent", "failed"])
async def test_in_production_bodies_and_codes_are_blanked_once_settled(
    mailbox: Mailbox, failure: DeliveryError | None
):
    sender = RecordingSender(*([failure] if failure else []))
    async with working(mailbox, sender, keep_bodies=False) as outbox:
        await mailbox.queue()
        outbox.wake()
        row = await settled(mailbox, status="failed" if failure else "sent")
    assert (row.body_text, row.body_html, row.code, row.links) == ("", "", None, [])
    assert row.to_address == "ada@example.com"


async def test_in_production_a_message_that_waits_for_its_next_attempt_keeps_its_body(mailbox: Mailbox):
    async with working(mailbox, RecordingSender(temporary()), keep_bodies=False) as outbox:
        await mailbox.queue(code="123456")
        outbox.wake()
        assert (await settled(mailbox, status="queued")).code == "123456"


async def test_in_development_bodies_stay_readable_for_the_inbox(mailbox: Mailbox):
    async with working(mailbox, RecordingSender()) as outbox:
        await mailbox.queue(code="123456")
        outbox.wake()
        row = await settled(mailbox, status="sent")
    assert (row.body_text, row.code) == ("Your code is 123456", "123456")


async def test_in_development_without_a_mail_server_a_message_counts_as_sent_once_in_the_inbox(
    mailbox: Mailbox,
):
    async with working(mailbox, None) as outbox:
        await mailbox.queue(code="123456")
        outbox.wake()
        row = await settled(mailbox, status="sent")
    assert row.code == "123456"


async def test_in_production_without_a_mail_server_messages_wait_and_the_log_says_so(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
):
    await mailbox.queue()
    async with working(mailbox, None, keep_bodies=False):
        pass
    assert "no SMTP server is configured" in caplog.text
    assert (await mailbox.row()).status == "queued"
    async with working(mailbox, RecordingSender(), keep_bodies=False):
        await settled(mailbox, status="sent")


async def test_several_processes_send_each_message_once(
    mailbox: Mailbox, database_url: str, clock: ManualClock
):
    for i in range(60):
        await mailbox.queue(f"user{i}@example.com")
    sender = RecordingSender()
    async with AsyncExitStack() as stack:
        for _ in range(3):
            database = open_database(database_url)
            await database.start()
            stack.push_async_callback(database.stop)
            other = Mailbox(database, clock, mailbox.instance_id)
            await stack.enter_async_context(working(other, sender))
        await eventually(lambda: len(sender.sent) >= 60)
    assert sorted(m.to_address for m in sender.sent) == sorted(f"user{i}@example.com" for i in range(60))


async def test_message_is_not_sent_by_two_workers(mailbox: Mailbox):
    first, second = HeldSender(), RecordingSender()
    await mailbox.queue("first@example.com")
    async with working(mailbox, first):
        await first.begun.wait()
        async with working(mailbox, second) as other:
            await mailbox.queue("second@example.com")
            other.wake()
            await eventually(lambda: second.sent)
        first.let_go.set()
    assert [m.to_address for m in second.sent] == ["second@example.com"]


_DIES_WHILE_SENDING = """
import asyncio, sys
from greffier.server.delivery.outbox import Outbox
from greffier.server.store.clock import Clock
from greffier.server.store.opening import open_database

class Stuck:
    async def probe(self):
        pass

    def reaches(self, address):
        return True

    async def send(self, message):
        print(message.id, flush=True)
        await asyncio.Event().wait()

async def main():
    database = open_database(sys.argv[1])
    await database.start()
    await Outbox(database, Clock(), {"email": Stuck()}, True).start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_what_a_killed_process_was_sending_is_sent_by_another_when_its_lease_is_over(
    mailbox: Mailbox, database_url: str, clock: ManualClock
):
    message_id = await mailbox.queue()
    process = subprocess.Popen(
        [sys.executable, "-c", _DIES_WHILE_SENDING, database_url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert (await asyncio.to_thread(process.stdout.readline)).strip() == message_id
    process.send_signal(signal.SIGKILL)
    process.communicate()

    sender = RecordingSender()
    async with working(mailbox, sender) as outbox:
        clock.advance(seconds=LEASE_SECONDS + 1)
        outbox.wake()
        await settled(mailbox, status="sent", attempts=2)
    assert [m.id for m in sender.sent] == [message_id]


async def test_an_attempt_whose_lease_ran_out_does_not_overwrite_the_next_one(
    mailbox: Mailbox, clock: ManualClock
):
    first, second = HeldSender(DeliveryError("550", permanent=True)), HeldSender()
    await mailbox.queue()
    async with AsyncExitStack() as late:
        await late.enter_async_context(working(mailbox, first))
        await first.begun.wait()
        clock.advance(seconds=LEASE_SECONDS + 1)
        async with working(mailbox, second):
            await second.begun.wait()
            first.let_go.set()
            await late.aclose()
            assert (await mailbox.row()).status == "queued"
            second.let_go.set()
            await settled(mailbox, status="sent", attempts=2)


async def test_a_message_that_kills_every_process_is_given_up(mailbox: Mailbox, clock: ManualClock):
    async def claim_and_die() -> None:
        from greffier.server.delivery.queries import CLAIM

        now = clock.now_ms()
        async with mailbox.database.transaction() as db:
            assert await db.all(CLAIM, on_channel="email", now=now, most=1, leased_until=now + 1_000)
        clock.advance(seconds=2)

    await mailbox.queue()
    for _ in range(MAX_ATTEMPTS):
        await claim_and_die()
    sender = RecordingSender()
    async with working(mailbox, sender):
        row = await settled(mailbox, status="failed", attempts=MAX_ATTEMPTS + 1)
    assert sender.tried == 0
    assert row.last_error == "every attempt was cut short"


async def test_the_database_is_free_while_a_mail_server_takes_its_time(mailbox: Mailbox):
    sender = HeldSender()
    await mailbox.queue()
    async with working(mailbox, sender):
        await sender.begun.wait()
        await asyncio.wait_for(mailbox.queue("second@example.com"), timeout=1)
        sender.let_go.set()


async def test_stopping_lets_a_message_on_its_way_arrive(mailbox: Mailbox):
    sender = HeldSender()
    await mailbox.queue()
    outbox = Outbox(mailbox.database, mailbox.clock, {"email": sender}, True)
    await outbox.start()
    await sender.begun.wait()
    asyncio.get_running_loop().call_later(0.05, sender.let_go.set)
    await outbox.stop()
    assert (await mailbox.row()).status == "sent"


async def test_the_outbox_goes_on_after_the_database_was_away(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    sender = RecordingSender()
    begin: Callable[..., object] = mailbox.database.begin
    monkeypatch.setattr(mailbox.database, "begin", lambda: (_ for _ in ()).throw(OSError("gone")))
    async with working(mailbox, sender) as outbox:
        await eventually(lambda: "could not be worked on" in caplog.text)
        monkeypatch.setattr(mailbox.database, "begin", begin)
        await mailbox.queue()
        outbox.wake()
        await settled(mailbox, status="sent")


async def test_who_waits_for_the_next_commit_is_woken_by_it(mailbox: Mailbox):
    outbox = Outbox(mailbox.database, Clock(), {}, True)
    before = outbox.next_commit()
    assert not before.is_set()
    outbox.wake()
    await asyncio.wait_for(before.wait(), timeout=1)
    assert not outbox.next_commit().is_set()
