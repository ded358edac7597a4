"""Settings and users that need a package that is not installed: `serve` and `doctor` report it, and `serve`
does not start where sign-in would be open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from greffier.cli import main
from greffier.cli.doctor import host_checks
from tests.cli.commands import Installation
from tests.support.server import ENCRYPTION_KEY

AT = "clerk.example.com settings.attributes.others.pager"


@pytest.fixture(autouse=True)
def hosts_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_checks, "check_hosts", lambda *_, **__: [])  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setattr("greffier.cli.processes.supervising.supervise", lambda *_, **__: None)  # pyright: ignore[reportUnknownLambdaType]


def set_pager(installation: Installation, **attribute: Any) -> None:
    others = json.dumps({"pager": {"enabled": True, **attribute}})
    installation.execute(
        f"UPDATE instances SET settings = json_set(settings, '$.attributes.others', json('{others}'))"
    )


def give_pager(installation: Installation) -> None:
    """A user who has a pager, verified."""
    columns = "id, instance_id, user_id, kind, value, canonical, claimed, reserved, is_primary"
    installation.execute(
        f"INSERT INTO identifications ({columns}, created_at, updated_at)"
        " SELECT 'idn_1', id, 'user_1', 'pager', 'P-1', 'P-1', 1, 0, 1, 1, 1 FROM instances"
    )


def serve(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Result:
    environ = {"GREFFIER_DATABASE_URL": installation.database_url, "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(main, ["serve"])


def doctor(installation: Installation) -> dict[tuple[str, str], str]:
    """Texts by level and subject."""
    environ = {"GREFFIER_DATABASE_URL": installation.database_url, "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    result = CliRunner().invoke(main, ["doctor", "--json"], env=environ)
    return {(check["level"], check["subject"]): check["text"] for check in json.loads(result.stdout)}


def test_server_does_not_start_where_a_second_factor_would_be_skipped(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pager(installation, second_factors=["pager_code"])

    result = serve(installation, monkeypatch)

    assert result.exit_code == 2
    assert f"{AT}.second_factors: no installed package has the strategy pager_code" in result.output
    assert "would sign in without it" in doctor(installation)["problem", f"{AT}.second_factors"]


def test_server_starts_with_a_warning_where_a_sign_in_is_only_refused(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pager(installation, first_factors=["pager_code"], verifications=["pager_call"])

    result = serve(installation, monkeypatch)
    found = doctor(installation)

    assert result.exit_code == 0, result.output
    for subject in (AT, f"{AT}.first_factors", f"{AT}.verifications"):
        assert f"Warning: {subject}: no installed package has" in result.output
        assert ("warning", subject) in found


def test_provider_that_does_not_exist_is_reported(installation: Installation) -> None:
    entry = json.dumps([{"provider": "gogle", "enabled": True, "client_id": "a", "client_secret": "b"}])
    installation.execute(f"UPDATE instances SET settings = json_set(settings, '$.social', json('{entry}'))")

    found = doctor(installation)

    (text,) = [text for (_, subject), text in found.items() if subject.endswith("settings.social[0]")]
    assert "no installed package has the provider gogle" in text


def test_users_of_a_kind_that_no_package_has_are_reported(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_pager(installation)

    result = serve(installation, monkeypatch)

    assert result.exit_code == 0, result.output
    assert "Warning: clerk.example.com pager: users have it, but no installed package" in result.output
    assert ("warning", "clerk.example.com pager") in doctor(installation)


def test_nothing_is_reported_of_what_is_switched_off(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pager(installation, enabled=False, second_factors=["pager_code"])

    assert serve(installation, monkeypatch).exit_code == 0
    assert "pager" not in str(doctor(installation))


@pytest.mark.usefixtures("pagers_installed")
def test_nothing_is_reported_of_an_installed_package(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pager(installation, first_factors=["pager_code"], second_factors=["pager_code", "desk_of_otter"])
    installation.execute("UPDATE instances SET settings = json_set(settings, '$.application_name', 'otter')")
    give_pager(installation)

    assert serve(installation, monkeypatch).exit_code == 0
    assert "pager" not in str(doctor(installation))


def test_doctor_reports_phone_numbers_without_a_sender(installation: Installation) -> None:
    installation.execute(
        "UPDATE instances SET settings ="
        " json_set(settings, '$.attributes.phone_number.enabled', json('true'))"
    )

    assert "codes do not arrive" in doctor(installation)["warning", "GREFFIER_SMS_WEBHOOK_URL"]
