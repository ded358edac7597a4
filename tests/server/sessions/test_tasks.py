"""A user whose password is compromised: it signs in nowhere, and their session waits for another one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Backend, Browser, TestServer

ADA = "ada+clerk_test@example.com"
NEW = "a wholly different battery"
BEFORE_TASKS = "2024-10-01"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> str:
    """The path of a user whose password is known to others."""
    user = await backend.create_user(ADA, password=PASSWORD)
    path = f"/v1/users/{user['id']}"
    assert (await backend.post(f"{path}/password/set_compromised")).status_code == 200
    return path


async def sign_in_by_code(browser: Browser) -> dict[str, Any]:
    """The answer to the code: the sign-in, and the client."""
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)
    assert done.status_code == 200, done.text
    return done.json()


async def pending_session(browser: Browser) -> dict[str, Any]:
    return (await sign_in_by_code(browser))["client"]["sessions"][0]


async def choose(browser: Browser, password: str, **fields: Any) -> httpx.Response:
    return await browser.post("/v1/me/change_password", new_password=password, **fields)


async def test_compromised_password_does_not_sign_in(server: TestServer, ada: str) -> None:
    browser = server.browser()
    sign_in = {"strategy": "password", "identifier": ADA}

    right = await browser.post("/v1/client/sign_ins", password=PASSWORD, **sign_in)
    wrong = await browser.post("/v1/client/sign_ins", password="something else", **sign_in)

    assert error_of(right) == (422, "form_password_compromised", "password")
    assert error_of(wrong) == (422, "form_password_incorrect", "password")
    assert (await server.backend().get("/v1/sessions")).json() == []


async def test_other_factor_begins_a_pending_session(server: TestServer, ada: str) -> None:
    browser = server.browser()

    answer = await sign_in_by_code(browser)

    session = answer["client"]["sessions"][0]
    assert answer["response"]["status"] == "complete"
    assert answer["response"]["created_session_id"] == session["id"]
    assert (session["status"], session["tasks"]) == ("pending", [{"key": "reset-password"}])
    assert answer["client"]["last_active_session_id"] == session["id"]


async def test_token_of_a_pending_session_says_so(server: TestServer, ada: str) -> None:
    browser = server.browser()
    session = await pending_session(browser)

    assert claims_of((await browser.token(session["id"])).json()["jwt"])["sts"] == "pending"
    assert claims_of(session["last_active_token"]["jwt"])["sts"] == "pending"


async def test_even_a_token_with_old_claims_says_so(server: TestServer, ada: str) -> None:
    await configure(server, {"session": {"token_version": 1}})
    browser = server.browser()
    session = await pending_session(browser)

    claims = claims_of((await browser.token(session["id"])).json()["jwt"])

    assert claims["sts"] == "pending"
    assert "v" not in claims


async def test_new_password_makes_the_session_active_without_the_old_one(
    server: TestServer, ada: str
) -> None:
    browser = server.browser()
    session = await pending_session(browser)

    changed = await choose(browser, NEW)

    assert changed.status_code == 200, changed.text
    shown = changed.json()["client"]["sessions"][0]
    assert (shown["id"], shown["status"], shown["tasks"]) == (session["id"], "active", None)
    assert claims_of((await browser.token(session["id"])).json()["jwt"])["sts"] == "active"
    assert await server.browser().sign_in(ADA, NEW)


async def test_the_same_password_is_no_new_password(server: TestServer, ada: str) -> None:
    browser = server.browser()
    session = await pending_session(browser)

    refused = await choose(browser, PASSWORD)

    assert error_of(refused) == (422, "form_new_password_matches_current", "new_password")
    path = f"/v1/client/sessions/{session['id']}"
    assert (await browser.get(path)).json()["response"]["status"] == "pending"


async def test_task_is_done_for_every_session_that_waits_for_it(server: TestServer, ada: str) -> None:
    browser, other = server.browser(), server.browser()
    await pending_session(browser)
    waiting = await pending_session(other)

    await choose(browser, NEW)

    path = f"/v1/client/sessions/{waiting['id']}/touch"
    assert (await other.post(path)).json()["response"]["status"] == "active"


async def test_active_session_still_says_the_current_password(server: TestServer, backend: Backend) -> None:
    await configure(server, {"attack_protection": {"reverification": False}})
    user = await backend.create_user(ADA, password=PASSWORD)
    browser = server.browser()
    await browser.sign_in(ADA, PASSWORD)
    await backend.post(f"/v1/users/{user['id']}/password/set_compromised")

    refused = await choose(browser, NEW)
    changed = await choose(browser, NEW, current_password=PASSWORD)

    assert error_of(refused)[:2] == (422, "form_param_missing")
    assert changed.status_code == 200
    assert await server.browser().sign_in(ADA, NEW)


async def test_forgotten_password_path_is_a_way_out_too(server: TestServer, ada: str) -> None:
    browser = server.browser()
    strategy = "reset_password_email_code"
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy=strategy)
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    same = await browser.post(f"{path}/reset_password", password=PASSWORD)
    done = await browser.post(f"{path}/reset_password", password=NEW)

    assert error_of(same) == (422, "form_new_password_matches_current", "password")
    assert done.json()["client"]["sessions"][0]["status"] == "active"


async def test_browser_that_knows_no_tasks_chooses_the_password_within_the_sign_in(
    server: TestServer, ada: str
) -> None:
    browser = server.browser(version=BEFORE_TASKS)

    answer = await sign_in_by_code(browser)
    path = f"/v1/client/sign_ins/{answer['response']['id']}"
    done = await browser.post(f"{path}/reset_password", password=NEW)

    assert (answer["response"]["status"], answer["client"]["sessions"]) == ("needs_new_password", [])
    assert done.json()["client"]["sessions"][0]["status"] == "active"


async def test_browser_that_knows_no_tasks_does_not_see_a_pending_session(
    server: TestServer, ada: str
) -> None:
    browser = server.browser()
    session = await pending_session(browser)
    browser.version = BEFORE_TASKS

    client = (await browser.get("/v1/client")).json()["response"]

    assert (client["sessions"], client["last_active_session_id"]) == ([], None)
    assert (await browser.token(session["id"])).status_code == 401
    assert (await browser.get("/v1/me")).status_code == 401


async def test_instance_without_the_task_asks_within_the_sign_in(server: TestServer, ada: str) -> None:
    await configure(server, {"session": {"tasks": []}})

    answer = await sign_in_by_code(server.browser())

    assert answer["response"]["status"] == "needs_new_password"


async def test_false_alarm_lets_the_password_and_waiting_sessions_work_again(
    server: TestServer, backend: Backend, ada: str
) -> None:
    browser = server.browser()
    session = await pending_session(browser)

    assert (await backend.post(f"{ada}/password/unset_compromised")).status_code == 200

    shown = await browser.get(f"/v1/client/sessions/{session['id']}")
    assert shown.json()["response"]["status"] == "active"
    assert await server.browser().sign_in(ADA, PASSWORD)


async def test_all_sessions_can_be_revoked_with_the_alarm(server: TestServer, backend: Backend) -> None:
    user = await backend.create_user(ADA, password=PASSWORD)
    browser, path = server.browser(), f"/v1/users/{user['id']}/password/set_compromised"
    session = (await browser.sign_in(ADA, PASSWORD))["sessions"][0]

    await backend.post(path)
    kept = await browser.token(session["id"])
    await backend.post(path, revoke_all_sessions=True)
    gone = await browser.token(session["id"])

    assert (kept.status_code, gone.status_code) == (200, 401)


async def test_password_set_by_the_backend_ends_the_alarm(
    server: TestServer, backend: Backend, ada: str
) -> None:
    assert (await backend.patch(ada, password=NEW)).status_code == 200

    session = (await server.browser().sign_in(ADA, NEW))["sessions"][0]

    assert (session["status"], session["tasks"]) == ("active", None)


async def test_only_a_password_can_be_compromised(server: TestServer, backend: Backend) -> None:
    user = await backend.add_user("grace@example.com")

    refused = await backend.post(f"/v1/users/{user['id']}/password/set_compromised")
    unknown = await backend.post("/v1/users/user_unknown/password/set_compromised")
    neighbour = await (await server.neighbour()).post(f"/v1/users/{user['id']}/password/unset_compromised")

    assert error_of(refused)[:2] == (400, "no_password_set")
    assert (unknown.status_code, neighbour.status_code) == (404, 404)


async def test_backend_sees_the_task(server: TestServer, backend: Backend, ada: str) -> None:
    session = await pending_session(server.browser())

    shown = (await backend.get(f"/v1/sessions/{session['id']}")).json()
    listed = (await backend.get("/v1/sessions", status="pending")).json()

    assert (shown["status"], shown["tasks"]) == ("pending", [{"key": "reset-password"}])
    assert [row["id"] for row in listed] == [session["id"]]


async def test_impersonation_does_not_ask_support_for_a_password(
    server: TestServer, backend: Backend, ada: str
) -> None:
    token = await backend.post(
        "/v1/actor_tokens", user_id=ada.rpartition("/")[2], actor={"sub": "user_support"}
    )

    done = await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])

    assert done.json()["client"]["sessions"][0]["status"] == "active"
