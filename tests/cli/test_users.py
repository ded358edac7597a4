"""`greffier users`: people, without a dashboard."""

from __future__ import annotations

from tests.cli.commands import Installation
from tests.support.server import PASSWORD

SHOP = 'environment = "production"\ndomain = "shop.example"'


def test_created_user_is_listed(installation: Installation) -> None:
    created = installation.json("users", "create", "--email", "ada@example.com", "--first-name", "Ada")

    listed = installation.json("users", "list")

    assert listed == [created]
    assert created["email_addresses"] == ["ada@example.com"]
    assert created["first_name"] == "Ada"


def test_users_belong_to_one_instance(installation: Installation) -> None:
    installation.done("instances", "create", "--config", "-", stdin=SHOP)
    installation.done("users", "create", "--instance", "example.com", "--email", "ada@example.com")

    assert installation.json("users", "list", "--instance", "shop.example") == []
    assert installation.done("users", "create", "--instance", "shop.example", "--email", "ada@example.com")


def test_address_that_is_taken_is_refused(installation: Installation) -> None:
    installation.done("users", "create", "--email", "ada@example.com")

    assert "taken" in installation.refused("users", "create", "--email", "ada@example.com")


def test_password_is_read_from_standard_input_and_its_rules_hold(installation: Installation) -> None:
    create = ("users", "create", "--email", "ada@example.com", "--password-stdin")

    assert "8 characters or more" in installation.refused(*create, stdin="short\n")
    assert installation.done(*create, stdin=f"{PASSWORD}\n").startswith("user_")
