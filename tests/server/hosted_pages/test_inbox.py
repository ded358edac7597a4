"""The development inbox: what tests and people see of the mail that was written."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from greffier.server.delivery.messages import Message
from greffier.server.delivery.outbox import Outbox, queue_message
from greffier.server.store.opening import open_database
from tests.support.server import DEVELOPMENT, TestServer, running

only_sqlite = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""For what has nothing to do with the database."""

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Reader:
    """Reads the inbox of a server, and writes mail into it."""

    def __init__(self, server: TestServer, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http

    async def write(self, to: str = "ada@example.com", *, wake: bool = True, **fields: Any) -> str:
        """Queue a message the way a rule does; returns its id."""
        services = self.server.app.services
        async with services.database.transaction() as db:
            message_id = await queue_message(db, **self._message(to, **fields))
            if wake:
                db.after_commit(services.ports.outbox.wake)
        return message_id

    def _message(self, to: str, **fields: Any) -> dict[str, Any]:
        instance = self.server.app.services.ports.instances.by_host("localhost")
        assert instance is not None
        values = {
            "kind": "verification_code",
            "subject": f"For {to}",
            "body_text": "Your code is 123456",
            "body_html": "<p>Your code is <b>123456</b></p>",
            "code": "123456",
        } | fields
        message = Message(to_address=to, **values)
        return {"instance_id": instance.id, "now": self.server.clock.now_ms(), "message": message}

    async def write_elsewhere(self, to: str) -> str:
        """The same from another process, without a wake-up in this one."""
        database = open_database(self.server.app.settings.database_url)
        await database.start()
        async with database.transaction() as db:
            message_id = await queue_message(db, **self._message(to))
        await database.stop()
        return message_id

    async def get(self, **query: str) -> httpx.Response:
        return await self.http.get("/inbox", params=query)

    async def ids(self, **query: str) -> list[str]:
        response = await self.get(**query)
        assert response.status_code == 200, response.text
        return [message["id"] for message in response.json()]

    async def page(self, **query: str) -> str:
        response = await self.http.get("/inbox", params=query, headers=HTML)
        assert response.status_code == 200
        return response.text


def client_of(server: TestServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(server.app), base_url="http://localhost:8787")


@pytest.fixture
async def inbox(server: TestServer) -> AsyncIterator[Reader]:
    async with client_of(server) as http:
        yield Reader(server, http)


# As JSON


async def test_a_message_is_shown_with_everything_a_test_needs(inbox: Reader):
    message_id = await inbox.write("ada@example.com", links=("https://app.example.com/verify",))
    response = await inbox.get(to="ada@example.com")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == [
        {
            "id": message_id,
            "kind": "verification_code",
            "channel": "email",
            "to": "ada@example.com",
            "subject": "For ada@example.com",
            "text": "Your code is 123456",
            "html": "<p>Your code is <b>123456</b></p>",
            "code": "123456",
            "links": ["https://app.example.com/verify"],
        }
    ]


async def test_a_real_code_gets_from_the_inbox_into_a_sign_up(server: TestServer):
    browser = server.browser()
    sign_up = await browser.begin_sign_up("ada@example.com")
    code = (await server.messages("ada@example.com"))[0]["code"]
    path = f"/v1/client/sign_ups/{sign_up['id']}/attempt_verification"
    done = await browser.post(path, strategy="email_code", code=code)
    assert done.json()["response"]["status"] == "complete"


async def test_the_newest_message_is_first_even_within_a_millisecond(inbox: Reader):
    written = [await inbox.write() for _ in range(20)]
    assert await inbox.ids() == written[::-1]


async def test_only_mail_to_an_address_is_shown_whatever_its_case(inbox: Reader):
    mine = await inbox.write("Ada@Example.com")
    await inbox.write("bob@example.com")
    assert await inbox.ids(to="ada@example.COM") == [mine]
    assert await inbox.ids(to="unknown@example.com") == []


async def test_without_an_address_all_mail_is_shown(inbox: Reader):
    ada, bob = await inbox.write("ada@example.com"), await inbox.write("bob@example.com")
    assert await inbox.ids() == [bob, ada]


async def test_after_shows_only_what_is_newer(inbox: Reader):
    first = await inbox.write()
    second, third = await inbox.write(), await inbox.write()
    assert await inbox.ids(after=first) == [third, second]
    assert await inbox.ids(after=third) == []


async def test_a_message_is_in_the_inbox_as_soon_as_it_is_committed_and_not_before(inbox: Reader):
    services = inbox.server.app.services
    db = services.database.begin()
    await queue_message(db, **inbox._message("ada@example.com"))  # pyright: ignore[reportPrivateUsage]
    assert await inbox.ids() == []
    await db.commit()
    assert len(await inbox.ids()) == 1


# Waiting


async def test_waiting_answers_at_once_when_there_is_something_newer(inbox: Reader):
    message_id = await inbox.write()
    started = time.monotonic()
    assert await inbox.ids(to="ada@example.com", wait="30") == [message_id]
    assert time.monotonic() - started < 5


async def test_waiting_answers_as_soon_as_a_message_is_committed(
    inbox: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("greffier.server.hosted_pages.inbox._POLL_SECONDS", 30)
    first = await inbox.write()
    waiting = asyncio.create_task(inbox.ids(to="ada@example.com", after=first, wait="30"))
    await asyncio.wait([waiting], timeout=0.1)
    assert not waiting.done()
    second = await inbox.write()
    assert await asyncio.wait_for(waiting, timeout=5) == [second]


async def test_waiting_is_not_ended_by_mail_to_another_address(inbox: Reader):
    waiting = asyncio.create_task(inbox.ids(to="ada@example.com", wait="30"))
    await asyncio.sleep(0)
    await inbox.write("bob@example.com")
    await asyncio.wait([waiting], timeout=0.2)
    assert not waiting.done()
    message_id = await inbox.write("ada@example.com")
    assert await asyncio.wait_for(waiting, timeout=5) == [message_id]


async def test_waiting_sees_what_another_process_has_written(inbox: Reader):
    waiting = asyncio.create_task(inbox.ids(to="ada@example.com", wait="30"))
    await asyncio.sleep(0)
    message_id = await inbox.write_elsewhere("ada@example.com")
    assert await asyncio.wait_for(waiting, timeout=5) == [message_id]


async def test_waiting_in_vain_answers_an_empty_list_when_the_time_is_over(inbox: Reader):
    started = time.monotonic()
    assert await inbox.ids(to="ada@example.com", wait="0.3") == []
    assert 0.3 <= time.monotonic() - started < 5


async def test_waiting_asks_the_database_about_twice_a_second_and_no_more(
    inbox: Reader, monkeypatch: pytest.MonkeyPatch
):
    database = inbox.server.app.services.database
    begin, asked = database.begin, []
    monkeypatch.setattr(database, "begin", lambda: asked.append("inbox") or begin())
    await inbox.server.app.outbox.stop()  # it polls the same database
    asked.clear()
    await inbox.ids(to="ada@example.com", wait="1.2")
    assert 2 <= len(asked) <= 6


async def test_waiting_ends_when_the_server_is_about_to_stop(inbox: Reader):
    waiting = asyncio.create_task(inbox.ids(to="ada@example.com", wait="60"))
    await asyncio.wait([waiting], timeout=0.1)
    outbox = inbox.server.app.services.ports.outbox
    assert isinstance(outbox, Outbox)
    outbox.drain()
    assert await asyncio.wait_for(waiting, timeout=5) == []


@only_sqlite
@pytest.mark.parametrize("wait", ["61", "-1", "soon", "nan", "inf", "1e1", "60.5", "1;2", "९"])
async def test_a_wait_that_is_no_number_up_to_60_is_refused(inbox: Reader, wait: str):
    response = await inbox.get(wait=wait)
    assert response.status_code == 400
    assert response.json()["errors"][0]["long_message"] == "wait must be a number of seconds from 0 to 60."


async def test_after_must_name_a_message(inbox: Reader):
    response = await inbox.get(after="msg_unknown")
    assert response.status_code == 400
    assert response.json()["errors"][0]["long_message"] == "after must be the id of a message."


@only_sqlite
@pytest.mark.parametrize("query", ["to=%00", "to=%ff", "after=%00"])
async def test_bytes_that_are_no_text_are_refused(inbox: Reader, query: str):
    response = await inbox.http.get(f"/inbox?{query}")
    assert response.status_code in (400, 422)
    assert response.json()["errors"]


# As a page


async def test_a_person_gets_a_page_that_lists_messages_and_opens_the_newest(inbox: Reader):
    await inbox.write("ada@example.com", subject="An older one", code="111111")
    newest = await inbox.write("bob@example.com", subject="The newest one", code="222222")
    page = await inbox.page()
    assert "An older one" in page
    assert '<output aria-label="Code">222222</output>' in page
    assert f'src="/inbox/{newest}"' in page


async def test_another_message_can_be_opened(inbox: Reader):
    older = await inbox.write("ada@example.com", code="111111")
    await inbox.write("bob@example.com", code="222222")
    assert '<output aria-label="Code">111111</output>' in await inbox.page(message=older)


async def test_the_page_of_an_empty_inbox_says_so(inbox: Reader):
    assert "No message to ada@example.com yet" in await inbox.page(to="ada@example.com")


@only_sqlite
@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html", True),
        ("text/html;q=0.9, application/json;q=0.8", True),
        ("application/json, text/html", True),
        ("application/json, text/html;q=0.5", False),
        ("text/html;q=0", False),
        ("*/*", False),
        ("application/json", False),
        ("", False),
    ],
)
async def test_only_who_accepts_html_gets_html(inbox: Reader, accept: str, html: bool):
    response = await inbox.http.get("/inbox", headers={"accept": accept})
    assert response.headers["content-type"].startswith("text/html" if html else "application/json")


@only_sqlite
async def test_what_a_message_says_cannot_become_part_of_the_page(inbox: Reader):
    await inbox.write(
        "ada@example.com",
        subject="<script>alert(1)</script>",
        body_text="</pre><script>alert(2)</script>",
        code='"><script>alert(3)</script>',
    )
    page = await inbox.page(to='"><script>alert(4)</script>')
    assert "<script>alert" not in page
    assert "<script>alert" not in await inbox.page()


@only_sqlite
async def test_the_page_runs_its_own_script_only_and_asks_no_other_host(inbox: Reader):
    response = await inbox.http.get("/inbox", headers=HTML)
    policy = response.headers["content-security-policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in response.text
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in response.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in response.text
    again = await inbox.http.get("/inbox", headers=HTML)
    assert nonce not in again.headers["content-security-policy"]


async def test_the_html_of_a_message_is_a_document_that_can_do_nothing(inbox: Reader):
    message_id = await inbox.write(body_html="<script>alert(1)</script><p>Hello</p>")
    response = await inbox.http.get(f"/inbox/{message_id}")
    assert response.text == "<script>alert(1)</script><p>Hello</p>"
    policy = response.headers["content-security-policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert response.headers["x-frame-options"] == "SAMEORIGIN"


async def test_a_message_that_is_not_there_is_404(inbox: Reader):
    assert (await inbox.http.get("/inbox/msg_unknown")).status_code == 404


# Where it is served


@only_sqlite
@pytest.mark.parametrize("path", ["/inbox", "/inbox?to=ada@example.com", "/inbox/msg_1"])
async def test_without_the_setting_there_is_no_inbox(development_database: str, path: str):
    async with (
        running(development_database, DEVELOPMENT, show_inbox=False) as server,
        client_of(server) as http,
    ):
        response = await http.get(path)
    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "resource_not_found"


@only_sqlite
async def test_another_site_is_not_allowed_to_read_the_inbox(inbox: Reader):
    response = await inbox.http.get("/inbox", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


@only_sqlite
@pytest.mark.parametrize("path", ["/inbox", "/inbox/msg_1"])
async def test_foreign_name_that_points_at_this_machine_shows_no_inbox(inbox: Reader, path: str):
    response = await inbox.http.get(path, headers={"host": "rebound.evil.example:8787"})
    assert response.status_code == 404


@only_sqlite
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]:8787", "app.localhost"])
async def test_local_names_show_the_inbox(inbox: Reader, host: str):
    assert (await inbox.http.get("/inbox", headers={"host": host})).status_code == 200


@only_sqlite
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_inbox_can_only_be_read(inbox: Reader, method: str):
    response = await inbox.http.request(method, "/inbox")
    assert response.status_code == 405
    assert response.json()["errors"][0]["code"] == "method_not_allowed"


@only_sqlite
async def test_text_messages_are_shown_beside_mail(inbox: Reader) -> None:
    await inbox.write("ada@example.com")
    await inbox.write(
        "+12025550143", kind="sign_in_code", channel="sms", subject="", body_html="", body_text="Code 1234"
    )

    shown = (await inbox.get()).json()

    assert [(one["kind"], one["channel"]) for one in shown] == [
        ("sign_in_code", "sms"),
        ("verification_code", "email"),
    ]
    page = await inbox.page(to="+12025550143")
    assert "SMS: Code 1234" in page
    assert "<iframe" not in page
