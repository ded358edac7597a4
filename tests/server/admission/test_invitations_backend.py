"""Invitations as an application's backend makes, lists and revokes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.server.admission.inviting import ADA, invite, listed, open_link, sign_up_with, status_of, ticket_of
from tests.support.answers import claims_of, error_of
from tests.support.server import PASSWORD, Backend, TestServer

DAY = 24 * 3600


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_invitation_is_mailed_with_its_link(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend, "Ada@Example.COM ", public_metadata={"team": "blue"})

    assert invited["id"].startswith("inv_")
    assert (invited["email_address"], invited["status"], invited["revoked"]) == (
        "Ada@example.com",
        "pending",
        False,
    )
    assert invited["public_metadata"] == {"team": "blue"}
    assert invited["url"].startswith("http://localhost:8787/v1/tickets/accept?ticket=")
    [mail] = await server.messages("ada@example.com")
    assert mail["links"] == [invited["url"]]
    assert mail["subject"] == "You are invited to My application"
    assert "30 days" in mail["text"]


async def test_link_is_told_once(backend: Backend) -> None:
    invited = await invite(backend)

    [shown] = await listed(backend)
    revoked = (await backend.post(f"/v1/invitations/{invited['id']}/revoke")).json()

    assert shown == {name: value for name, value in invited.items() if name != "url"}
    assert "url" not in revoked


async def test_no_mail_is_sent_where_none_is_wanted(server: TestServer, backend: Backend) -> None:
    await invite(backend, notify=False)
    await invite(backend, "ada+clerk_test@example.com", notify=True)

    assert await server.messages(ADA) == []
    assert await server.messages("ada+clerk_test@example.com") == []


async def test_people_of_the_waitlist_get_a_mail_of_their_own(server: TestServer, backend: Backend) -> None:
    await invite(backend, template_slug="waitlist_invitation", expires_in_days=1)

    [mail] = await server.messages(ADA)
    assert mail["subject"] == "You can join My application now"
    assert "1 day," in mail["text"]


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"expires_in_days": 365}, 365)])
async def test_invitation_lasts_thirty_days_or_as_long_as_asked(
    backend: Backend, given: dict[str, Any], days: int
) -> None:
    invited = await invite(backend, **given)

    assert invited["expires_at"] - invited["created_at"] == days * DAY * 1000
    assert claims_of(ticket_of(invited))["exp"] == invited["expires_at"] // 1000


async def test_null_is_as_good_as_nothing(backend: Backend) -> None:
    nothing = dict.fromkeys(
        ("public_metadata", "redirect_url", "notify", "ignore_existing", "expires_in_days", "template_slug")
    )

    assert (await invite(backend, **nothing))["public_metadata"] == {}


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "form_param_missing", "email_address"),
        ({"email_address": "unknown"}, "form_param_format_invalid", "email_address"),
        ({"email_address": " "}, "form_param_nil", "email_address"),
        ({"email_address": ADA, "expires_in_days": 0}, "form_param_format_invalid", "expires_in_days"),
        ({"email_address": ADA, "expires_in_days": 366}, "form_param_format_invalid", "expires_in_days"),
        ({"email_address": ADA, "template_slug": "other"}, "form_param_format_invalid", "template_slug"),
        ({"email_address": ADA, "public_metadata": [1]}, "form_param_type_invalid", "public_metadata"),
        (
            {"email_address": ADA, "public_metadata": {"a": "b" * 9000}},
            "form_param_exceeds_allowed_size",
            "public_metadata",
        ),
        ({"email_address": ADA, "private_metadata": {}}, "form_param_unknown", "private_metadata"),
    ],
)
async def test_invitation_that_cannot_be_made_is_refused(
    server: TestServer, backend: Backend, body: dict[str, Any], code: str, param: str
) -> None:
    refused = await backend.call("POST", "/v1/invitations", body)

    assert error_of(refused) == (422, code, param)
    assert await listed(backend) == []
    assert await server.messages(ADA) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "http://localhost@evil.example/",
        "http://localhost\\@evil.example/",
        "/welcome",
    ],
)
async def test_invitation_leads_to_allowed_origins_only(backend: Backend, url: str) -> None:
    refused = await backend.post("/v1/invitations", email_address=ADA, redirect_url=url)

    assert error_of(refused) == (422, "form_param_format_invalid", "redirect_url")


async def test_everything_that_is_wrong_is_told_at_once(backend: Backend) -> None:
    refused = await backend.post("/v1/invitations", email_address="unknown", redirect_url="//evil.example")

    params = [item["meta"]["param_name"] for item in refused.json()["errors"]]
    assert params == ["redirect_url", "email_address"]


async def test_who_is_invited_is_not_invited_again(server: TestServer, backend: Backend) -> None:
    await invite(backend)

    refused = await backend.post("/v1/invitations", email_address="ADA@example.com")

    assert error_of(refused)[:2] == (400, "duplicate_record")
    assert refused.json()["errors"][0]["meta"]["email_addresses"] == ["ADA@example.com"]
    assert len(await listed(backend)) == 1
    assert len(await server.messages(ADA)) == 1


async def test_who_has_an_account_is_not_invited(backend: Backend) -> None:
    await backend.add_user(ADA)

    refused = await backend.post("/v1/invitations", email_address="ADA@example.com")

    assert error_of(refused) == (422, "form_identifier_exists", "email_address")


async def test_both_are_invited_when_that_is_wanted(backend: Backend) -> None:
    await invite(backend)
    await backend.add_user("grace@example.com")

    await invite(backend, ignore_existing=True)
    await invite(backend, "grace@example.com", ignore_existing=True)

    assert len(await listed(backend)) == 3
    again = await backend.post("/v1/invitations", email_address=ADA)
    assert error_of(again)[:2] == (400, "duplicate_record")


@pytest.mark.parametrize("end", ["revoked", "expired", "accepted and purged"])
async def test_ended_invitation_stands_in_the_way_of_no_other(
    server: TestServer, backend: Backend, end: str
) -> None:
    invited = await invite(backend, expires_in_days=1)
    if end == "revoked":
        await backend.post(f"/v1/invitations/{invited['id']}/revoke")
    elif end == "expired":
        server.clock.advance(seconds=DAY)
    else:
        signed_up = await sign_up_with(server.browser(), invited, password=PASSWORD)
        await backend.delete(f"/v1/users/{signed_up.json()['response']['created_user_id']}")

    assert (await invite(backend))["status"] == "pending"


async def test_of_parallel_invitations_of_one_address_one_is_made(
    server: TestServer, backend: Backend
) -> None:
    answers = await asyncio.gather(*(backend.post("/v1/invitations", email_address=ADA) for _ in range(8)))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [400] * 7
    assert {error_of(a)[1] for a in answers if a.status_code == 400} == {"duplicate_record"}
    assert len(await listed(backend)) == 1
    assert len(await server.messages(ADA)) == 1


# --- many at once -------------------------------------------------------------------------------------------


async def test_several_people_are_invited_at_once(server: TestServer, backend: Backend) -> None:
    wanted = [
        {"email_address": ADA, "public_metadata": {"team": "blue"}, "redirect_url": None},
        {"email_address": "grace@example.com", "notify": False, "expires_in_days": 2},
    ]

    created = (await backend.call("POST", "/v1/invitations/bulk", wanted)).json()

    assert [one["email_address"] for one in created] == [ADA, "grace@example.com"]
    assert created[0]["public_metadata"] == {"team": "blue"}
    assert created[1]["expires_at"] - created[1]["created_at"] == 2 * DAY * 1000
    assert len(await server.messages(ADA)) == 1
    assert await server.messages("grace@example.com") == []


@pytest.mark.parametrize(
    ("bad", "status", "code"),
    [
        ({"email_address": "unknown"}, 422, "form_param_format_invalid"),
        ({"email_address": "grace@example.com"}, 422, "form_identifier_exists"),
        ({"email_address": "grace@example.com", "ignore_existing": True}, 422, "form_identifier_exists"),
        ({"email_address": "alan@example.com"}, 400, "duplicate_record"),
        ({"email_address": ADA}, 400, "duplicate_record"),
        ({"email_address": "x@example.com", "expires_in_days": 0}, 422, "form_param_format_invalid"),
        ({"email_address": "x@example.com", "color": "red"}, 422, "form_param_unknown"),
    ],
)
async def test_all_are_invited_or_none(
    server: TestServer, backend: Backend, bad: dict[str, Any], status: int, code: str
) -> None:
    await backend.add_user("grace@example.com")
    await invite(backend, "alan@example.com")

    refused = await backend.call("POST", "/v1/invitations/bulk", [{"email_address": ADA}, bad])

    assert error_of(refused)[:2] == (status, code)
    if status == 422:
        assert refused.json()["errors"][0]["meta"]["index"] == 1
    assert [one["email_address"] for one in await listed(backend)] == ["alan@example.com"]
    assert await server.messages(ADA) == []


async def test_one_to_ten_people_are_invited_at_once(backend: Backend) -> None:
    people = [{"email_address": f"p{number}@example.com"} for number in range(11)]

    ten = await backend.call("POST", "/v1/invitations/bulk", people[:10])
    eleven = await backend.call("POST", "/v1/invitations/bulk", people)
    empty = await backend.call("POST", "/v1/invitations/bulk", [])

    assert len(ten.json()) == 10
    assert error_of(eleven)[:2] == error_of(empty)[:2] == (422, "form_param_format_invalid")


@pytest.mark.parametrize("body", [{"email_address": ADA}, "ada", None, [{}] * 101])
async def test_body_that_is_no_short_array_is_refused(backend: Backend, body: Any) -> None:
    refused = await backend.call("POST", "/v1/invitations/bulk", body)

    assert error_of(refused)[:2] == (400, "request_body_invalid")


async def test_item_that_is_no_object_is_refused(backend: Backend) -> None:
    refused = await backend.call("POST", "/v1/invitations/bulk", [{"email_address": ADA}, 1, None])

    assert [item["meta"]["index"] for item in refused.json()["errors"]] == [1, 2]
    assert await listed(backend) == []


# --- the list -----------------------------------------------------------------------------------------------


async def test_list_has_what_is_not_revoked_newest_first(server: TestServer, backend: Backend) -> None:
    made = []
    for name in ("a", "b", "c", "d"):
        made.append(await invite(backend, f"{name}@example.com", expires_in_days=1 if name == "a" else 9))
        server.clock.advance(seconds=1)
    await backend.post(f"/v1/invitations/{made[1]['id']}/revoke")
    await sign_up_with(server.browser(), made[2], password=PASSWORD)
    server.clock.advance(seconds=DAY)

    assert [(one["email_address"][0], one["status"]) for one in await listed(backend)] == [
        ("d", "pending"),
        ("c", "accepted"),
        ("a", "expired"),
    ]
    for name, status in zip("abcd", ("expired", "revoked", "accepted", "pending"), strict=True):
        [one] = await listed(backend, status=status)
        assert (one["email_address"][0], one["status"], one["revoked"]) == (name, status, status == "revoked")


async def test_list_comes_in_pages_ordered_as_asked(server: TestServer, backend: Backend) -> None:
    for name, days in (("b", 3), ("C", 1), ("a", 2)):
        await invite(backend, f"{name}@example.com", expires_in_days=days)
        server.clock.advance(seconds=1)

    async def names(**query: Any) -> str:
        return "".join(one["email_address"][0] for one in await listed(backend, **query))

    assert await names() == await names(order_by="-created_at") == "aCb"
    assert await names(order_by="email_address") == "abC"
    assert await names(order_by="+expires_at") == await names(order_by="expires_at") == "Cab"
    assert await names(order_by="-expires_at") == "baC"
    assert await names(limit=2) + await names(limit=2, offset=2) == "aCb"
    page = (await backend.get("/v1/invitations", paginated="true", limit=1)).json()
    assert (len(page["data"]), page["total_count"]) == (1, 3)


async def test_list_is_searched_by_address_and_id(backend: Backend) -> None:
    ada = await invite(backend)
    await invite(backend, "grace_hopper@example.com")

    assert [one["id"] for one in await listed(backend, query="ADA@")] == [ada["id"]]
    assert [one["id"] for one in await listed(backend, query=ada["id"])] == [ada["id"]]
    assert len(await listed(backend, query="e_h")) == 1
    assert await listed(backend, query="%") == []


@pytest.mark.parametrize("query", [{"order_by": "status"}, {"status": "lost"}, {"limit": 0}])
async def test_list_that_cannot_be_is_refused(backend: Backend, query: dict[str, Any]) -> None:
    refused = await backend.get("/v1/invitations", **query)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["meta"]["param_name"] == next(iter(query))


# --- revoking -----------------------------------------------------------------------------------------------


async def test_pending_invitation_is_revoked_once(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)
    path = f"/v1/invitations/{invited['id']}/revoke"

    revoked = (await backend.post(path)).json()

    assert (revoked["status"], revoked["revoked"]) == ("revoked", True)
    assert error_of(await backend.post(path))[:2] == (400, "invitation_already_revoked")
    assert error_of(await open_link(server.browser(), invited))[:2] == (400, "ticket_invalid_code")
    assert error_of(await sign_up_with(server.browser(), invited))[:2] == (400, "ticket_invalid_code")


async def test_invitation_that_is_not_pending_is_not_revoked(server: TestServer, backend: Backend) -> None:
    accepted, expired = await invite(backend), await invite(backend, "b@example.com", expires_in_days=1)
    await sign_up_with(server.browser(), accepted, password=PASSWORD)
    server.clock.advance(seconds=DAY)

    async def refusal(invitation_id: str) -> tuple[int, str]:
        return error_of(await backend.post(f"/v1/invitations/{invitation_id}/revoke"))[:2]

    assert await refusal(accepted["id"]) == (400, "invitation_already_accepted")
    assert await refusal(expired["id"]) == (400, "invitation_already_expired")
    assert await refusal("inv_unknown") == (404, "resource_not_found")
    assert await status_of(backend, accepted) == "accepted"


async def test_invitations_of_another_instance_are_out_of_reach(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)
    neighbour = await server.neighbour()

    revoked = await neighbour.post(f"/v1/invitations/{invited['id']}/revoke")

    assert error_of(revoked)[:2] == (404, "resource_not_found")
    assert await listed(neighbour) == []
    assert (await invite(neighbour))["email_address"] == ADA
    assert await status_of(backend, invited) == "pending"
