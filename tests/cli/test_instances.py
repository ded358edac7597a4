"""`greffier instances`: one installation, any number of instances."""

from __future__ import annotations

import pytest

from greffier.sdk.keys import decode_publishable_key
from tests.cli.commands import Installation
from tests.support.server import LIVE_SECRET_KEY

DEVELOPMENT = 'environment = "development"'
SHOP = """
environment = "production"
domain = "shop.example"
hosts = ["clerk.shop.example", "clerk.legacy.example"]
[settings]
application_name = "Shop"
"""
SECRETS = [f"sk_live_{letter * 40}" for letter in "ab"]


def test_development_instance_needs_no_name(empty_installation: Installation) -> None:
    created = empty_installation.json("instances", "create", "--config", "-", stdin=DEVELOPMENT)

    assert created["publishable_key"].startswith("pk_test_")
    assert created["secret_key"].startswith("sk_test_")
    assert created["hosts"][0].endswith(".localhost")


def test_generated_secret_key_is_shown_once(installation: Installation) -> None:
    created = installation.json("instances", "create", "--config", "-", stdin=SHOP)
    shown = installation.json("instances", "show", created["id"])

    assert created["secret_key"].startswith("sk_live_")
    assert "secret_key" not in shown
    assert decode_publishable_key(shown["publishable_key"]).frontend_api == "clerk.shop.example"


def test_instances_are_listed_oldest_first(installation: Installation) -> None:
    created = installation.json("instances", "create", "--config", "-", stdin=SHOP)

    listed = installation.json("instances", "list")

    assert [facts["hosts"] for facts in listed] == [
        ["clerk.example.com"],
        ["clerk.shop.example", "clerk.legacy.example"],
    ]
    assert listed[1]["id"] == created["id"]


def test_exact_keys_are_kept_exactly(installation: Installation) -> None:
    padded = "pk_live_Y2xlcmsuc2hvcC5leGFtcGxlJA=="
    document = f'publishable_key = "{padded}"\ndomain = "shop.example"\nsecret_keys = {SECRETS}'

    created = installation.json("instances", "create", "--config", "-", stdin=document)
    keys = installation.json("keys", "list", "--instance", created["id"])

    assert created["publishable_key"] == padded
    assert "secret_key" not in created
    assert {key["last_four"] for key in keys["secret_keys"]} == {"aaaa", "bbbb"}


@pytest.mark.parametrize("name", ["clerk.shop.example", "clerk.legacy.example", "shop.example"])
def test_instance_is_found_by_its_names(installation: Installation, name: str) -> None:
    created = installation.json("instances", "create", "--config", "-", stdin=SHOP)

    assert installation.json("instances", "show", name)["id"] == created["id"]
    assert installation.json("config", "show", "--instance", name)["application_name"] == "Shop"


def test_one_of_several_must_be_named(installation: Installation) -> None:
    installation.done("instances", "create", "--config", "-", stdin=SHOP)

    message = installation.refused("config", "show")

    assert "clerk.example.com" in message
    assert "clerk.shop.example" in message


def test_update_changes_what_it_mentions_and_nothing_else(installation: Installation) -> None:
    installation.done("instances", "create", "--config", "-", stdin=SHOP)

    changed = installation.json(
        "instances", "update", "shop.example", "--config", "-", stdin='hosts = ["clerk.other.example"]'
    )

    assert changed["hosts"] == ["clerk.shop.example", "clerk.other.example"]
    assert changed["domain"] == "shop.example"
    assert installation.json("config", "show", "--instance", "shop.example")["application_name"] == "Shop"


def test_satellite_domains_are_shown(installation: Installation) -> None:
    document = SHOP.replace("[settings]", '[[satellites]]\ndomain = "shop.test"\n[settings]')

    created = installation.json("instances", "create", "--config", "-", stdin=document)
    told = installation.done("instances", "show", "shop.example")

    assert created["satellites"] == [{"domain": "shop.test", "host": "clerk.shop.test", "proxy_url": None}]
    assert created["hosts"] == ["clerk.shop.example", "clerk.legacy.example"]
    assert "shop.test at clerk.shop.test" in told


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("", "environment:"),
        ('environment = "staging"', "environment:"),
        ('environment = "production"', "domain:"),
        ('environment = "development"\nhosts = ["http://x.example"]', "hosts[0]:"),
        ('environment = "development"\nhosts = ["clerk.example.com"]', "hosts:"),
        ('environment = "development"\nhosts = ["a.example", "clerk.example.com"]', "hosts[1]:"),
        ('publishable_key = "pk_live_x"', "publishable_key:"),
        ('environment = "development"\npublishable_key = "pk_live_Y2xlcmsuYi5jJA"', "publishable_key:"),
        ('environment = "development"\nsecret_keys = ["sk_live_aaaaaaaa"]', "secret_keys[0]:"),
        ('environment = "development"\nsecret_keys = ["sk_test_short"]', "secret_keys[0]:"),
        ('environment = "development"\n[settings]\npassword.min_length = 1', "settings.password.min_length:"),
        ('environment = "development"\n[settings]\ncolour = 1', "settings.colour:"),
        ('environment = "development"\ncolour = 1', "colour:"),
    ],
)
def test_mistake_in_the_file_is_told_with_its_path(
    installation: Installation, document: str, path: str
) -> None:
    message = installation.refused("instances", "create", "--config", "-", stdin=document)

    assert message.startswith(f"Error: {path}"), message
    assert len(installation.json("instances", "list")) == 1


def test_secret_key_of_another_instance_is_refused_and_not_repeated(installation: Installation) -> None:
    document = f'{SHOP.replace("[settings]", "")}\nsecret_keys = ["{LIVE_SECRET_KEY}"]'.replace(
        'application_name = "Shop"', ""
    )

    message = installation.refused("instances", "create", "--config", "-", stdin=document)

    assert "secret_keys[0]" in message
    assert LIVE_SECRET_KEY not in message


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ('environment = "development"', "environment:"),
        ('publishable_key = "pk_live_Y2xlcmsuYi5jJA"', "publishable_key:"),
        ('secret_keys = ["sk_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]', "secret_keys[0]:"),
    ],
)
def test_what_an_instance_is_for_good_cannot_change(
    installation: Installation, document: str, path: str
) -> None:
    message = installation.refused("instances", "update", "--config", "-", stdin=document)

    assert message.startswith(f"Error: {path}"), message


def test_database_that_is_not_there_is_named(empty_installation: Installation) -> None:
    assert "greffier migrate" in empty_installation.refused("instances", "list")
