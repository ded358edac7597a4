"""Requests about the signed-in user's devices and accounts at other sites."""

from __future__ import annotations

from tests.server.clients.changing_own_requests import case, cases
from tests.server.clients.world import Request, World
from tests.support.configuring import configure
from tests.support.factors.trusted_devices import DEVICES, Device, enroll
from tests.support.factors.wallets import METAMASK, EthereumWallet, with_wallets
from tests.support.provider_tokens import give_tokens
from tests.support.server import APP_ORIGIN

__all__ = ["cases"]  # all of them: these are added to the others


# --- wallets ------------------------------------------------------------------------------------------------


async def _new_wallet(w: World) -> tuple[EthereumWallet, str]:
    """A wallet that has just been added, and its path."""
    await with_wallets(w.server)
    wallet = EthereumWallet()
    added = await w.done("POST", "/v1/me/web3_wallets", web3_wallet=wallet.address)
    return wallet, f"/v1/me/web3_wallets/{added['id']}"


@case("post_web3_wallets")
async def wallet_added(w: World) -> Request:
    await with_wallets(w.server)
    return Request("POST", "/v1/me/web3_wallets", {"web3_wallet": EthereumWallet().address})


@case("delete_web3_wallet")
async def wallet_removed(w: World) -> Request:
    return Request("DELETE", (await _new_wallet(w))[1])


@case("prepare_web3_wallet_verification")
async def wallet_about_to_sign(w: World) -> Request:
    _, path = await _new_wallet(w)
    return Request("POST", f"{path}/prepare_verification", {"strategy": METAMASK})


@case("attempt_web3_wallet_verification")
async def wallet_that_has_signed(w: World) -> Request:
    wallet, path = await _new_wallet(w)
    prepared = await w.done("POST", f"{path}/prepare_verification", strategy=METAMASK)
    signature = wallet.sign(prepared["verification"]["message"])
    return Request("POST", f"{path}/attempt_verification", {"signature": signature})


@case("attempt_web3_wallet_verification")
async def wallet_that_has_signed_something_else(w: World) -> Request:
    wallet, path = await _new_wallet(w)
    await w.done("POST", f"{path}/prepare_verification", strategy=METAMASK)
    return Request("POST", f"{path}/attempt_verification", {"signature": wallet.sign("other")}, 422)


# --- trusted devices: no client shows them ------------------------------------------------------------------


async def _prepared(w: World, path: str) -> Request:
    """The last request of an enrollment."""
    await configure(w.server, DEVICES)
    device = Device()
    challenge = await w.done("POST", f"{path}/prepare", **device.described())
    text = challenge["client_data"]
    return Request("POST", f"{path}/attempt", device.described(client_data=text, signature=device.sign(text)))


@case("prepare_trusted_device", "stays")
async def device_about_to_be_enrolled(w: World) -> Request:
    await configure(w.server, DEVICES)
    return Request("POST", "/v1/me/trusted_devices/prepare", Device().described())


@case("prepare_biometric_credential", "stays")
async def device_about_to_be_enrolled_by_newer_sdks(w: World) -> Request:
    await configure(w.server, DEVICES)
    return Request("POST", "/v1/me/biometric_credentials/prepare", Device().described())


@case("attempt_trusted_device", "stays")
async def device_enrolled(w: World) -> Request:
    return await _prepared(w, "/v1/me/trusted_devices")


@case("attempt_biometric_credential", "stays")
async def device_enrolled_by_newer_sdks(w: World) -> Request:
    return await _prepared(w, "/v1/me/biometric_credentials")


@case("revoke_trusted_device", "stays")
async def device_revoked(w: World) -> Request:
    await configure(w.server, DEVICES)
    return Request("DELETE", f"/v1/me/trusted_devices/{(await enroll(w.browser, Device()))['id']}")


@case("revoke_biometric_credential", "stays")
async def device_revoked_by_newer_sdks(w: World) -> Request:
    await configure(w.server, DEVICES)
    return Request("DELETE", f"/v1/me/biometric_credentials/{(await enroll(w.browser, Device()))['id']}")


@case("validate_trusted_device", "stays")
async def device_validated(w: World) -> Request:
    await configure(w.server, DEVICES)
    enrolled = await enroll(w.browser, Device())
    return Request("POST", "/v1/client/trusted_devices/validate", {"trusted_device_id": enrolled["id"]})


# --- external accounts --------------------------------------------------------------------------------------

SITE = {
    "provider": "custom_acme",
    "enabled": True,
    "client_id": "client",
    "client_secret": "secret",
    "authorization_url": "https://acme.example/authorize",
    "token_url": "https://acme.example/token",
    "userinfo_url": "https://acme.example/me",
}
CONNECT = {"strategy": "oauth_custom_acme", "redirect_url": f"{APP_ORIGIN}/profile"}


@case("read_token_gates", "stays")
async def gates_read(w: World) -> Request:
    return Request("POST", "/v1/me/token_gates/read")


@case("post_oauth_accounts")
async def account_about_to_be_connected(w: World) -> Request:
    await configure(w.server, {"social": [SITE]})
    return Request("POST", "/v1/me/external_accounts", CONNECT)


@case("reauthorize_external_account")
async def account_asked_for_more(w: World) -> Request:
    await configure(w.server, {"social": [SITE]})
    account = await w.done("POST", "/v1/me/external_accounts", **CONNECT)
    path = f"/v1/me/external_accounts/{account['id']}/reauthorize"
    return Request("PATCH", path, {"redirect_url": CONNECT["redirect_url"]})


@case("delete_external_account")
async def account_removed(w: World) -> Request:
    await configure(w.server, {"social": [SITE]})
    account = await w.done("POST", "/v1/me/external_accounts", **CONNECT)
    return Request("DELETE", f"/v1/me/external_accounts/{account['id']}")


@case("revoke_external_account_tokens")
async def account_without_its_tokens(w: World) -> Request:
    await configure(w.server, {"social": [SITE]})
    account = await w.done("POST", "/v1/me/external_accounts", **CONNECT)
    await give_tokens(w.server, account["id"])
    return Request("DELETE", f"/v1/me/external_accounts/{account['id']}/tokens")
