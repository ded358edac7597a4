"""The lines of `greffier doctor` about chains and token gates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from greffier.cli import main
from greffier.cli.doctor import host_checks
from tests.cli.commands import Installation
from tests.support.server import ENCRYPTION_KEY
from tests.support.services.evm import CHAIN_ID, Evm
from tests.support.services.ports import free_port

HOST = "clerk.example.com"


@pytest.fixture(autouse=True)
def hosts_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_checks, "check_hosts", lambda *_, **__: [])  # pyright: ignore[reportUnknownLambdaType]


def doctor(
    installation: Installation, web3: dict[str, Any], *, about: str = ""
) -> list[tuple[str, str, str]]:
    """Level, subject and text of the checks of chains and gates, or of what `about` says."""
    rules = json.dumps(web3)
    installation.execute(f"UPDATE instances SET settings = json_set(settings, '$.web3', json('{rules}'))")
    keys = {"GREFFIER_DATABASE_URL": installation.database_url, "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    result = CliRunner().invoke(main, ["doctor", "--json"], env=keys)
    assert "key=secret" not in result.stdout
    checks = [(one["level"], one["subject"], one["text"]) for one in json.loads(result.stdout)]
    words = (about,) if about else ("ethereum", "feature")
    return [one for one in checks if any(word in one[1] for word in words)]


def servers(url: str, network: str = CHAIN_ID) -> dict[str, Any]:
    return {"network": network, "urls": [f"{url}/?key=secret"], "private_addresses": True}


def test_server_says_which_chain_it_is_of(installation: Installation, evm: Evm) -> None:
    right, wrong = servers(evm.url), servers(evm.url, network="1")
    silent = servers(f"http://127.0.0.1:{free_port()}", network="10")

    assert doctor(installation, {"rpc": [right, wrong, silent]}) == [
        ("ok", f"{HOST} ethereum {CHAIN_ID}", "127.0.0.1 answers for it"),
        ("problem", f"{HOST} ethereum 1", "127.0.0.1 is of another chain: '0x7a69'"),
        ("problem", f"{HOST} ethereum 10", "127.0.0.1 does not answer: ConnectError"),
    ]


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ({"network": "5"}, "web3.rpc names no server of ethereum 5"),
        ({"chain": "cardano"}, "no package knows the chains of cardano"),
        ({"standard": "erc20"}, "contract is not an address"),
        ({"standard": "erc1155", "contract": "0x" + "1" * 40}, "erc1155 needs token_id"),
        ({"standard": "erc777"}, "erc777 is none of erc1155, erc20, erc721, native"),
    ],
)
def test_gate_that_can_never_open_is_a_problem(
    installation: Installation, evm: Evm, gate: dict[str, Any], problem: str
) -> None:
    gates = [{"feature": "gold", "network": CHAIN_ID} | gate]

    found = doctor(installation, {"rpc": [servers(evm.url)], "gates": gates})

    assert found[-1] == ("problem", f"{HOST} feature gold", f"stays shut: {problem}.")


NAMES = f"{HOST} names of wallets"


def names_check(installation: Installation, web3: dict[str, Any]) -> tuple[str, str]:
    """Level and text of the check of names."""
    found = doctor(installation, web3, about="names of wallets")
    ((level, subject, text),) = found
    assert subject == NAMES
    return level, text


def test_registry_of_names_is_a_contract(installation: Installation, evm: Evm) -> None:
    registry = evm.deploy("NameRegistry")
    ens = {"enabled": True, "network": CHAIN_ID, "registry": registry}

    assert names_check(installation, {"rpc": [servers(evm.url)], "ens": ens}) == (
        "ok",
        f"are read from {registry}",
    )


def test_names_that_cannot_be_read_are_a_problem(installation: Installation, evm: Evm) -> None:
    empty = "0x" + "1" * 40
    rules = {"enabled": True, "network": CHAIN_ID, "registry": empty}
    silent = servers(f"http://127.0.0.1:{free_port()}")

    no_server = names_check(installation, {"ens": rules})
    no_answer = names_check(installation, {"rpc": [silent], "ens": rules})
    no_contract = names_check(installation, {"rpc": [servers(evm.url)], "ens": rules})

    assert no_server == (
        "problem",
        f"are not read: web3.rpc names no server of ethereum {CHAIN_ID}.",
    )
    assert no_answer == ("problem", f"are not read: no server of ethereum {CHAIN_ID} answers.")
    assert no_contract == ("problem", f"are not read: {empty} is no contract.")


def test_names_that_are_off_are_not_checked(installation: Installation) -> None:
    assert doctor(installation, {}, about="names of wallets") == []
