"""The examples of the configuration page work, and the troubleshooting page explains every message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from greffier.server.instances.administration import read_instance_document
from greffier.server.instances.document import read_settings, read_toml
from greffier.server.production import ServerDocument, read_server_document
from greffier.server.safety import check_settings
from greffier.server.settings import from_environment
from greffier.server.web.instance.settings import InstanceSettings
from tests.support.error_texts import texts_of_calls, texts_of_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "greffier"
SERVER_FILES = (
    "settings",
    "safety",
    "production",
    "worker",
    "web/http/reply",
    "web/limits/redis_limits",
    "delivery/smtp",
)
STORE = ("store/postgresql", "store/sqlite")
COMMANDS = ("serve", "opening", "migrate")
PARTS = ("processes", "doctor")
SPEAKING = [
    *(SOURCE / "server" / f"{name}.py" for name in SERVER_FILES + STORE),
    *(SOURCE / "cli" / f"{name}.py" for name in COMMANDS),
    *(path for part in PARTS for path in sorted((SOURCE / "cli" / part).glob("*.py"))),
]
"""Source of `greffier serve`, `migrate` and `doctor` that addresses operators."""
SPEAKERS = {
    *("ValueError", "ConfigurationError", "SettingError", "ClickException", "DatabaseUnavailable"),
    *("Finding", "Check", "error", "warning", "exception", "log_failure", "_note"),
}
NOT_TO_EXPLAIN = {
    # Good news.
    *("nothing unsafe", "{} is readable by its owner alone", "{}, at {}", "agrees with the database's"),
    *("{}: {} secret, {} published for signing", "{}, key {}; not verified here"),
    *("{} works", "{} is found", "leads to this installation"),
    *("the redirect URI to register is {}", "authorizes at {}"),
    # What a check is about.
    *("{} JWT template {}", "authorized party"),
}
NAMES = {"why", "text", "_PROXY_NOT_TRUSTED", "_NOT_HTTPS", "_FAULTS"}
MESSAGES = {*texts_of_calls(SPEAKING, SPEAKERS), *texts_of_names(SPEAKING, NAMES)} - NOT_TO_EXPLAIN
SERVER, INSTANCE, SATELLITES, SETTINGS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_server_file_is_accepted_without_a_finding(tmp_path: Path) -> None:
    (tmp_path / "greffier.toml").write_text(SERVER, encoding="utf-8")

    environ = read_server_document(tmp_path / "greffier.toml")

    assert check_settings(from_environment(environ), environ) == []


def test_instance_file_is_accepted() -> None:
    assert read_instance_document(read_toml(INSTANCE)).domain == "shop.example"


def test_satellites_are_accepted() -> None:
    satellites = read_instance_document(read_toml(SATELLITES)).satellites

    assert satellites is not None
    assert [satellite.url for satellite in satellites] == [
        "https://clerk.shop.dev",
        "https://shop.test/__clerk",
    ]


def test_settings_document_is_accepted() -> None:
    assert read_settings(read_toml(SETTINGS)).application_name == "Shop"


def test_every_setting_has_its_place_on_the_page() -> None:
    missing = [
        name
        for kind in (ServerDocument, InstanceSettings)
        for name in kind.__struct_fields__
        if not re.search(rf"\b{name}\b", PAGE)
    ]

    assert missing == []


@pytest.mark.parametrize("text", sorted(MESSAGES))
def test_message_of_the_server_is_explained(text: str) -> None:
    page = (
        (ROOT / "docs" / "reference" / "troubleshooting.md")
        .read_text(encoding="utf-8")
        .partition("# The server")[2]
    )
    explained = re.findall(r"`([^`\n]{8,})`", page)
    said = re.sub(r"\{\}|%[-.0-9]*[srdfg]", "", text).strip(" :.,()")

    assert len(said) < 8 or any(told in text for told in explained), text
