"""A user's own wallets, as browsers see them."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of, errors_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import signed_up_by_mail
from tests.support.factors.wallets import (
    EthereumWallet,
    SolanaWallet,
    add_wallet,
    sign_in_with,
    sign_up_with,
    verify_wallet,
    with_wallets,
)
from tests.support.server import Browser, TestServer


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """Signed in, without a wallet."""
    await with_wallets(server)
    browser = server.browser()
    await browser.sign_up("ada+clerk_test@example.com")
    return browser


async def test_wallet_is_added_and_verified_and_signs_in_then(server: TestServer, ada: Browser) -> None:
    wallet = EthereumWallet()

    prepared = await add_wallet(ada, wallet)
    answer = (await verify_wallet(ada, prepared, wallet.sign(prepared["verification"]["message"]))).json()
    signed_in = await sign_in_with(server.browser(), wallet)

    verified = answer["response"]
    assert (prepared["web3_wallet"], prepared["verification"]["status"]) == (wallet.address, "unverified")
    assert verified["verification"]["status"] == "verified"
    user = answer["client"]["sessions"][0]["user"]
    assert user["primary_web3_wallet_id"] == verified["id"]
    assert user["web3_wallets"] == [verified]
    assert (await ada.get("/v1/me/web3_wallets")).json() == [verified]
    assert (await ada.get(f"/v1/me/web3_wallets/{verified['id']}")).json()["response"] == verified
    assert signed_in.json()["response"]["status"] == "complete"


async def test_new_wallet_is_not_verified_and_signs_no_user_in(server: TestServer, ada: Browser) -> None:
    wallet = SolanaWallet()
    added = (await ada.post("/v1/me/web3_wallets", web3_wallet=wallet.address)).json()

    refused = await server.browser().post("/v1/client/sign_ins", identifier=wallet.address)

    assert added["response"]["verification"] is None
    assert added["client"]["sessions"][0]["user"]["primary_web3_wallet_id"] is None
    assert error_of(refused) == (422, "form_identifier_not_found", "identifier")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "form_param_nil"),
        ("0x12", "form_param_format_invalid"),
        ("ada", "form_param_format_invalid"),
    ],
)
async def test_what_is_no_wallet_is_not_added(ada: Browser, text: str, code: str) -> None:
    assert errors_of(await ada.post("/v1/me/web3_wallets", web3_wallet=text)) == {"web3_wallet": code}


async def test_wallet_is_not_added_twice_however_it_is_written(ada: Browser) -> None:
    wallet = EthereumWallet()
    await add_wallet(ada, wallet)

    again = await ada.post("/v1/me/web3_wallets", web3_wallet=wallet.address.lower())

    assert error_of(again) == (422, "form_identifier_exists", "web3_wallet")


async def test_another_wallet_becomes_primary(ada: Browser) -> None:
    ids: list[str] = []
    for wallet in (EthereumWallet(), SolanaWallet()):
        prepared = await add_wallet(ada, wallet)
        await verify_wallet(ada, prepared, wallet.sign(prepared["verification"]["message"]))
        ids.append(prepared["id"])

    changed = await ada.patch("/v1/me", primary_web3_wallet_id=ids[1])

    assert changed.json()["response"]["primary_web3_wallet_id"] == ids[1]


async def test_unverified_wallet_does_not_become_primary(ada: Browser) -> None:
    prepared = await add_wallet(ada, EthereumWallet())

    refused = await ada.patch("/v1/me", primary_web3_wallet_id=prepared["id"])

    assert error_of(refused)[::2] == (422, "primary_web3_wallet_id")


async def test_removed_wallet_signs_no_user_in_and_is_free_again(server: TestServer, ada: Browser) -> None:
    wallet = EthereumWallet()
    prepared = await add_wallet(ada, wallet)
    await verify_wallet(ada, prepared, wallet.sign(prepared["verification"]["message"]))

    removed = await ada.delete(f"/v1/me/web3_wallets/{prepared['id']}")
    refused = await server.browser().post("/v1/client/sign_ins", identifier=wallet.address)
    signed_up = await sign_up_with(server.browser(), wallet)

    assert removed.json()["response"]["deleted"] is True
    assert error_of(refused)[1] == "form_identifier_not_found"
    assert signed_up["response"]["status"] == "complete"


async def test_last_way_in_is_not_removed(server: TestServer) -> None:
    await with_wallets(server)
    browser = server.browser()
    signed_up = await sign_up_with(browser, EthereumWallet())
    wallet_id = signed_up["client"]["sessions"][0]["user"]["primary_web3_wallet_id"]

    refused = await browser.delete(f"/v1/me/web3_wallets/{wallet_id}")

    assert error_of(refused)[0] == 400
    assert len((await browser.get("/v1/me/web3_wallets")).json()) == 1


async def test_wallet_of_another_user_is_not_found(server: TestServer, ada: Browser) -> None:
    prepared = await add_wallet(ada, EthereumWallet())
    grace = server.browser()
    await grace.sign_up("grace+clerk_test@example.com")
    path = f"/v1/me/web3_wallets/{prepared['id']}"

    answers = [
        await grace.get(path),
        await grace.delete(path),
        await grace.post(f"{path}/prepare_verification", strategy="web3_metamask_signature"),
        await grace.post(f"{path}/attempt_verification", signature="0x00"),
    ]

    assert {answer.status_code for answer in answers} == {404}


async def test_wrong_signature_verifies_nothing_and_uses_the_text_up(ada: Browser) -> None:
    wallet = EthereumWallet()
    prepared = await add_wallet(ada, wallet)
    text = prepared["verification"]["message"]

    refused = await verify_wallet(ada, prepared, EthereumWallet().sign(text))
    late = await verify_wallet(ada, prepared, wallet.sign(text))

    assert error_of(refused) == (422, "form_incorrect_signature", "signature")
    assert error_of(late)[:2] == (400, "verification_missing")
    shown = (await ada.get(f"/v1/me/web3_wallets/{prepared['id']}")).json()["response"]
    assert shown["verification"]["status"] == "failed"


async def test_text_that_was_never_asked_for_is_not_signed(ada: Browser) -> None:
    added = await ada.post("/v1/me/web3_wallets", web3_wallet=EthereumWallet().address)

    path = f"/v1/me/web3_wallets/{added.json()['response']['id']}/attempt_verification"
    assert error_of(await ada.post(path, signature="0x00"))[:2] == (400, "verification_missing")


async def test_wallets_that_are_off_are_not_added(ada: Browser, server: TestServer) -> None:
    await configure(server, {"attributes": {"web3_wallet": {"enabled": False}}})

    refused = await ada.post("/v1/me/web3_wallets", web3_wallet=EthereumWallet().address)

    assert errors_of(refused) == {"web3_wallet": "form_param_unknown"}


async def test_owner_is_told_by_mail_that_a_wallet_was_added(server: TestServer) -> None:
    await with_wallets(server)
    browser, wallet = await signed_up_by_mail(server, "ada@example.com"), EthereumWallet()

    prepared = await add_wallet(browser, wallet)
    await verify_wallet(browser, prepared, wallet.sign(prepared["verification"]["message"]))

    message = (await server.messages("ada@example.com"))[0]
    assert f"web3 wallet {wallet.address[:6]}***{wallet.address[-4:]}" in message["text"]
