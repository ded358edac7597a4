"""Every request of the Frontend API that answers with the client, and whether it changes what that shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from PIL import Image

from tests.server.clients.world import ADA, BOB, CORA, Request, World, signed_in
from tests.server.identifications.phone_numbers.numbers import TEST_NUMBER, with_phone_numbers
from tests.support.authenticator_apps import SECOND_FACTORS, AuthenticatorApp
from tests.support.configuring import configure
from tests.support.organizations import add_organization, path_of
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
async def wrong_password_of_somebody_else(w: World) -> Request:
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


# --- the user -----------------------------------------------------------------------------------------------


@case("patch_user")
async def name_changed(w: World) -> Request:
    return Request("PATCH", "/v1/me", {"first_name": "Augusta"})


@case("patch_user", "stays")
async def change_refused(w: World) -> Request:
    return Request("PATCH", "/v1/me", {"first_name": "x" * 1000}, 422)


@case("delete_user")
async def account_deleted(w: World) -> Request:
    return Request("DELETE", "/v1/me")


@case("change_password")
async def password_changed(w: World) -> Request:
    fields = {"current_password": PASSWORD, "new_password": "a wholly different battery"}
    return Request("POST", "/v1/me/change_password", fields)


@case("change_password")
async def password_guessed(w: World) -> Request:
    fields = {"current_password": "a wrong guess of it", "new_password": "a wholly different battery"}
    return Request("POST", "/v1/me/change_password", fields, 422)


@case("remove_password")
async def password_removed(w: World) -> Request:
    await configure(w.server, {"attributes": {"password": {"required": False}}})
    return Request("POST", "/v1/me/remove_password", {"current_password": PASSWORD})


@case("patch_user_metadata")
async def metadata_changed(w: World) -> Request:
    return Request("PATCH", "/v1/me/metadata", {"unsafe_metadata": '{"theme": "dark"}'})


@case("create_service_token", "stays")
async def token_of_an_integration(w: World) -> Request:
    return Request("POST", "/v1/me/tokens", {"service": "firebase"}, 404)


@case("update_profile_image")
async def picture_changed(w: World) -> Request:
    return Request("POST", "/v1/me/profile_image", FILE)


@case("delete_profile_image")
async def picture_removed(w: World) -> Request:
    await w.sent(Request("POST", "/v1/me/profile_image", FILE))
    return Request("DELETE", "/v1/me/profile_image")


@case("create_email_addresses")
async def address_added(w: World) -> Request:
    return Request("POST", "/v1/me/email_addresses", {"email_address": "third@example.com"})


@case("delete_email_address")
async def address_removed(w: World) -> Request:
    return Request("DELETE", f"/v1/me/email_addresses/{w.second_address}")


@case("send_verification_email")
async def code_sent_to_an_address(w: World) -> Request:
    path = f"/v1/me/email_addresses/{w.second_address}/prepare_verification"
    return Request("POST", path, {"strategy": "email_code"})


@case("verify_email_address")
async def wrong_code_for_an_address(w: World) -> Request:
    path = f"/v1/me/email_addresses/{w.second_address}"
    await w.done("POST", f"{path}/prepare_verification", strategy="email_code")
    return Request("POST", f"{path}/attempt_verification", {"code": "111111"}, 422)


@case("verify_email_address")
async def address_verified(w: World) -> Request:
    path = f"/v1/me/email_addresses/{w.second_address}"
    await w.done("POST", f"{path}/prepare_verification", strategy="email_code")
    return Request("POST", f"{path}/attempt_verification", {"code": TEST_CODE})


# --- phone numbers ------------------------------------------------------------------------------------------


async def _new_number(w: World) -> str:
    """Where a number is that has just been added."""
    await with_phone_numbers(w.server)
    number = await w.done("POST", "/v1/me/phone_numbers", phone_number=TEST_NUMBER)
    return f"/v1/me/phone_numbers/{number['id']}"


@case("post_phone_numbers")
async def number_added(w: World) -> Request:
    await with_phone_numbers(w.server)
    return Request("POST", "/v1/me/phone_numbers", {"phone_number": TEST_NUMBER})


@case("delete_phone_number")
async def number_deleted(w: World) -> Request:
    return Request("DELETE", await _new_number(w))


@case("update_phone_number", "stays")
async def number_that_stays_as_it_is(w: World) -> Request:
    return Request("PATCH", await _new_number(w), {"reserved_for_second_factor": False})


@case("send_verification_sms")
async def number_sent_a_code(w: World) -> Request:
    path = f"{await _new_number(w)}/prepare_verification"
    return Request("POST", path, {"strategy": "phone_code"})


@case("verify_phone_number")
async def number_verified(w: World) -> Request:
    path = await _new_number(w)
    await w.done("POST", f"{path}/prepare_verification", strategy="phone_code")
    return Request("POST", f"{path}/attempt_verification", {"code": TEST_CODE})


# --- second factors -----------------------------------------------------------------------------------------


async def _new_app(w: World) -> AuthenticatorApp:
    await configure(w.server, SECOND_FACTORS)
    return AuthenticatorApp(w.server, (await w.done("POST", "/v1/me/totp"))["secret"])


async def _codes(w: World) -> list[str]:
    """Backup codes of somebody who has just set up their app."""
    code = (await _new_app(w)).code()
    return (await w.done("POST", "/v1/me/totp/attempt_verification", code=code))["backup_codes"]


async def _reverified(w: World) -> None:
    code = (await _codes(w))[0]
    await w.done("POST", w.session_path("verify"), level="second_factor")
    path = w.session_path("verify", "attempt_second_factor")
    await w.done("POST", path, strategy="backup_code", code=code)


@case("post_totp", "stays")
async def app_about_to_be_set_up(w: World) -> Request:
    await configure(w.server, SECOND_FACTORS)
    return Request("POST", "/v1/me/totp")


@case("verify_totp")
async def app_set_up(w: World) -> Request:
    code = (await _new_app(w)).code()
    return Request("POST", "/v1/me/totp/attempt_verification", {"code": code})


@case("verify_totp", "stays")
async def wrong_code_for_an_app(w: World) -> Request:
    code = (await _new_app(w)).wrong_code()
    return Request("POST", "/v1/me/totp/attempt_verification", {"code": code}, 422)


@case("delete_totp")
async def app_removed(w: World) -> Request:
    await _reverified(w)
    return Request("DELETE", "/v1/me/totp")


@case("create_backup_codes")
async def backup_codes_replaced(w: World) -> Request:
    await _reverified(w)
    return Request("POST", "/v1/me/backup_codes")


@case("prepare_session_reverification_second_factor", "stays")
async def second_factor_that_needs_no_preparation(w: World) -> Request:
    await _codes(w)
    await w.done("POST", w.session_path("verify"), level="second_factor")
    path = w.session_path("verify", "prepare_second_factor")
    return Request("POST", path, {"strategy": "totp"}, 422)


@case("attempt_session_reverification_second_factor")
async def second_factor_verified_once_more(w: World) -> Request:
    code = (await _codes(w))[0]
    await w.done("POST", w.session_path("verify"), level="second_factor")
    path = w.session_path("verify", "attempt_second_factor")
    return Request("POST", path, {"strategy": "backup_code", "code": code})


# --- organizations ------------------------------------------------------------------------------------------


@case("create_organization")
async def organization_created(w: World) -> Request:
    return Request("POST", "/v1/organizations", {"name": "Globex"})


@case("update_organization")
async def organization_renamed(w: World) -> Request:
    return Request("PATCH", path_of(w.acme), {"name": "Acme & Co"})


@case("delete_organization")
async def organization_deleted(w: World) -> Request:
    return Request("DELETE", path_of(w.acme))


@case("update_organization_logo")
async def logo_changed(w: World) -> Request:
    return Request("PUT", path_of(w.acme, "logo"), FILE)


@case("delete_organization_logo")
async def logo_removed(w: World) -> Request:
    await w.sent(Request("PUT", path_of(w.acme, "logo"), FILE))
    return Request("DELETE", path_of(w.acme, "logo"))


@case("create_organization_membership")
async def member_added(w: World) -> Request:
    return Request("POST", w.members_path(), {"user_id": w.users[CORA], "role": "org:member"})


@case("remove_organization_member")
async def member_removed(w: World) -> Request:
    return Request("DELETE", w.members_path(w.users[BOB]))


@case("update_organization_membership")
async def own_role_changed(w: World) -> Request:
    await w.done("PATCH", w.members_path(w.users[BOB]), role="org:admin")
    return Request("PATCH", w.members_path(w.users[ADA]), {"role": "org:member"})


@case("delete_organization_memberships")
async def organization_left(w: World) -> Request:
    await w.done("PATCH", w.members_path(w.users[BOB]), role="org:admin")
    return Request("DELETE", f"/v1/me/organization_memberships/{w.acme['id']}")


INVITED = {"email_address": "dora@example.com", "role": "org:member"}


@case("create_organization_invitations", "stays")
async def somebody_invited(w: World) -> Request:
    return Request("POST", path_of(w.acme, "invitations"), INVITED)


@case("bulk_create_organization_invitations", "stays")
async def several_invited(w: World) -> Request:
    return Request("POST", path_of(w.acme, "invitations", "bulk"), INVITED)


@case("revoke_pending_organization_invitation", "stays")
async def invitation_revoked(w: World) -> Request:
    invitation = await w.done("POST", path_of(w.acme, "invitations"), **INVITED)
    return Request("POST", path_of(w.acme, "invitations", invitation["id"], "revoke"))


@case("accept_organization_invitation")
async def invitation_accepted(w: World) -> Request:
    globex = await add_organization(w.backend, "Globex")
    fields = {"email_address": ADA, "role": "org:member"}
    invited = await w.backend.post(path_of(globex, "invitations"), **fields)
    return Request("POST", f"/v1/me/organization_invitations/{invited.json()['id']}/accept")
