"""`greffier config`: all settings of an instance are one document."""

from __future__ import annotations

import json
import tomllib

import pytest
from click.testing import CliRunner

from greffier.cli import main
from tests.cli.commands import Installation, add_role


def test_what_is_shown_can_be_applied_and_changes_nothing(installation: Installation) -> None:
    shown = installation.done("config", "show")

    assert tomllib.loads(shown)["attributes"]["email_address"]["enabled"] is True
    assert installation.done("config", "apply", "--file", "-", stdin=shown) == "No change.\n"


def test_applied_document_is_in_force_and_the_rest_has_its_default(installation: Installation) -> None:
    installation.done("config", "apply", "--file", "-", stdin='application_name = "Shop"')
    installation.done("config", "apply", "--file", "-", stdin="password.min_length = 12")

    settings = installation.json("config", "show")

    assert settings["password"]["min_length"] == 12
    assert settings["application_name"] == "My application"


def test_difference_is_told_by_exit_status_and_changes_nothing(installation: Installation) -> None:
    result = installation.run("config", "diff", "--file", "-", stdin='application_name = "Shop"')

    assert result.exit_code == 1
    assert result.stdout == 'application_name: "My application" -> "Shop"\n'
    assert installation.json("config", "show")["application_name"] == "My application"
    assert installation.run("config", "diff", "--file", "-", stdin="").exit_code == 0


def test_entry_that_the_document_has_no_more_is_a_difference(installation: Installation) -> None:
    rules = '[phone_numbers]\nchannels = ["sms", "whatsapp"]\n'
    preferred = 'preferred_channels.US = "whatsapp"\n'
    installation.done("config", "apply", "--file", "-", stdin=rules + preferred)

    result = installation.run("config", "diff", "--file", "-", stdin=rules)

    assert (result.exit_code, result.stdout) == (
        1,
        'phone_numbers.preferred_channels.US: "whatsapp" -> (absent)\n',
    )


def test_published_schema_describes_every_setting() -> None:
    schema = json.loads(CliRunner().invoke(main, ["config", "schema"]).stdout)

    settings = schema["$defs"]["InstanceSettings"]
    attributes = schema["$defs"]["Attributes"]["properties"]
    assert schema["$ref"] == "#/$defs/InstanceSettings"
    assert settings["additionalProperties"] is False
    assert {"attributes", "session", "password", "social", "allowed_origins"} <= set(settings["properties"])
    assert {"email_address", "phone_number", "web3_wallet", "passkey", "backup_code"} <= set(attributes)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("colour = 1", "colour:"),
        ("[attributes.email_address]\nenabeld = true", "attributes.email_address.enabeld:"),
        ('attributes.email_address.enabled = "no"', "attributes.email_address.enabled:"),
        ("attributes.phone_number.required = true", "attributes.phone_number.required:"),
        ("attributes.email_address.identifier = false", "attributes:"),
        ("password.min_length = 4", "password.min_length:"),
        ("password = { min_length = 30, max_length = 20 }", "password.min_length:"),
        ('allowed_origins = ["https://ok.example", "https://*.example"]', "allowed_origins[1]:"),
        ('home_url = "javascript:alert(1)"', "home_url:"),
        ('[[social]]\nprovider = "custom_x"', "social[0]:"),
        ('[[social]]\nprovider = "google"\ncolour = 1', "social[0].colour:"),
        ('[[social]]\nprovider = "google"\nclient_id = "lonely"', "social[0]:"),
        ('[[social]]\nprovider = "google"\n[[social]]\nprovider = "google"', "social[1].provider:"),
        ("session.token_version = 3", "session.token_version:"),
        ('session.tasks = ["setup_mfa"]', "session.tasks:"),
    ],
)
def test_mistake_is_told_with_its_path(installation: Installation, document: str, path: str) -> None:
    message = installation.refused("config", "apply", "--file", "-", stdin=document)

    assert message.startswith(f"Error: {path}"), message


def test_document_that_is_not_toml_is_told_with_its_line(installation: Installation) -> None:
    message = installation.refused("config", "apply", "--file", "-", stdin="a = 1\nb c = 2")

    assert "line 2" in message


@pytest.mark.parametrize(
    ("document", "path", "feature"),
    [
        (
            'attributes.phone_number.second_factors = ["sms"]',
            "attributes.phone_number.second_factors",
            "sms",
        ),
        ("attributes.passkey.required = true", "attributes.passkey.required", "need a passkey"),
        ("attributes.passkey.identifier = true", "attributes.passkey.identifier", "identifier of passkey"),
        ('attributes.email_address.second_factors = ["password"]', "second_factors", "password"),
        ('attributes.email_address.first_factors = ["sms"]', "first_factors", "sms"),
        ('sign_up.mode = "waitlist"', "sign_up.mode", "waitlist"),
        ("organizations.domains = true", "organizations.domains", "domains of organizations"),
        ('session.tasks = ["choose_organization"]', "session.tasks", "choose_organization"),
    ],
)
def test_what_is_not_built_is_refused_by_name(
    installation: Installation, document: str, path: str, feature: str
) -> None:
    message = installation.refused("config", "apply", "--file", "-", stdin=document)

    assert path in message
    assert feature in message
    assert "not built yet" in message


def test_what_is_not_built_is_accepted_where_it_changes_nothing(installation: Installation) -> None:
    document = '[[social]]\nprovider = "google"\n[organizations]\nenabled = false\n[sign_up]\nmode = "public"'

    assert "Changed 1 setting." in installation.done("config", "apply", "--file", "-", stdin=document)


def test_secret_of_a_provider_is_not_printed(installation: Installation) -> None:
    document = '[[social]]\nprovider = "google"\nclient_id = "known"\nclient_secret = "hush"'

    assert "hush" not in installation.done("config", "apply", "--file", "-", stdin=document)


def test_token_lifetime_over_five_minutes_is_accepted_with_a_warning_of_xss(
    installation: Installation,
) -> None:
    result = installation.run("config", "apply", "--file", "-", stdin="session.token_lifetime = 301")

    assert result.exit_code == 0
    assert "session.token_lifetime" in result.stderr
    assert "XSS" in result.stderr
    assert installation.json("config", "show")["session"]["token_lifetime"] == 301


@pytest.mark.parametrize("command", ["create", "update"])
def test_token_lifetime_over_five_minutes_in_an_instance_file_is_warned_about(
    installation: Installation, command: str
) -> None:
    document = "settings.session.token_lifetime = 301"
    if command == "create":
        document = f'environment = "production"\ndomain = "shop.example"\n{document}'

    result = installation.run("instances", command, "--config", "-", stdin=document)

    assert result.exit_code == 0
    assert "settings.session.token_lifetime" in result.stderr
    assert "XSS" in result.stderr


def test_a_lifetime_of_five_minutes_is_accepted_without_a_warning(installation: Installation) -> None:
    result = installation.run("config", "apply", "--file", "-", stdin="session.token_lifetime = 300")

    assert result.exit_code == 0
    assert result.stderr == ""


def test_missing_file_is_named(installation: Installation) -> None:
    assert "nowhere.toml" in installation.refused("config", "diff", "--file", "nowhere.toml")


@pytest.mark.parametrize(
    ("command", "document"),
    [
        (("config", "apply", "--file"), "session.token_version = 1"),
        (("instances", "update", "--config"), "settings.session.token_version = 1"),
    ],
)
def test_version_of_tokens_in_which_a_role_does_not_fit_is_refused_and_nothing_changes(
    installation: Installation, command: tuple[str, ...], document: str
) -> None:
    add_role(installation, permissions=60)

    message = installation.refused(*command, "-", stdin=document)

    assert message.startswith(f"Error: {document.partition(' ')[0]}: ")
    assert "org:big" in message
    assert len(message.splitlines()) == 1
    assert installation.json("config", "show")["session"]["token_version"] is None


def test_role_that_never_fitted_does_not_stand_in_the_way_of_other_settings(
    installation: Installation,
) -> None:
    installation.done("config", "apply", "--file", "-", stdin="session.token_version = 1")
    add_role(installation, permissions=60)
    document = 'application_name = "Shop"\nsession.token_version = 1'

    assert "Changed 1 setting." in installation.done("config", "apply", "--file", "-", stdin=document)
