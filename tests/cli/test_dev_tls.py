"""`greffier dev --tls`: https on this machine, by a certificate authority of its own."""

from __future__ import annotations

import json
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography import x509

from greffier.cli import main
from greffier.cli.certificates import RENEW_BEFORE, ensure_certificate, read_certificate
from greffier.cli.dev import describe, settings_of
from greffier.sdk.keys import decode_publishable_key
from greffier.server.app import development_server
from tests.support.services.processes import GREFFIER, greffier_dev, running_process

NAMES = ["localhost", "127.0.0.1", "::1", "clerk.calm-owl-11.localhost"]


@contextmanager
def tls_server(data: Path, *options: str) -> Iterator[dict[str, Any]]:
    command = [*GREFFIER, "dev", "--json", "--tls", "--port", "0", "--data", str(data), *options]
    with running_process(command) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with tls_server(tmp_path_factory.mktemp("tls"), "--domain", "app.test", "--domain", "api.test") as facts:
        yield facts


def get(facts: dict[str, Any], host: str) -> httpx.Response:
    """Ask the server under a name, which is not looked up but checked against the certificate."""
    port = httpx.URL(facts["jwks_url"]).port
    address = "[::1]" if host == "::1" else "127.0.0.1"
    with httpx.Client(verify=ssl.create_default_context(cafile=facts["ca_certificate"])) as http:
        url = f"https://{address}:{port}/v1/health"
        bracketed = f"[{host}]" if ":" in host else host
        return http.get(url, headers={"host": f"{bracketed}:{port}"}, extensions={"sni_hostname": host})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "app.test", "api.test"])
def test_names_of_the_certificate_are_answered(facts: dict[str, Any], host: str) -> None:
    assert get(facts, host).json() == {"status": "healthy"}


def test_host_of_the_key_is_answered(facts: dict[str, Any]) -> None:
    assert get(facts, decode_publishable_key(facts["publishable_key"]).frontend_api).status_code == 200


def test_name_that_was_not_given_is_not_in_the_certificate(facts: dict[str, Any]) -> None:
    with pytest.raises(httpx.ConnectError, match="certificate"):
        get(facts, "else.test")


def test_urls_are_https_and_servers_are_sent_to_localhost(facts: dict[str, Any]) -> None:
    port = httpx.URL(facts["backend_api_url"]).port

    assert facts["frontend_api_url"] == facts["backend_api_url"] == f"https://localhost:{port}"
    assert facts["jwks_url"] == f"https://localhost:{port}/.well-known/jwks.json"


def test_client_cookie_is_secure(facts: dict[str, Any]) -> None:
    with httpx.Client(verify=ssl.create_default_context(cafile=facts["ca_certificate"])) as http:
        answer = http.put(f"{facts['frontend_api_url']}/v1/client")

    assert "; Secure" in answer.headers["set-cookie"]


def test_options_do_not_change_the_keys(tmp_path: Path) -> None:
    with greffier_dev(tmp_path) as plain:
        pass
    with tls_server(tmp_path, "--domain", "app.test") as secure:
        assert (secure["publishable_key"], secure["secret_key"]) == (plain.publishable_key, plain.secret_key)


def test_on_the_standard_port_browsers_use_the_host_of_the_key(tmp_path: Path) -> None:
    settings, local_url = settings_of("localhost", 443, (), tls=True)
    facts = describe(development_server(tmp_path, settings=settings), local_url)
    host = decode_publishable_key(facts["publishable_key"]).frontend_api

    assert facts["frontend_api_url"] == f"https://{host}"
    assert facts["backend_api_url"] == "https://localhost"


def test_named_domains_and_addresses_are_answered_and_others_not(tmp_path: Path) -> None:
    settings, _ = settings_of("192.168.1.7", 8787, ("phone.test",), tls=False)

    assert (settings.hosts, settings.listening_url) == (
        ("192.168.1.7", "phone.test"),
        "http://192.168.1.7:8787",
    )


def test_domain_that_is_no_host_name_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["dev", "--tls", "--domain", "https://x", "--data", str(tmp_path)])

    assert refused.exit_code == 2
    assert "'https://x'" in refused.stderr


def test_private_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, NAMES)

    assert stat.S_IMODE((tmp_path / "tls" / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_certificate_is_kept_while_it_is_good(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path, NAMES).chain.read_bytes()

    assert ensure_certificate(tmp_path, NAMES).chain.read_bytes() == first


def test_certificate_is_renewed_before_it_ends_and_by_the_same_authority(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, NAMES)
    authority, first = files.ca.read_bytes(), read_certificate(files.chain)
    late = first.not_valid_after_utc - RENEW_BEFORE + timedelta(minutes=1)

    renewed = read_certificate(ensure_certificate(tmp_path, NAMES, now=late).chain)

    assert renewed.not_valid_after_utc > late + timedelta(days=100)
    assert files.ca.read_bytes() == authority


def test_another_name_brings_another_certificate_of_the_same_authority(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, NAMES)
    authority = files.ca.read_bytes()

    names = read_certificate(ensure_certificate(tmp_path, [*NAMES, "app.test"]).chain)

    alternative = names.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "app.test" in alternative.get_values_for_type(x509.DNSName)
    assert files.ca.read_bytes() == authority


def test_authority_signs_servers_and_no_other_authority(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, NAMES, now=datetime.now(UTC))

    limits = read_certificate(files.ca).extensions.get_extension_for_class(x509.BasicConstraints).value

    assert (limits.ca, limits.path_length) == (True, 0)
