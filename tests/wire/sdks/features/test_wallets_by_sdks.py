"""Wallets of users by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from clerk_backend_api import Clerk, models

from tests.support.factors.wallets import EthereumWallet, SolanaWallet
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, apply_settings
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk

SETTINGS = """
[attributes.email_address]
required = false
[attributes.web3_wallet]
enabled = true
first_factors = ["web3_metamask_signature", "web3_ethereum_signature", "web3_solana_signature"]
verifications = ["web3_metamask_signature", "web3_ethereum_signature", "web3_solana_signature"]
"""


@pytest.fixture(scope="module")
def with_wallets(dev_server: Serving) -> Iterator[Serving]:
    apply_settings(dev_server.data, dev_server.url, SETTINGS)
    yield dev_server
    apply_settings(dev_server.data, dev_server.url, "")


def test_wallets_are_given_found_and_removed_in_javascript(node_sdk: NodeSdk, with_wallets: Serving) -> None:
    ethereum, solana = EthereumWallet().address, SolanaWallet().address

    def call(method: str, *arguments: Any) -> Any:
        return node_sdk.result("call", client=client_of(with_wallets), method=method, args=list(arguments))

    wallets = {"web3Wallet": [ethereum.lower(), solana], "skipPasswordRequirement": True}
    user = call("users.createUser", wallets)
    ids = {one["web3Wallet"]: one["id"] for one in user["web3Wallets"]}
    changed = call("users.updateUser", user["id"], {"primaryWeb3WalletID": ids[solana]})
    found = call("users.getUserList", {"web3Wallet": [ethereum.upper().replace("0X", "0x")]})
    wallet = {"userId": user["id"], "web3WalletIdentificationId": ids[ethereum]}
    removed = call("users.deleteUserWeb3Wallet", wallet)

    assert set(ids) == {ethereum, solana}
    assert (user["primaryWeb3WalletId"], changed["primaryWeb3WalletId"]) == (ids[ethereum], ids[solana])
    assert [one["id"] for one in found["data"]] == [user["id"]]
    assert (removed["id"], removed["object"], removed["deleted"]) == (ids[ethereum], "web3_wallet", True)


def test_wallets_are_given_found_and_removed_in_python(sdk: Clerk, with_wallets: Serving) -> None:
    ethereum, solana = EthereumWallet().address, SolanaWallet().address

    user = sdk.users.create(web3_wallet=[ethereum, solana], skip_password_requirement=True)
    ids = {one.web3_wallet: one.id for one in user.web3_wallets}
    changed = sdk.users.update(user_id=user.id, primary_web3_wallet_id=ids[solana])
    found = sdk.users.list(request={"web3_wallet": [ethereum.lower()]})
    removed = sdk.users.delete_web3_wallet(user_id=user.id, web3_wallet_identification_id=ids[ethereum] or "")
    with pytest.raises(models.ClerkErrors) as last:
        sdk.users.delete_web3_wallet(user_id=user.id, web3_wallet_identification_id=ids[solana] or "")

    assert {one.verification.strategy for one in user.web3_wallets if one.verification} == {"admin"}
    assert changed.primary_web3_wallet_id == ids[solana]
    assert [one.id for one in found] == [user.id]
    assert (removed.id, removed.deleted) == (ids[ethereum], True)
    assert last.value.data.errors[0].code == "last_required_identification_deletion_failed"


@pytest.mark.parametrize("strategy", ["web3_metamask_signature", "web3_ethereum_signature"])
def test_wallet_that_its_owner_has_verified_is_read_in_python(
    sdk: Clerk, with_wallets: Serving, strategy: str
) -> None:
    wallet = EthereumWallet()
    ada = with_wallets.sign_up(f"{wallet.address[2:12]}+clerk_test@example.com")
    headers = {"origin": ada.origin, "cookie": f"__client={ada.client_cookie}"}
    with with_wallets.http(headers=headers) as http:
        added = http.post("/v1/me/web3_wallets", data={"web3_wallet": wallet.address}).raise_for_status()
        path = f"/v1/me/web3_wallets/{added.json()['response']['id']}"
        prepared = http.post(f"{path}/prepare_verification", data={"strategy": strategy}).raise_for_status()
        text = prepared.json()["response"]["verification"]["message"]
        proof = {"signature": wallet.sign(text)}
        http.post(f"{path}/attempt_verification", data=proof).raise_for_status()

    (read,) = sdk.users.get(user_id=ada.user_id).web3_wallets

    assert isinstance(read.verification, models.Web3Signature)
    assert read.verification.status == "verified"
    assert read.verification.strategy == "web3_metamask_signature"
