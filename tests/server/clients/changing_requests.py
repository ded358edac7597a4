"""Every request of the Frontend API that answers with the client, and whether it changes what that shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from PIL import Image

from tests.server.clients.world import ADA, BOB, CORA, Request, World, signed_in
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE

Case = Callable[[World], Awaitable[Request]]
cases: list[tuple[str, str, Case]] = []


def case(operation: str, moves: str = "moves") -> Callable[[Case], Case]:
    """A request of an operation, after what comes before it.

    Args:
        moves: `moves` or `stays`: what is expected, beside that it agrees with what is shown.
    """

    def add(function: Case) -> Case:
        cases.append((operation, moves, function))
        return function

    return add


PICTURE = BytesIO()
Image.new("RGB", (8, 8)).save(PICTURE, "PNG")
FILE = {"file": ("me.png", PICTURE.getvalue())}


# --- the client and its sessions ----------------------------------------------------------------------------


@case("put_client", "stays")
async def client_that_is_there_already(w: World) -> Request:
    return Request("PUT", "/v1/client")


@case("post_client", "stays")
async def client_that_is_there_already_by_post(w: World) -> Request:
    return Request("POST", "/v1/client")


@case("remove_client_sessions_and_retain_cookie")
async def every_session_ended(w: World) -> Request:
    return Request("DELETE", "/v1/client/sessions")


@case("touch_session", "stays")
async def active_session_used(w: World) -> Request:
    return Request("POST", w.session_path("touch"))


@case("touch_session")
async def other_session_selected(w: World) -> Request:
    return Request("POST", w.session_path("touch", of=CORA))


@case("touch_session")
async def organization_activated(w: World) -> Request:
    return Request("POST", w.session_path("touch"), {"active_organization_id": w.acme["id"]})


@case("touch_session", "stays")
async def same_organization_activated_again(w: World) -> Request:
    fields = {"active_organization_id": w.acme["id"]}
    await w.done("POST", w.session_path("touch"), **fields)
    return Request("POST", w.session_path("touch"), fields)


@case("end_session")
async def session_ended(w: World) -> Request:
    return Request("POST", w.session_path("end"))


@case("end_session", "stays")
async def session_ended_that_is_over(w: World) -> Request:
    await w.done("POST", w.session_path("end", of=CORA))
    return Request("POST", w.session_path("end", of=CORA))


@case("remove_session")
async def session_removed(w: World) -> Request:
    return Request("POST", w.session_path("remove", of=CORA))


@case("revoke_session")
async def session_of_this_browser_revoked(w: World) -> Request:
    return Request("POST", f"/v1/me/sessions/{w.sessions[ADA]}/revoke")


@case("revoke_session", "stays")
async def session_of_another_browser_revoked(w: World) -> Request:
    elsewhere = await signed_in(w.backend, w.server.browser(), w.users[ADA])
    return Request("POST", f"/v1/me/sessions/{elsewhere}/revoke")


@case("create_session_token", "stays")
async def token_asked_for(w: World) -> Request:
    return Request("POST", w.session_path("tokens"))


@case("create_session_token", "stays")
async def token_asked_for_that_keeps_the_session_from_being_abandoned(w: World) -> Request:
    await configure(w.server, {"session": {"inactivity_timeout": 600}})
    await w.done("POST", w.session_path("touch"))
    w.server.clock.advance(seconds=120)
    return Request("POST", w.session_path("tokens"))


# --- reverification -----------------------------------------------------------------------------------------


async def begin_reverification(w: World) -> None:
    await w.done("POST", w.session_path("verify"), level="first_factor")


@case("start_session_reverification", "stays")
async def reverification_begun(w: World) -> Request:
    return Request("POST", w.session_path("verify"), {"level": "first_factor"})


@case("prepare_session_reverification_first_factor", "stays")
async def code_sent_for_reverification(w: World) -> Request:
    await begin_reverification(w)
    address = (await w.client())["sessions"][1]["user"]["primary_email_address_id"]
    fields = {"strategy": "email_code", "email_address_id": address}
    return Request("POST", w.session_path("verify/prepare_first_factor"), fields)


@case("attempt_session_reverification_first_factor")
async def factor_proven_again(w: World) -> Request:
    w.server.clock.advance(seconds=3600)
    await w.sent(await code_sent_for_reverification(w))
    fields = {"strategy": "email_code", "code": TEST_CODE}
    return Request("POST", w.session_path("verify/attempt_first_factor"), fields)


@case("attempt_session_reverification_first_factor")
async def wrong_password_that_counts_towards_a_lock(w: World) -> Request:
    await begin_reverification(w)
    fields = {"strategy": "password", "password": "a wrong guess of it"}
    return Request("POST", w.session_path("verify/attempt_first_factor"), fields, 422)


# --- sign-ins and sign-ups ----------------------------------------------------------------------------------


@case("create_sign_in")
async def sign_in_begun(w: World) -> Request:
    return Request("POST", "/v1/client/sign_ins", {"identifier": BOB})


@case("create_sign_in")
async def sign_in_complete(w: World) -> Request:
    return Request(
        "POST", "/v1/client/sign_ins", {"strategy": "password", "identifier": BOB, "password": PASSWORD}
    )


@case("prepare_sign_in_factor_one")
async def code_sent_for_a_sign_in(w: World) -> Request:
    path = await w.sign_in_path()
    return Request("POST", f"{path}/prepare_first_factor", await first_factor(w))


async def first_factor(w: World) -> dict[str, Any]:
    factors = (await w.client())["sign_in"]["supported_first_factors"]
    factor = next(one for one in factors if one["strategy"] == "email_code")
    return {"strategy": "email_code", "email_address_id": factor["email_address_id"]}


@case("attempt_sign_in_factor_one")
async def wrong_code_in_a_sign_in(w: World) -> Request:
    path = await w.sign_in_path(strategy="email_code")
    fields = {"strategy": "email_code", "code": "111111"}
    return Request("POST", f"{path}/attempt_first_factor", fields, 422)


@case("attempt_sign_in_factor_one", "stays")
async def wrong_password_of_another_user(w: World) -> Request:
    path = await w.sign_in_path()
    fields = {"strategy": "password", "password": "a wrong guess of it"}
    return Request("POST", f"{path}/attempt_first_factor", fields, 422)


@case("attempt_sign_in_factor_one")
async def right_code_in_a_sign_in(w: World) -> Request:
    path = await w.sign_in_path(strategy="email_code")
    fields = {"strategy": "email_code", "code": TEST_CODE}
    return Request("POST", f"{path}/attempt_first_factor", fields)


@case("prepare_sign_in_factor_two")
async def second_step_begun(w: World) -> Request:
    path = await second_step(w)
    return Request("POST", f"{path}/prepare_second_factor", {"strategy": "email_code"})


async def second_step(w: World) -> str:
    await signed_in(w.backend, w.server.browser(), w.users[BOB])
    await configure(w.server, {"attack_protection": {"client_trust": True}})
    return await w.sign_in_path(strategy="password", password=PASSWORD)


@case("attempt_sign_in_factor_two")
async def second_step_complete(w: World) -> Request:
    path = await second_step(w)
    await w.done("POST", f"{path}/prepare_second_factor", strategy="email_code")
    return Request("POST", f"{path}/attempt_second_factor", {"strategy": "email_code", "code": TEST_CODE})


@case("reset_password")
async def forgotten_password_replaced(w: World) -> Request:
    path = await w.sign_in_path(strategy="reset_password_email_code")
    fields = {"strategy": "reset_password_email_code", "code": TEST_CODE}
    await w.done("POST", f"{path}/attempt_first_factor", **fields)
    return Request("POST", f"{path}/reset_password", {"password": "a wholly different battery"})


@case("create_sign_ups")
async def sign_up_begun(w: World) -> Request:
    return Request("POST", "/v1/client/sign_ups")


@case("update_sign_ups")
async def sign_up_filled_in(w: World) -> Request:
    return Request("PATCH", await w.sign_up_path(), {"email_address": "dora+clerk_test@example.com"})


@case("prepare_sign_ups_verification")
async def code_sent_for_a_sign_up(w: World) -> Request:
    path = await w.sign_up_path(email_address="dora+clerk_test@example.com")
    return Request("POST", f"{path}/prepare_verification", {"strategy": "email_code"})


@case("attempt_sign_ups_verification")
async def wrong_code_in_a_sign_up(w: World) -> Request:
    path = await w.sign_up_path(email_address="dora+clerk_test@example.com", strategy="email_code")
    return Request("POST", f"{path}/attempt_verification", {"strategy": "email_code", "code": "111111"}, 422)


@case("attempt_sign_ups_verification")
async def address_of_a_sign_up_proven(w: World) -> Request:
    path = await w.sign_up_path(email_address="dora+clerk_test@example.com", strategy="email_code")
    return Request("POST", f"{path}/attempt_verification", {"strategy": "email_code", "code": TEST_CODE})
