"""Attacks by owners of names. The owner of an address writes its records."""

from __future__ import annotations

import asyncio
import base64
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from greffier.server.identifications.web3_wallets.ens.records import read_avatar, read_name
from greffier.server.users.wallet_profiles.pictures import picture_of
from tests.support.factors.wallets import EthereumWallet, sign_in_with
from tests.support.server import TestServer
from tests.support.services.ens import NameService
from tests.support.services.evm import Evm
from tests.support.services.json_rpc import stand_in_rpc
from tests.support.token_gates import holder_of
from tests.support.wallet_names import named, names_read, reading, user_of, with_names


@pytest.fixture(scope="module")
def names(evm: Evm) -> NameService:
    return NameService(evm)


@pytest.fixture
async def chain(server: TestServer, evm: Evm, names: NameService) -> TestServer:
    await with_names(server, evm.url, names)
    return server


async def nothing_comes_of(chain: TestServer, wallet: EthereumWallet) -> None:
    """The person is signed up, without a name or a picture."""
    _, user = await named(chain, wallet)
    assert "ens_name" not in user["web3_wallets"][0]
    assert (user["first_name"], user["has_image"]) == (None, False)


async def test_address_that_says_the_name_of_another_has_none(chain: TestServer, names: NameService) -> None:
    victim, mallory = EthereumWallet(), EthereumWallet()
    names.register("victim.eth", victim.address)
    names.claim(mallory.address, "victim.eth")

    await nothing_comes_of(chain, mallory)


async def test_name_that_does_not_exist_is_none(chain: TestServer, names: NameService) -> None:
    mallory = EthereumWallet()
    names.claim(mallory.address, "unknown.eth")

    await nothing_comes_of(chain, mallory)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.eth",
        "<img src=x onerror=alert(1)>",
        "vit\u0430lik.eth",  # Cyrillic
        "vitalik\u200b.eth",
        "Vitalik.eth",
        "xn--vitlik-6fg.eth",
        "vitalik.eth\n",
        "vitalik",
        ".eth",
        "vitalik..eth",
        "vitalik.eth.",
        "-vitalik.eth",
        "{{user.id}}.eth",
        "a" * 300 + ".eth",
    ],
)
def test_name_that_is_not_plain_is_none(name: str) -> None:
    assert read_name(encoded(name)) is None


def encoded(text: str) -> str:
    """A `string` as contracts return it."""
    data = text.encode()
    return f"0x{32:064x}{len(data):064x}{data.hex()}{'00' * (-len(data) % 32)}"


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.eth", "vit\u0430lik.eth", "Vitalik.eth"])
async def test_name_that_is_not_plain_is_not_shown_even_if_it_leads_back(
    chain: TestServer, names: NameService, name: str
) -> None:
    mallory = EthereumWallet()
    names.register(name, mallory.address)
    names.claim(mallory.address, name)

    await nothing_comes_of(chain, mallory)


@pytest.mark.parametrize("contract", ["EndlessResolver", "NameRegistry", "Coin"])
async def test_resolver_that_misbehaves_gives_no_name_and_hinders_no_sign_in(
    chain: TestServer, names: NameService, contract: str
) -> None:
    mallory = EthereumWallet()
    names.resolve_by(mallory.address, contract)
    await nothing_comes_of(chain, mallory)

    other, name = EthereumWallet(), f"{contract.lower()}.eth"
    names.claim(other.address, name)
    names.resolve_name_by(name, contract)
    await nothing_comes_of(chain, other)
    (await sign_in_with(chain.browser(), mallory)).raise_for_status()


async def test_megabytes_in_place_of_records_are_given_up_and_hinder_no_other_user(
    chain: TestServer, names: NameService, caplog: pytest.LogCaptureFixture
) -> None:
    mallory, honest = EthereumWallet(), EthereumWallet()
    names.claim(mallory.address, "huge.eth")
    names.resolve_name_by("huge.eth", "HugeResolver")
    names.register("honest.eth", honest.address)
    names.claim(honest.address, "honest.eth")

    holder = await holder_of(chain, mallory)
    _, user = await named(chain, honest)
    async with asyncio.timeout(20):
        while "no answer of 127.0.0.1" not in caplog.text:
            await asyncio.sleep(0.01)

    assert user["first_name"] == "honest.eth"
    assert (await user_of(holder))["first_name"] is None


@pytest.mark.parametrize(
    "avatar",
    [
        "javascript:alert(1)",
        "http://pictures.example/ada.png",
        "ftp://pictures.example/ada.png",
        "file:///etc/passwd",
        "ipfs://QmRAQB6YaCyidP37UdDnjFY5vQuiBrcqdyoW1CuDgwxkD4",
        "eip155:1/erc721:0xb7F7F6C52F2e2fdb1963Eab30438024864c313F6/2430",
        "https://",
        "https://[",
        "https://pictures.example:99999/",
        "https://user:secret@127.0.0.1/ada.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/ada.png",
        "https://[::1]/ada.png",
        "https://2130706433/ada.png",
        "https://127.0.0.1/" + "a" * 3000,
        "data:text/html;base64," + base64.b64encode(b"<script>alert(1)</script>").decode(),
        "data:image/svg+xml;base64," + base64.b64encode(b"<svg onload='alert(1)'/>").decode(),
        "data:image/png;base64,!!!!",
        "data:image/png,plain",
    ],
)
async def test_picture_from_elsewhere_or_none_at_all_is_not_taken(avatar: str) -> None:
    read = read_avatar(encoded(avatar))

    assert read is None or await picture_of(read) is None


async def test_user_whose_picture_is_refused_has_a_name_all_the_same(
    chain: TestServer, names: NameService
) -> None:
    mallory, avatar = EthereumWallet(), "https://169.254.169.254/latest/meta-data/"
    names.register("pictured.eth", mallory.address, avatar=avatar)
    names.claim(mallory.address, "pictured.eth")

    _, user = await named(chain, mallory)

    assert (user["first_name"], user["has_image"]) == ("pictured.eth", False)
    assert avatar not in str(user)


@pytest.fixture
def inside() -> Iterator[ThreadingHTTPServer]:
    """A server in a private network."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        yield server


async def test_no_connection_into_a_private_network_is_opened_for_a_picture(
    chain: TestServer, names: NameService, inside: ThreadingHTTPServer
) -> None:
    mallory = EthereumWallet()
    address = f"https://localhost:{inside.server_port}/secret"
    names.register("inside.eth", mallory.address, avatar=address)
    names.claim(mallory.address, "inside.eth")

    await named(chain, mallory)

    inside.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        inside.socket.accept()


async def test_sign_up_and_in_do_not_wait_for_a_chain_that_hangs(
    server: TestServer, names: NameService
) -> None:
    asked, answering = threading.Event(), threading.Event()

    def hang(method: str, params: list[object]) -> object:
        asked.set()
        answering.wait(30)
        raise ValueError("too late")

    with stand_in_rpc() as rpc:
        rpc.answer = hang
        await with_names(server, rpc.url, names)
        wallet = EthereumWallet()
        holder = await holder_of(server, wallet)
        await asyncio.to_thread(asked.wait, 10)
        (await sign_in_with(server.browser(), wallet)).raise_for_status()
        user = await user_of(holder)
        waiting = await reading(server, holder.user_id)
        answering.set()

    assert asked.is_set()
    assert (user["first_name"], waiting) == (None, [None])


async def test_name_stays_while_no_server_answers(server: TestServer, evm: Evm, names: NameService) -> None:
    wallet = EthereumWallet()
    names.register("steady.eth", wallet.address)
    names.claim(wallet.address, "steady.eth")
    with stand_in_rpc() as rpc:
        rpc.answer = lambda method, params: evm.call(method, *params)
        await with_names(server, rpc.url, names)
        holder, _ = await named(server, wallet)
        rpc.status = 500
        rpc.batches.clear()
        server.clock.advance(seconds=86_400)
        holder.browser = server.browser()
        (await sign_in_with(holder.browser, wallet)).raise_for_status()
        async with asyncio.timeout(20):
            while not rpc.batches:
                await asyncio.sleep(0.01)
        user = await user_of(holder)

    assert user["web3_wallets"][0]["ens_name"] == "steady.eth"


async def test_address_that_was_removed_meanwhile_brings_nothing(
    server: TestServer, evm: Evm, names: NameService
) -> None:
    wallet, second = EthereumWallet(), EthereumWallet()
    for one, name in ((wallet, "stays.eth"), (second, "goes.eth")):
        names.register(name, one.address)
        names.claim(one.address, name)
    asked, answering = threading.Event(), threading.Event()
    with stand_in_rpc() as rpc:
        rpc.answer = lambda method, params: evm.call(method, *params)
        await with_names(server, rpc.url, names)
        holder, _ = await named(server, wallet)

        def wait(method: str, params: list[object]) -> object:
            asked.set()
            answering.wait(10)
            return evm.call(method, *params)

        rpc.answer = wait
        added = await holder.add(second)
        await asyncio.to_thread(asked.wait, 10)
        (await holder.browser.delete(f"/v1/me/web3_wallets/{added['id']}")).raise_for_status()
        before = await reading(server, holder.user_id)
        server.clock.advance(seconds=1)
        answering.set()
        await names_read(server, holder.user_id, before)

    user = await user_of(holder)
    assert [one["ens_name"] for one in user["web3_wallets"]] == ["stays.eth"]


async def test_avatar_is_in_no_log(
    chain: TestServer, names: NameService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mallory = EthereumWallet()
    names.register("logged.eth", mallory.address, avatar="https://127.0.0.1:1/hush-hush\tforged line")
    names.claim(mallory.address, "logged.eth")

    await named(chain, mallory)

    assert "hush-hush" not in caplog.text
    assert "forged line" not in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        True,
        {},
        [],
        "",
        "0x",
        "0xzz",
        "ff",
        "0x" + "ff" * 64,
        f"0x{32:064x}{2**200:064x}",
        "0x" + "0" * 10**6,
    ],
)
def test_answer_that_is_no_text_is_neither_name_nor_picture(answer: object) -> None:
    assert (read_name(answer), read_avatar(answer)) == (None, None)
