"""`greffier doctor`: it names what is wrong, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from greffier.cli import main
from greffier.cli.certificates import ensure_certificate
from greffier.cli.doctor import host_checks
from greffier.cli.doctor.certificate_checks import check_remote_certificate
from greffier.server.app import development_server
from greffier.server.signing.jwts import base64url
from tests.cli.commands import Installation, add_role
from tests.support.server import ENCRYPTION_KEY, LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY
from tests.support.services.redis_servers import RedisServer


def doctor(*arguments: str, stdin: str | None = None, **environ: str) -> tuple[int, dict[str, list[str]]]:
    """The exit status, and what is not in order: texts by subject."""
    result = CliRunner().invoke(main, ["doctor", "--json", *arguments], input=stdin, env=environ)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    found: dict[str, list[str]] = {}
    for check in json.loads(result.stdout):
        if check["level"] != "ok":
            found.setdefault(check["subject"], []).append(check["text"])
    return result.exit_code, found


def production(installation: Installation, **environ: str) -> tuple[int, dict[str, list[str]]]:
    keys = {"GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    return doctor(GREFFIER_DATABASE_URL=installation.database_url, **(keys | environ))


@pytest.fixture
def development(tmp_path: Path) -> Path:
    """A data folder after a start of `greffier dev`."""

    async def start() -> None:
        app = development_server(tmp_path)
        await app.start()
        await app.stop()

    asyncio.run(start())
    return tmp_path


@pytest.fixture(autouse=True)
def hosts_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents requests to example.com; test_host_checks.py has hosts of its own."""
    monkeypatch.setattr(host_checks, "check_hosts", lambda *_, **__: [])  # pyright: ignore[reportUnknownLambdaType]


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])


def test_healthy_development_server_has_no_findings(development: Path, resolving: None) -> None:
    assert doctor("--data", str(development)) == (0, {})


def test_report_for_people_has_a_line_per_check(development: Path, resolving: None) -> None:
    lines = CliRunner().invoke(main, ["doctor", "--data", str(development)]).stdout.splitlines()

    assert any(line.startswith("ok       database: sqlite") for line in lines)


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    status, found = doctor("--data", str(tmp_path / "nowhere"))

    assert status == 1
    assert "greffier migrate" in found["database"][0]
    assert not (tmp_path / "nowhere").exists()


def test_older_revision_is_named(installation: Installation) -> None:
    installation.execute("UPDATE alembic_version SET version_num = 'older'")

    status, found = production(installation)

    assert status == 1
    assert "it is at older" in found["database"][0]


def test_host_that_only_browsers_find_comes_with_its_hosts_line(
    development: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    status, found = doctor("--data", str(development))

    assert status == 0
    assert "127.0.0.1 clerk." in found["hosts"][0]


def test_keys_that_others_can_read_are_a_problem(development: Path, resolving: None) -> None:
    (development / "keys.json").chmod(0o644)

    status, found = doctor("--data", str(development))

    assert status == 1
    assert "chmod 600" in found["files"][0]


def test_key_that_was_rotated_away_is_a_problem(development: Path, resolving: None) -> None:
    Installation(development).done("keys", "rotate", "secret", "--overlap", "0")

    status, found = doctor("--data", str(development))

    assert status == 1
    assert "keys.json" in found["keys"][0]


def test_keys_of_the_operator_are_compared_with_those_of_the_instance(installation: Installation) -> None:
    keys = {"GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY}
    good, _ = production(installation, GREFFIER_SECRET_KEY=LIVE_SECRET_KEY, **keys)
    other = "sk_live_other_0123456789abcdefghijklmnopqrstuv"
    bad, found = production(installation, GREFFIER_SECRET_KEY=other, **keys)

    assert (good, bad) == (0, 1)
    assert "GREFFIER_SECRET_KEY" in found["keys"][0]
    assert other not in str(found)


def test_instance_without_a_working_key_is_a_problem(installation: Installation) -> None:
    installation.execute("UPDATE secret_keys SET expire_at = 1")

    assert "no secret key" in production(installation)[1]["keys"][0]


def test_clock_that_went_back_is_a_problem(installation: Installation) -> None:
    ahead = int(time.time() * 1000) + 3_600_000
    installation.execute(f"UPDATE instances SET updated_at = {ahead}")

    status, found = production(installation)

    assert status == 1
    assert "behind" in found["clock"][0]


def test_clock_behind_the_signing_keys_is_a_problem(installation: Installation) -> None:
    installation.execute(f"UPDATE signing_keys SET sign_from = {int(time.time() * 1000) + 3_600_000}")

    status, found = production(installation)

    assert status == 1
    assert any("signing key" in text for text in found["clock"])


def test_unsafe_configuration_is_a_problem(installation: Installation) -> None:
    status, found = production(installation, GREFFIER_PUBLIC_URL="http://auth.example.com")

    assert status == 1
    assert "GREFFIER_PUBLIC_URL" in found
    assert "GREFFIER_SMTP_URL" in found


def test_redis_is_asked_whether_it_answers(installation: Installation, redis_server: RedisServer) -> None:
    answers = production(installation, GREFFIER_REDIS_URL=redis_server.url)
    redis_server.kill()
    gone = production(installation, GREFFIER_REDIS_URL=redis_server.url)

    assert answers[0] == 0
    assert "Redis" not in answers[1]
    assert gone[0] == 1
    assert gone[1]["Redis"] == ["it does not answer: ConnectionError"]


def test_several_workers_that_share_no_limits_are_reported(installation: Installation) -> None:
    status, found = production(installation, GREFFIER_WORKERS="4")

    assert status == 0
    assert "4 workers" in found["GREFFIER_REDIS_URL"][0]


def test_instance_whose_tokens_live_longer_than_five_minutes_is_reported(
    installation: Installation,
) -> None:
    installation.done("config", "apply", "--file", "-", stdin="session.token_lifetime = 3600")

    status, found = production(installation)

    assert status == 0
    assert "XSS" in found["clerk.example.com settings.session.token_lifetime"][0]


def test_jwt_template_whose_tokens_live_longer_than_five_minutes_is_reported(
    installation: Installation,
) -> None:
    for number, (name, lifetime) in enumerate([("quiet", 300), ("long", 301)]):
        installation.execute(
            f"INSERT INTO jwt_templates SELECT 'jtmp_{number}', id, '{name}', '{{}}', {lifetime}, 5,"
            " NULL, NULL, 1, 1 FROM instances"
        )

    status, found = production(installation)

    assert status == 0
    assert not any("quiet" in subject for subject in found)
    (text,) = found["clerk.example.com JWT template long"]
    assert "301 s" in text
    assert "XSS" in text


def test_role_whose_members_get_tokens_that_no_cookie_holds_is_a_problem(installation: Installation) -> None:
    add_role(installation, permissions=150)

    _, found = production(installation)

    (text,) = found["clerk.example.com role org:big"]
    assert "150 permissions" in text


def test_production_database_is_examined(production_database: str) -> None:
    status, found = doctor(GREFFIER_DATABASE_URL=production_database, GREFFIER_ENCRYPTION_KEYS=ENCRYPTION_KEY)

    assert status == 0
    assert set(found) == {"GREFFIER_SMTP_URL", "clerk.example.com settings.application_name"}


def test_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    status, found = doctor(GREFFIER_DATABASE_URL="postgresql://user:hush@127.0.0.1:9/none")

    assert status == 1
    assert "cannot be reached" in found["database"][0]
    assert "hush" not in str(found)


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    """A server with a certificate that no authority has signed."""
    files = ensure_certificate(tmp_path, ["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_certificate_that_browsers_refuse_is_a_problem(tls_port: int) -> None:
    check = check_remote_certificate(f"https://localhost:{tls_port}")

    assert check.level == "problem"
    assert "certificate" in check.text


def token(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [base64url(json.dumps(part).encode()).decode() for part in (header, claims)]
    return ".".join([*parts, "c2ln"])


RS256 = {"alg": "RS256", "kid": "ins_1", "typ": "JWT"}


def test_token_that_lives_longer_than_five_minutes_is_a_problem() -> None:
    status, found = doctor("--jwt", token(RS256, {"iat": 1_000, "exp": 1_301}))

    assert status == 1
    assert "301 s" in found["lifetime"][0]
    assert "XSS" in found["lifetime"][0]


def test_token_that_lives_for_a_minute_is_no_problem() -> None:
    assert doctor("--jwt", token(RS256, {"iat": 1_000, "exp": 1_060})) == (0, {})


def test_token_without_an_end_is_a_problem() -> None:
    status, found = doctor("--jwt", token(RS256, {"iat": 1_000}))

    assert status == 1
    assert "never expires" in found["lifetime"][0]


@pytest.mark.parametrize(
    ("algorithm", "status", "word"), [("none", 1, "not signed"), ("HS256", 0, "symmetric")]
)
def test_algorithm_that_proves_little_is_named(algorithm: str, status: int, word: str) -> None:
    exit_code, found = doctor("--jwt", token({"alg": algorithm}, {"iat": 1_000, "exp": 1_060}))

    assert exit_code == status
    assert word in found["signature"][0]


def test_token_is_read_from_standard_input_and_never_repeated() -> None:
    text = token(RS256, {"iat": 1_000, "exp": 9_000})
    result = CliRunner().invoke(main, ["doctor", "--jwt", "-"], input=text + "\n")

    assert result.exit_code == 1
    assert text not in result.output


def test_text_that_is_no_token_is_told() -> None:
    status, found = doctor("--jwt", "hello")

    assert status == 1
    assert "not a JWT" in found["token"][0]


def test_secrets_in_clear_are_a_warning_that_names_the_command(
    installation: Installation, resolving: None
) -> None:
    installation.execute("UPDATE signing_keys SET private_pem = 'in clear'")

    status, found = production(installation)

    assert status == 0
    assert found["GREFFIER_ENCRYPTION_KEYS"] == [
        "1 secrets are in clear: run `greffier keys rotate --encryption`."
    ]


def test_key_that_encrypted_secrets_and_is_not_given_is_a_problem(installation: Installation) -> None:
    status, found = production(installation, GREFFIER_ENCRYPTION_KEYS=b64encode(b"n" * 32).decode())

    assert status == 1
    assert "is not among those given" in found["GREFFIER_ENCRYPTION_KEYS"][0]
    assert ENCRYPTION_KEY not in str(found)
