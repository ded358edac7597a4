"""Usernames from before that are valid phone numbers, since numbers identify: their users still sign in, and
where accounts are hidden nothing tells that there is such a name."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement
from greffier.server.users.tables import users
from tests.server.identifications.phone_numbers.numbers import ATTRIBUTE, code_sent_to
from tests.server.sign_ins.enumeration.strangers import seen
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer

NAME = "202-555-0243"
SAME_NUMBER = "+12025550243"
OTHERS = "a wholly different battery"
UNKNOWN = "202-555-0244"
_RENAME: Statement[None] = Statement(
    sa.update(users).where(users.c.id == bindparam("user_id")).values(username=bindparam("name"))
)


@pytest.fixture
async def named(server: TestServer) -> dict[str, Any]:
    """Ada, whose username is a valid number."""
    username = {"enabled": True, "identifier": True}
    await configure(server, {"attributes": {"phone_number": ATTRIBUTE, "username": username}})
    return await rename(server, await server.backend().create_user("ada@example.com"), NAME)


async def rename(server: TestServer, user: dict[str, Any], name: str) -> dict[str, Any]:
    async with server.app.database.transaction() as db:
        await db.execute(_RENAME, user_id=user["id"], name=name)
    return user


async def hide_accounts(server: TestServer) -> None:
    await configure(server, {"attack_protection": {"enumeration_protection": True}})


async def sign_in(browser: Browser, identifier: str, password: str = PASSWORD) -> Any:
    return await browser.post("/v1/client/sign_ins", identifier=identifier, password=password)


async def test_user_signs_in_by_a_username_that_is_a_valid_number(
    server: TestServer, named: dict[str, Any]
) -> None:
    done = await sign_in(server.browser(), NAME)

    (session,) = done.json()["client"]["sessions"]
    assert session["user"]["id"] == named["id"]


async def test_username_that_only_looks_like_a_number_signs_in(
    server: TestServer, named: dict[str, Any]
) -> None:
    await rename(server, named, "2024.05.01")

    done = await sign_in(server.browser(), "2024.05.01")

    assert done.json()["response"]["status"] == "complete"


async def test_user_with_the_number_itself_comes_first(server: TestServer, named: dict[str, Any]) -> None:
    eve = await server.backend().create_user("eve@example.com", phone_number=[SAME_NUMBER], password=OTHERS)

    theirs = await sign_in(server.browser(), NAME, OTHERS)
    of_the_name = await sign_in(server.browser(), NAME)

    (session,) = theirs.json()["client"]["sessions"]
    assert session["user"]["id"] == eve["id"]
    assert error_of(of_the_name)[:2] == (422, "form_password_incorrect")


async def test_code_by_mail_goes_to_the_user_of_the_name(server: TestServer, named: dict[str, Any]) -> None:
    begun = await server.browser().post("/v1/client/sign_ins", identifier=NAME, strategy="email_code")

    assert begun.json()["response"]["first_factor_verification"]["strategy"] == "email_code"
    assert len(await server.messages("ada@example.com")) == 1


async def test_code_to_the_number_is_not_offered_to_the_user_of_the_name(
    server: TestServer, named: dict[str, Any]
) -> None:
    response = await server.browser().post("/v1/client/sign_ins", identifier=NAME, strategy="phone_code")

    assert error_of(response)[0] == 400
    assert await server.messages(SAME_NUMBER) == []


async def test_hidden_account_with_such_a_name_signs_in(server: TestServer, named: dict[str, Any]) -> None:
    await hide_accounts(server)

    done = await sign_in(server.browser(), NAME)

    (session,) = done.json()["client"]["sessions"]
    assert session["user"]["id"] == named["id"]


async def test_hidden_account_with_such_a_name_looks_like_none(
    server: TestServer, named: dict[str, Any]
) -> None:
    await hide_accounts(server)
    shown: list[Any] = []
    for name in (NAME, UNKNOWN):
        begun = await server.browser().post("/v1/client/sign_ins", identifier=name)
        wrong = await sign_in(server.browser(), name, "wrong")
        coded = await server.browser().post("/v1/client/sign_ins", identifier=name, strategy="phone_code")
        texts = [message["kind"] for message in await server.messages("+1" + name.replace("-", ""))]
        shown.append([*map(seen, (begun, wrong, coded)), texts])

    assert shown[0] == shown[1]
    assert shown[0][-1] == ["no_account"]


async def test_number_that_is_read_from_a_name_does_not_sign_in_its_user(
    server: TestServer, named: dict[str, Any]
) -> None:
    browser = server.browser()
    begun = await browser.post(
        "/v1/client/sign_ins", identifier=NAME, strategy="phone_code", sign_up_if_missing="true"
    )
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"

    proven = await browser.post(
        f"{path}/attempt_first_factor", strategy="phone_code", code=await code_sent_to(server, SAME_NUMBER)
    )

    assert error_of(proven)[1] == "sign_up_if_missing_transfer"
    client = (await browser.get("/v1/client")).json()["response"]
    assert client["sessions"] == []
    assert client["sign_in"]["first_factor_verification"]["status"] == "transferable"


async def test_owner_of_the_number_cannot_lock_the_user_of_the_name_by_wrong_codes(
    server: TestServer, named: dict[str, Any]
) -> None:
    browser = server.browser()
    for _ in range(3):
        begun = await browser.post(
            "/v1/client/sign_ins", identifier=NAME, strategy="phone_code", sign_up_if_missing="true"
        )
        path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
        for _ in range(5):
            await browser.post(path, strategy="phone_code", code="not it")

    user = (await server.backend().get(f"/v1/users/{named['id']}")).json()
    assert (user["locked"], user["verification_attempts_remaining"]) == (False, 10)
