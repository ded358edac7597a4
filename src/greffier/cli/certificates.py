"""A certificate authority of this machine's own, for https in development. It is never used in production.

`<data>/tls/` holds the authority (`ca.pem`, `ca-key.pem`) and the certificate that it signed (`server.pem`,
`server-key.pem`). The holder of `ca-key.pem` can impersonate any site to browsers that trust `ca.pem`: it
stays with its owner, and each data folder has another one.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_CA_LIFETIME = timedelta(days=3650)
_LEAF_LIFETIME = timedelta(days=200)
RENEW_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)


class Certificate(NamedTuple):
    """Files in PEM."""

    ca: Path
    chain: Path
    key: Path


def ensure_certificate(data: Path, names: list[str], *, now: datetime | None = None) -> Certificate:
    """A certificate for these host names and addresses, made or renewed when needed.

    Args:
        data: the data folder.
        now: with a time zone; the present when absent.
    """
    moment = now or datetime.now(UTC)
    folder = data / "tls"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server-key.pem")
    ca, ca_key = _authority(folder, moment)
    if not _usable(files, ca, names, moment):
        key = ec.generate_private_key(ec.SECP256R1())
        _write(files.key, _pem(key), 0o600)
        leaf = _sign_leaf(ca, ca_key, key, names, moment)
        _write(files.chain, leaf.public_bytes(Encoding.PEM), 0o644)
    return files


def read_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    path, key_path = folder / "ca.pem", folder / "ca-key.pem"
    if path.exists() and key_path.exists():
        ca = read_certificate(path)
        key = load_pem_private_key(key_path.read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and ca.not_valid_after_utc > now + _LEAF_LIFETIME:
            return ca, key
    key = ec.generate_private_key(ec.SECP256R1())
    ca = _make_authority(key, now)
    _write(key_path, _pem(key), 0o600)
    _write(path, ca.public_bytes(Encoding.PEM), 0o644)
    return ca, key


def _make_authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    serial = x509.random_serial_number()
    # A name of its own: a trust store that holds several must not take one for another.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Greffier development CA {serial:x}"[:40])])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(name, name, key.public_key(), now, _CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _sign_leaf(
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    names: list[str],
    now: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Greffier development server")])
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _builder(subject, ca.subject, key.public_key(), now, _LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(server, critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(ca_key, SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + lifetime)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usable(files: Certificate, ca: x509.Certificate, names: list[str], now: datetime) -> bool:
    """Whether the certificate at hand is this authority's, for these names, and not about to end."""
    if not files.chain.exists() or not files.key.exists():
        return False
    leaf = read_certificate(files.chain)
    try:
        leaf.verify_directly_issued_by(ca)
    except (InvalidSignature, ValueError, TypeError):
        return False
    alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return leaf.not_valid_after_utc > now + RENEW_BEFORE and set(alternative) == {
        _general_name(name) for name in names
    }


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    """A whole file or none, never readable by others for a moment."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    scratch.replace(path)
