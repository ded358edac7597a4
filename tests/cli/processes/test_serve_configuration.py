"""`greffier serve`: one TOML file or variables, nothing unsafe, and a reload without a gap."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from greffier.cli import main
from greffier.server.production import ServerDocument, wanted_instance
from greffier.server.provisioning import WantedInstance
from greffier.server.settings import SETTINGS, read_environment
from tests.cli.commands import Installation
from tests.support.server import ENCRYPTION_KEY, LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY, PRODUCTION
from tests.support.services.ports import free_port
from tests.support.services.processes import GREFFIER, answers
from tests.support.waiting import wait_until

KEYS = f"""
domain = "example.com"
publishable_key = "{LIVE_PUBLISHABLE_KEY}"
secret_key = "{LIVE_SECRET_KEY}"
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    """Instead of serving, note with what; and forget what the command put into the environment."""
    calls: list[dict[str, object]] = []

    def supervise(_factory: str, **options: object) -> None:
        calls.append(options | {"environ": dict(os.environ)})

    monkeypatch.setattr("greffier.cli.processes.supervising.supervise", supervise)
    before = dict(os.environ)
    yield calls
    os.environ.clear()
    os.environ.update(before)


def serve(tmp_path: Path, config: str, **environ: str) -> Result:
    file = tmp_path / "greffier.toml"
    file.write_text(f'encryption_keys = ["{ENCRYPTION_KEY}"]\n{config}', encoding="utf-8")
    return CliRunner().invoke(main, ["serve", "--config", str(file)], env=environ)


def database(tmp_path: Path) -> str:
    return f'database_url = "sqlite:///{tmp_path / "greffier.db"}"\n'


def test_one_file_configures_everything(tmp_path: Path, started: list[dict[str, object]]) -> None:
    extra = 'host = "127.0.0.2"\nport = 4711\nworkers = 3\ntrusted_proxies = ["10.0.0.1", "10.1.0.0/16"]\n'

    result = serve(tmp_path, database(tmp_path) + extra + KEYS)

    assert result.exit_code == 0, result.output
    (call,) = started
    assert (call["host"], call["port"], call["workers"]) == ("127.0.0.2", 4711, 3)
    assert isinstance(environ := call["environ"], dict)
    assert environ["GREFFIER_TRUSTED_PROXIES"] == "10.0.0.1,10.1.0.0/16"
    assert environ["GREFFIER_SECRET_KEY"] == LIVE_SECRET_KEY


def test_variables_win_over_the_file(tmp_path: Path, started: list[dict[str, object]]) -> None:
    serve(tmp_path, database(tmp_path) + 'host = "127.0.0.2"\n' + KEYS, GREFFIER_HOST="127.0.0.3")

    assert started[0]["host"] == "127.0.0.3"


def test_several_workers_that_share_no_limits_are_a_warning(
    tmp_path: Path, started: list[dict[str, object]]
) -> None:
    config = database(tmp_path) + KEYS
    alone = serve(tmp_path, config)
    by_variable = serve(tmp_path, config, GREFFIER_WORKERS="3")
    by_option = CliRunner().invoke(
        main, ["serve", "--config", str(tmp_path / "greffier.toml"), "--workers", "4"]
    )
    shared = serve(tmp_path, config + 'workers = 3\nredis_url = "redis://127.0.0.1:9/0"\n')

    assert len(started) == 4
    assert "GREFFIER_REDIS_URL" not in alone.stderr
    assert "Warning: GREFFIER_REDIS_URL: none: 3 workers" in by_variable.stderr
    assert "Warning: GREFFIER_REDIS_URL: none: 4 workers" in by_option.stderr
    assert "GREFFIER_REDIS_URL" not in shared.stderr


def test_password_of_redis_in_clear_is_a_warning(tmp_path: Path, started: list[dict[str, object]]) -> None:
    redis = 'redis_url = "redis://:hunter2@redis.example.com/0"\n'

    result = serve(tmp_path, redis + database(tmp_path) + KEYS)

    assert "Warning: GREFFIER_REDIS_URL: the password travels in clear" in result.stderr
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize(
    "url", ["http://:hunter2@localhost/0", "redis://:hunter2@localhost/0?socket_timeout=soon"]
)
def test_url_of_redis_that_cannot_be_used_is_refused(
    tmp_path: Path, started: list[dict[str, object]], url: str
) -> None:
    result = serve(tmp_path, f'redis_url = "{url}"\n' + database(tmp_path) + KEYS)

    assert result.exit_code == 2
    assert "GREFFIER_REDIS_URL" in result.stderr
    assert "hunter2" not in result.stderr
    assert started == []


def test_redis_without_its_package_is_refused(
    tmp_path: Path, started: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    result = serve(tmp_path, 'redis_url = "redis://localhost"\n' + database(tmp_path) + KEYS)

    assert result.exit_code == 2
    assert "pip install 'greffier[redis]'" in result.stderr
    assert started == []


def test_missing_mail_server_is_a_warning(tmp_path: Path, started: list[dict[str, object]]) -> None:
    result = serve(tmp_path, database(tmp_path) + KEYS)

    assert "Warning: GREFFIER_SMTP_URL" in result.stderr
    assert started


def test_instances_of_the_database_are_served_without_naming_one(
    installation: Installation, started: list[dict[str, object]]
) -> None:
    assert serve(installation.data, database(installation.data)).exit_code == 0
    assert started


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        ('public_url = "http://auth.example.com"', "GREFFIER_PUBLIC_URL"),
        ('trusted_proxies = ["0.0.0.0/0"]', "GREFFIER_TRUSTED_PROXIES"),
        ('trusted_proxies = ["::/0"]', "GREFFIER_TRUSTED_PROXIES"),
        ("colour = 1", "colour"),
        ("port = 0", "port"),
        ('workers = "many"', "workers"),
    ],
)
def test_unsafe_or_unknown_setting_is_refused_by_name(
    tmp_path: Path, started: list[dict[str, object]], config: str, setting: str
) -> None:
    result = serve(tmp_path, database(tmp_path) + config + KEYS)

    assert result.exit_code == 2
    assert f"{setting}:" in result.stderr
    assert not started
    assert not (tmp_path / "greffier.db").exists()
    assert LIVE_SECRET_KEY not in result.output


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite://"])
def test_database_that_a_restart_loses_is_refused(
    tmp_path: Path, started: list[dict[str, object]], url: str
) -> None:
    result = serve(tmp_path, f'database_url = "{url}"\n{KEYS}')

    assert result.exit_code == 2
    assert "an SQLite URL names a file" in result.stderr
    assert not started


@pytest.mark.parametrize("named", ['database_url = "sqlite:///greffier.db"\n', ""])
def test_database_in_the_current_folder_is_a_warning(
    tmp_path: Path, started: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.delenv("GREFFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    result = serve(tmp_path, named + KEYS)

    assert "Warning: GREFFIER_DATABASE_URL: the data is in" in result.stderr
    assert started


def test_production_instance_in_test_mode_is_refused(
    installation: Installation, started: list[dict[str, object]]
) -> None:
    installation.done("config", "apply", "--file", "-", stdin="test_mode = true")

    result = serve(installation.data, database(installation.data))

    assert result.exit_code == 2
    assert "clerk.example.com settings.test_mode:" in result.stderr
    assert not started


def test_development_instance_beside_it_is_a_warning(
    installation: Installation, started: list[dict[str, object]]
) -> None:
    installation.done("instances", "create", "--config", "-", stdin='environment = "development"')

    result = serve(installation.data, database(installation.data))

    assert "settings.test_mode" in result.stderr
    assert started


def test_wildcard_origin_from_elsewhere_is_refused(
    installation: Installation, started: list[dict[str, object]]
) -> None:
    with sqlite3.connect(installation.data / "greffier.db") as file:
        file.execute(
            "UPDATE instances SET settings = json_set(settings, '$.allowed_origins', json('[\"https://*\"]'))"
        )
    file.close()

    result = serve(installation.data, database(installation.data))

    assert "allowed_origins[0]" in result.stderr
    assert not started


def test_token_lifetime_over_five_minutes_is_warned_about_at_start(
    installation: Installation, started: list[dict[str, object]]
) -> None:
    installation.done("config", "apply", "--file", "-", stdin="session.token_lifetime = 3600")

    result = serve(installation.data, database(installation.data))

    assert "settings.session.token_lifetime" in result.stderr
    assert "XSS" in result.stderr
    assert started


@contextmanager
def process(file: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = [*GREFFIER, "serve", "--config", str(file), "--port", str(port)]
    environ = os.environ | {"GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environ) as running,
    ):
        url = f"http://localhost:{port}"
        try:
            wait_until(lambda: answers(f"{url}/v1/health"), "greffier serve answers")
            yield running, url
        finally:
            running.terminate()
            running.wait(timeout=30)


def test_hangup_reads_the_configuration_again_and_keeps_the_former_when_it_is_unsafe(
    sqlite_template: Callable[[WantedInstance], Path], tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template(PRODUCTION), tmp_path / "greffier.db")
    file, log = tmp_path / "greffier.toml", tmp_path / "log"

    def configure(public_url: str) -> None:
        file.write_text(f'{database(tmp_path)}public_url = "{public_url}"\n{KEYS}', encoding="utf-8")

    def sign_in_url() -> str:
        asked = httpx.get(f"{url}/v1/environment", headers={"host": "clerk.example.com"})
        return asked.json()["display_config"]["sign_in_url"]

    configure("https://one.example.com")
    with process(file, log) as (running, url):
        assert sign_in_url() == "https://one.example.com/sign-in"
        configure("https://two.example.com")
        running.send_signal(signal.SIGHUP)
        wait_until(
            lambda: sign_in_url() == "https://two.example.com/sign-in", "the new configuration", seconds=90
        )
        configure("http://three.example.com")
        running.send_signal(signal.SIGHUP)
        wait_until(lambda: "stays in force: GREFFIER_PUBLIC_URL" in log.read_text(), "the refusal")
        assert sign_in_url() == "https://two.example.com/sign-in"
    assert running.returncode in (0, -signal.SIGTERM)
    assert LIVE_SECRET_KEY not in log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_workers_end_with_a_parent_that_was_killed(
    sqlite_template: Callable[[WantedInstance], Path], tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template(PRODUCTION), tmp_path / "greffier.db")
    (tmp_path / "greffier.toml").write_text(database(tmp_path), encoding="utf-8")

    with process(tmp_path / "greffier.toml", tmp_path / "log") as (running, url):
        running.kill()
        wait_until(lambda: not answers(f"{url}/v1/health"), "the worker has ended")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"GREFFIER_PUBLIC_URL": '"https://clerk.example.com"'}, "GREFFIER_PUBLIC_URL is in quotes"),
        ({"GREFFIER_PUBLIC_URL": "https://"}, "GREFFIER_PUBLIC_URL"),
        ({"GREFFIER_PUBLIC_URL": "https://clerk.example.com:port"}, "GREFFIER_PUBLIC_URL"),
        ({"GREFFIER_PUBLIC_URL": "https://clerk.example.com?a=b"}, "GREFFIER_PUBLIC_URL"),
        ({"GREFFIER_BREACH_URL": "ftp://example.com"}, "GREFFIER_BREACH_URL"),
        ({"GREFFIER_METRICS_TOKEN": "'0123456789abcdef'"}, "GREFFIER_METRICS_TOKEN is in quotes"),
        ({"GREFFIER_METRICS_TOKEN": "0123456789 abcdef"}, "GREFFIER_METRICS_TOKEN"),
        ({"GREFFIER_MAIL_FROM": "Example", "GREFFIER_SMTP_URL": "smtp://localhost"}, "GREFFIER_MAIL_FROM"),
        ({"GREFFIER_SMTP_URL": "smtp://:hunter2@localhost:port"}, "GREFFIER_SMTP_URL"),
        ({"GREFFIER_SMTP_URL": "http://user:hunter2@localhost"}, "GREFFIER_SMTP_URL"),
        ({"GREFFIER_DATABASE_URL": "mysql://root:hunter2@db/x"}, "GREFFIER_DATABASE_URL"),
        ({"GREFFIER_DATABASE_URL": "postgresql://u:hunter2@db:port/x"}, "GREFFIER_DATABASE_URL"),
        ({"GREFFIER_DATABASE_URL": "postgresql:/db"}, "GREFFIER_DATABASE_URL"),
        ({"GREFFIER_DATABASE_WAIT": "long"}, "GREFFIER_DATABASE_WAIT"),
        ({"GREFFIER_DATABASE_STATEMENT_TIMEOUT": "0"}, "GREFFIER_DATABASE_STATEMENT_TIMEOUT"),
        ({"GREFFIER_SECRET_KEY": "sk_live_\nhunter2"}, "GREFFIER_SECRET_KEY"),
        ({"GREFFIER_SECRET_KEY": "", "GREFFIER_SECRET_KEY_FILE": "/none"}, "GREFFIER_SECRET_KEY_FILE"),
        ({"GREFFIER_SMTP_URL_FILE": "/dev/null"}, "GREFFIER_SMTP_URL_FILE"),
        ({"GREFFIER_WORKERS": "two"}, "GREFFIER_WORKERS"),
    ],
)
def test_setting_that_cannot_be_used_is_named_in_one_line_at_the_start(
    tmp_path: Path,
    started: list[dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    named: str,
) -> None:
    keys = {"GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY, "GREFFIER_SECRET_KEY": LIVE_SECRET_KEY}
    database_url = {"GREFFIER_DATABASE_URL": f"sqlite:///{tmp_path / 'greffier.db'}"}
    keys |= {"GREFFIER_DOMAIN": "example.com", "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    for name, value in (keys | database_url | environ).items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(main, ["serve"])

    assert result.exit_code == 2, result.output
    (line,) = [line for line in result.stderr.splitlines() if not line.startswith("Warning:")]
    assert named in line
    assert "hunter2" not in result.output
    assert started == []


def test_secrets_may_come_from_files_and_with_a_line_break(
    tmp_path: Path, started: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{LIVE_SECRET_KEY}\n")
    monkeypatch.setenv("GREFFIER_SECRET_KEY_FILE", str(secret))
    monkeypatch.setenv("GREFFIER_PUBLISHABLE_KEY", f" {LIVE_PUBLISHABLE_KEY}\n")
    monkeypatch.setenv("GREFFIER_DOMAIN", "example.com\n")
    monkeypatch.setenv("GREFFIER_ENCRYPTION_KEYS", ENCRYPTION_KEY)
    monkeypatch.setenv("GREFFIER_DATABASE_URL", f"sqlite:///{tmp_path / 'greffier.db'}\n")

    result = CliRunner().invoke(main, ["serve"])

    assert result.exit_code == 0, result.output
    wanted = wanted_instance(read_environment())
    assert wanted is not None
    assert (wanted.secret_key, wanted.domain) == (LIVE_SECRET_KEY, "example.com")


def test_every_setting_of_the_file_is_a_variable_too() -> None:
    assert {f"GREFFIER_{name.upper()}" for name in ServerDocument.__struct_fields__} == SETTINGS


def test_variables_that_are_not_the_servers_are_not_looked_at(
    tmp_path: Path, started: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREFFIER_OTHER_FILE", "/none")
    monkeypatch.setenv("GREFFIER_NOTE", '"quoted"')

    assert serve(tmp_path, database(tmp_path) + KEYS).exit_code == 0


def test_secret_that_is_given_twice_is_refused(
    tmp_path: Path, started: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(LIVE_SECRET_KEY)
    monkeypatch.setenv("GREFFIER_SECRET_KEY_FILE", str(tmp_path / "secret"))

    result = serve(tmp_path, database(tmp_path) + KEYS)
    monkeypatch.setenv("GREFFIER_SECRET_KEY", LIVE_SECRET_KEY)
    twice = serve(tmp_path, database(tmp_path) + KEYS)

    assert twice.exit_code == 2
    assert "choose one" in twice.stderr
    assert LIVE_SECRET_KEY not in twice.stderr + result.stderr
