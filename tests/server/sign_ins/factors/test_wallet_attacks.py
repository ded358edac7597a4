"""Signatures that must sign no user in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.support.answers import error_of
from tests.support.factors.wallets import (
    METAMASK,
    EthereumWallet,
    Wallet,
    add_wallet,
    attempt_sign_in,
    attempt_sign_up,
    begin_sign_in,
    begin_sign_up,
    prepare_sign_in,
    sign_in_with,
    sign_up_with,
    text_of,
    verify_wallet,
)
from tests.support.server import Browser, JsonObject, TestServer

WRONG = (422, "form_incorrect_signature", "signature")


async def sessions_of(browser: Browser) -> list[JsonObject]:
    return (await browser.get("/v1/client")).json()["response"]["sessions"]


def line(text: str, name: str, value: str) -> str:
    """The text with another value in one of its lines."""
    lines = [f"{name}: {value}" if one.startswith(f"{name}: ") else one for one in text.split("\n")]
    assert "\n".join(lines) != text
    return "\n".join(lines)


OTHER_TEXTS: dict[str, Callable[[str], str]] = {
    "of another domain": lambda text: text.replace(text.split(" ")[0], "evil.example", 1),
    "of another page": lambda text: line(text, "URI", "https://evil.example"),
    "of another chain": lambda text: line(text, "Chain ID", "137"),
    "with another nonce": lambda text: line(text, "Nonce", "0123456789abcdef0123456789abcdef"),
    "of another address": lambda text: text.replace(text.split("\n")[1], EthereumWallet().address, 1),
    "of another time": lambda text: line(text, "Expiration Time", "2099-01-01T00:00:00.000Z"),
    "that is the nonce alone": lambda text: text.split("Nonce: ")[1].split("\n")[0],
    "that is empty": lambda text: "",
    "with other line ends": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("change", OTHER_TEXTS.values(), ids=OTHER_TEXTS.keys())
async def test_signature_of_a_text_does_not_sign_in(
    wallets: TestServer, ada: EthereumWallet, change: Callable[[str], str]
) -> None:
    browser = wallets.browser()

    refused = await sign_in_with(browser, ada, lambda text: ada.sign(change(text)))

    assert error_of(refused) == WRONG
    assert await sessions_of(browser) == []


MALFORMED: dict[str, Callable[[str], str]] = {
    "with high s": lambda one: one[:66] + f"{_ORDER - int(one[66:130], 16):064x}" + _flipped(one),
    "with the other v": lambda one: one[:130] + _flipped(one),
    "with an unknown v": lambda one: one[:130] + "1d",
    "without v": lambda one: one[:130],
    "with more bytes": lambda one: one + "00",
    "of one byte": lambda one: "0x00",
    "that is no hex": lambda one: one[:-1] + "x",
    "of zeros": lambda one: "0x" + "0" * 130,
    "of a megabyte": lambda one: one * 5000,
}
_ORDER = int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16)


def _flipped(signature: str) -> str:
    return {"1b": "1c", "1c": "1b"}[signature[130:]]


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
async def test_signature_does_not_sign_in(
    wallets: TestServer, ada: EthereumWallet, change: Callable[[str], str]
) -> None:
    browser = wallets.browser()

    refused = await sign_in_with(browser, ada, lambda text: change(ada.sign(text)))

    assert error_of(refused) == WRONG
    assert await sessions_of(browser) == []


async def test_address_alone_proves_nothing(wallets: TestServer, ada: EthereumWallet) -> None:
    """The answer to `eth_accounts` is public."""
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"

    nothing = await browser.post(path, strategy=METAMASK)
    address = await browser.post(path, strategy=METAMASK, signature=ada.address)

    assert error_of(nothing) == (422, "form_param_nil", "signature")
    assert error_of(address) == WRONG
    assert await sessions_of(browser) == []


async def test_wrong_signature_uses_the_text_up(wallets: TestServer, ada: EthereumWallet) -> None:
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)

    refused = await attempt_sign_in(browser, sign_in, EthereumWallet().sign(text_of(sign_in)))
    right_too_late = await attempt_sign_in(browser, sign_in, ada.sign(text_of(sign_in)))
    shown = (await browser.get(f"/v1/client/sign_ins/{sign_in['id']}")).json()["response"]

    assert error_of(refused) == WRONG
    assert error_of(right_too_late)[:2] == (400, "verification_missing")
    assert shown["first_factor_verification"]["status"] == "failed"
    assert await sessions_of(browser) == []


async def test_signature_does_not_sign_in_twice(wallets: TestServer, ada: EthereumWallet) -> None:
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)
    signature = ada.sign(text_of(sign_in))
    first = await attempt_sign_in(browser, sign_in, signature)
    await browser.delete("/v1/client/sessions")

    again = await attempt_sign_in(browser, sign_in, signature)
    elsewhere = await sign_in_with(wallets.browser(), ada, lambda _: signature)

    assert first.json()["response"]["status"] == "complete"
    assert error_of(again)[0] in (400, 404)
    assert error_of(elsewhere) == WRONG


async def test_second_text_replaces_the_first(wallets: TestServer, ada: EthereumWallet) -> None:
    browser = wallets.browser()
    first = await begin_sign_in(browser, ada)
    second = (await prepare_sign_in(browser, first, METAMASK)).json()["response"]

    refused = await attempt_sign_in(browser, second, ada.sign(text_of(first)))

    assert text_of(first) != text_of(second)
    assert error_of(refused) == WRONG


async def test_signature_that_is_six_minutes_old_does_not_sign_in(
    wallets: TestServer, ada: EthereumWallet
) -> None:
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)
    signature = ada.sign(text_of(sign_in))
    wallets.clock.advance(seconds=6 * 60)

    refused = await attempt_sign_in(browser, sign_in, signature)

    assert error_of(refused)[:2] == (400, "verification_expired")
    assert await sessions_of(browser) == []


async def test_one_nonce_gives_one_session_however_many_attempts_come_at_the_same_time(
    wallets: TestServer, ada: EthereumWallet
) -> None:
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)
    signature = ada.sign(text_of(sign_in))

    answers = await asyncio.gather(*(attempt_sign_in(browser, sign_in, signature) for _ in range(50)))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 49]
    assert len(await sessions_of(browser)) == 1


async def test_one_nonce_makes_one_user_however_many_attempts_come_at_the_same_time(
    wallets: TestServer,
) -> None:
    browser, wallet = wallets.browser(), EthereumWallet()
    sign_up = await begin_sign_up(browser, wallet)
    signature = wallet.sign(sign_up["verifications"]["web3_wallet"]["message"])

    answers = await asyncio.gather(*(attempt_sign_up(browser, sign_up, signature) for _ in range(50)))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 49]
    users = (await wallets.backend().get("/v1/users", web3_wallet=[wallet.address])).json()
    assert len(users) == 1


async def test_another_users_wallet_does_not_sign_in(wallets: TestServer, ada: EthereumWallet) -> None:
    """Of a person who has a wallet of their own here, and signs Ada's text with it."""
    grace = EthereumWallet()
    await sign_up_with(wallets.browser(), grace)
    browser = wallets.browser()

    refused = await sign_in_with(browser, ada, grace.sign)

    assert error_of(refused) == WRONG
    assert await sessions_of(browser) == []


async def test_wallet_of_another_user_cannot_be_chosen_in_a_sign_in(
    wallets: TestServer, ada: EthereumWallet
) -> None:
    """Mallory signs for her own wallet in a sign-in as Ada."""
    mallory = EthereumWallet()
    signed_up = await sign_up_with(wallets.browser(), mallory)
    own_id = signed_up["client"]["sessions"][0]["user"]["primary_web3_wallet_id"]
    browser = wallets.browser()
    begun = (await browser.post("/v1/client/sign_ins", identifier=ada.address)).json()["response"]

    path = f"/v1/client/sign_ins/{begun['id']}/prepare_first_factor"
    refused = await browser.post(path, strategy=METAMASK, web3_wallet_id=own_id)

    assert error_of(refused) == (422, "form_param_value_invalid", "web3_wallet_id")


async def test_text_of_another_browser_does_not_sign_in(wallets: TestServer, ada: EthereumWallet) -> None:
    sign_in = await begin_sign_in(wallets.browser(), ada)
    thief = wallets.browser()
    own = await begin_sign_in(thief, ada)

    answers = [
        await attempt_sign_in(thief, sign_in, ada.sign(text_of(sign_in))),
        await attempt_sign_in(thief, own, ada.sign(text_of(sign_in))),
    ]

    assert [error_of(answer)[0] for answer in answers] == [404, 422]


async def test_text_of_one_strategy_is_not_answered_by_another(
    wallets: TestServer, ada: EthereumWallet
) -> None:
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)

    signature = ada.sign(text_of(sign_in))
    refused = await attempt_sign_in(browser, sign_in, signature, "web3_okx_wallet_signature")

    assert error_of(refused)[:2] == (400, "verification_missing")


async def test_wallet_that_was_removed_meanwhile_does_not_sign_in(
    wallets: TestServer, ada: EthereumWallet
) -> None:
    backend, other = wallets.backend(), EthereumWallet()
    user = (await backend.get("/v1/users", web3_wallet=[ada.address])).json()[0]
    own = wallets.browser()
    await sign_in_with(own, ada)
    await verify(own, other)
    browser = wallets.browser()
    sign_in = await begin_sign_in(browser, ada)
    signature = ada.sign(text_of(sign_in))

    wallet_id = next(one["id"] for one in user["web3_wallets"])
    removed = await backend.delete(f"/v1/users/{user['id']}/web3_wallets/{wallet_id}")
    refused = await attempt_sign_in(browser, sign_in, signature)

    assert removed.status_code == 200
    assert error_of(refused)[0] == 400
    assert await sessions_of(browser) == []


async def verify(browser: Browser, wallet: Wallet) -> JsonObject:
    prepared = await add_wallet(browser, wallet)
    text = prepared["verification"]["message"]
    return (await verify_wallet(browser, prepared, wallet.sign(text))).json()["response"]


async def test_text_for_the_profile_does_not_sign_in(wallets: TestServer) -> None:
    """Mallory adds Ada's wallet to her own account before Ada signs up, has her sign that text, and uses it
    elsewhere."""
    mallory, wallet = wallets.browser(), EthereumWallet()
    await sign_up_with(mallory, EthereumWallet())
    prepared = await add_wallet(mallory, wallet)
    await sign_up_with(wallets.browser(), wallet)
    signature = wallet.sign(prepared["verification"]["message"])

    refused = await sign_in_with(wallets.browser(), wallet, lambda _: signature)
    taken = await verify_wallet(mallory, prepared, signature)

    assert error_of(refused) == WRONG
    assert error_of(taken)[:2] == (422, "form_identifier_exists")


async def test_wallet_that_changed_in_the_sign_up_is_not_verified_by_the_text_of_the_first(
    wallets: TestServer,
) -> None:
    browser, first, second = wallets.browser(), EthereumWallet(), EthereumWallet()
    sign_up = await begin_sign_up(browser, first)
    signature = first.sign(sign_up["verifications"]["web3_wallet"]["message"])
    await browser.patch(f"/v1/client/sign_ups/{sign_up['id']}", web3_wallet=second.address)

    refused = await attempt_sign_up(browser, sign_up, signature)

    assert error_of(refused)[0] == 400
    assert await sessions_of(browser) == []


async def test_wrong_signatures_do_not_lock_the_user_out(wallets: TestServer, ada: EthereumWallet) -> None:
    """They cannot be guessed, and every attacker could lock out the owner of a public address."""
    for _ in range(12):
        assert error_of(await sign_in_with(wallets.browser(), ada, EthereumWallet().sign)) == WRONG

    done = await sign_in_with(wallets.browser(), ada)

    assert done.json()["response"]["status"] == "complete"


async def test_banned_user_does_not_sign_in(wallets: TestServer, ada: EthereumWallet) -> None:
    backend, browser = wallets.backend(), wallets.browser()
    sign_in = await begin_sign_in(browser, ada)
    user = (await backend.get("/v1/users", web3_wallet=[ada.address])).json()[0]
    await backend.post(f"/v1/users/{user['id']}/ban")

    refused = await attempt_sign_in(browser, sign_in, ada.sign(text_of(sign_in)))

    assert error_of(refused)[0] == 403
    assert await sessions_of(browser) == []


async def test_text_names_no_page_that_may_not_call(wallets: TestServer, ada: EthereumWallet) -> None:
    """Else a relay could have the text of its own page signed, and the wallet would see nothing wrong."""
    browser = wallets.browser(origin="https://evil.example")

    refused = await browser.post("/v1/client/sign_ins", identifier=ada.address)

    assert refused.status_code in (400, 403)
