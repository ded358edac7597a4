"""Requests about the signed-in user and their organizations, as `changing_requests.py` has the others."""

from __future__ import annotations

from tests.server.clients.changing_requests import FILE, case, cases
from tests.server.clients.world import ADA, BOB, CORA, Request, World
from tests.server.identifications.phone_numbers.numbers import TEST_NUMBER, with_phone_numbers
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, AuthenticatorApp
from tests.support.factors.passkeys import PASSKEYS, Authenticator, options_in
from tests.support.organizations import add_organization, path_of
from tests.support.server import PASSWORD, TEST_CODE

__all__ = ["cases"]  # all of them: these are added to the others


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
    """Returns the path of a number that has just been added."""
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


async def _new_verified_number(w: World) -> str:
    """Returns the path of a number that may become a second factor."""
    path = await _new_number(w)
    await configure(w.server, {"attributes": {"phone_number": {"second_factors": ["phone_code"]}}})
    await w.done("POST", f"{path}/prepare_verification", strategy="phone_code")
    await w.done("POST", f"{path}/attempt_verification", code=TEST_CODE)
    return path


@case("update_phone_number")
async def number_made_a_second_factor(w: World) -> Request:
    return Request("PATCH", await _new_verified_number(w), {"reserved_for_second_factor": True})


@case("update_phone_number", "stays")
async def number_that_is_a_second_factor_already(w: World) -> Request:
    path = await _new_verified_number(w)
    await w.done("PATCH", path, reserved_for_second_factor=True)
    await w.done("POST", w.session_path("verify"), level="second_factor")
    strategy = {"strategy": "phone_code"}
    await w.done("POST", w.session_path("verify", "prepare_second_factor"), **strategy)
    await w.done("POST", w.session_path("verify", "attempt_second_factor"), **strategy, code=TEST_CODE)
    return Request("PATCH", path, {"reserved_for_second_factor": True, "default_second_factor": True})


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
    """Backup codes of a user who has just set up their app."""
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


# --- passkeys -----------------------------------------------------------------------------------------------


async def _new_passkey(w: World) -> Request:
    """The last request of a registration."""
    await configure(w.server, PASSKEYS)
    begun = await w.done("POST", "/v1/me/passkeys")
    path = f"/v1/me/passkeys/{begun['id']}/attempt_verification"
    credential = Authenticator().create(options_in(begun["verification"]))
    return Request("POST", path, {"strategy": "passkey", "public_key_credential": credential})


async def _passkey(w: World) -> str:
    """The path of a registered one."""
    registration = await _new_passkey(w)
    await w.sent(registration)
    return registration.path.removesuffix("/attempt_verification")


@case("post_passkey", "stays")
async def passkey_about_to_be_registered(w: World) -> Request:
    await configure(w.server, PASSKEYS)
    return Request("POST", "/v1/me/passkeys")


@case("attempt_passkey_verification")
async def passkey_registered(w: World) -> Request:
    return await _new_passkey(w)


@case("patch_passkey")
async def passkey_renamed(w: World) -> Request:
    return Request("PATCH", await _passkey(w), {"name": "Telephone"})


@case("delete_passkey")
async def passkey_removed(w: World) -> Request:
    return Request("DELETE", await _passkey(w))


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
async def user_invited(w: World) -> Request:
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
