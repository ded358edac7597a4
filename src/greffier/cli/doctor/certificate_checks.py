"""One line of the report of `greffier doctor`, and those about certificates."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

_SOON = timedelta(days=14)


class Check(NamedTuple):
    """One line of the report."""

    level: Literal["ok", "warning", "problem"]
    subject: str
    text: str


def check_remote_certificate(url: str, *, timeout: float = 5.0) -> Check:
    """Whether browsers accept the certificate at this URL, and for how long.

    Args:
        timeout: seconds.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            socket.create_connection((host, port), timeout=timeout) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secure,
        ):
            certificate: dict[str, Any] = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Check("problem", "TLS", f"{host}:{port}: {error.verify_message}")
    except OSError as error:
        return Check("warning", "TLS", f"{host}:{port} cannot be reached from here: {error}")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return check_end("TLS", f"certificate of {host}", ends)


def check_end(subject: str, what: str, ends: datetime) -> Check:
    left = ends - datetime.now(UTC)
    level = "problem" if left <= timedelta() else "warning" if left < _SOON else "ok"
    return Check(level, subject, f"{what} is valid until {ends.isoformat(timespec='seconds')}")
