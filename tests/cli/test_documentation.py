"""The examples of docs/configuration.md work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from greffier.server.instances.administration import read_instance_document
from greffier.server.instances.document import read_settings, read_toml
from greffier.server.production import ServerDocument, read_server_document
from greffier.server.safety import check_settings
from greffier.server.settings import from_environment
from greffier.server.web.instance_settings import InstanceSettings

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
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
