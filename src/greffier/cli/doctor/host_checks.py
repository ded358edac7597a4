"""Whether the hosts of production instances lead to this installation: DNS, TLS, and what the reverse proxy
passes on. Part of `greffier doctor`."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from greffier.cli.doctor.certificate_checks import Check, check_remote_certificate

if TYPE_CHECKING:
    from greffier.server.web.instance.instance import Instance

_SECONDS = 5.0
# Of no browser (RFC 5737): a server that trusts it trusts whatever browsers send.
_SPOOFED_ADDRESS = "192.0.2.1"

_PROXY_NOT_TRUSTED = (
    "X-Forwarded-For is not believed: name the reverse proxy in GREFFIER_TRUSTED_PROXIES of the server. "
    "Until then all browsers share one rate limit."
)
_NOT_HTTPS = (
    "X-Forwarded-Proto does not say https: the server takes browsers for http://, and cookies of pages are "
    "not Secure. The reverse proxy must send it."
)
_FAULTS = {
    "missing": "X-Forwarded-For is missing: all browsers share one rate limit. The reverse proxy must "
    "send it.",
    "written_by_browser": "X-Forwarded-For is passed on as browsers write it: each has any address it likes. "
    "The reverse proxy must append the address that it sees.",
}


class _Answer(msgspec.Struct):
    """That of `/v1/host-health`."""

    host: bool
    instance: bool
    https: bool
    forwarded_for: str


def check_hosts(instance: Instance) -> Iterator[Check]:
    """Everything about the hosts of one instance; nothing in development."""
    if instance.is_development:
        return
    from greffier.server.web.http.hosts import accounts_host, hostname_of

    optional = accounts_host(instance.frontend_api_host)
    first = hostname_of(instance.frontend_api_host)
    satellites = {satellite.host for satellite in instance.satellites if not satellite.proxy_url}
    for host in sorted(instance.hosts | satellites, key=lambda host: (host != first, host)):
        yield from _check_host(host, instance, optional=host == optional)


def _check_host(host: str, instance: Instance, *, optional: bool) -> Iterator[Check]:
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        text = "it has no address in DNS."
        if optional:
            text += " It is optional: SDKs lead people there unless they are told a sign-in URL."
        yield Check("ok" if optional else "warning", host, text)
        return
    certificate = check_remote_certificate(f"https://{host}")
    yield certificate._replace(subject=host)
    if certificate.level == "ok":
        yield from _check_way(host, instance)


def _check_way(host: str, instance: Instance) -> Iterator[Check]:
    """Whether a request to this host arrives at the instance, and what its reverse proxy says of it."""
    try:
        found = _ask(host, instance)
    except (OSError, http.client.HTTPException) as error:
        yield Check("problem", host, f"no Greffier answers there: {type(error).__name__}")
        return
    if found is None:
        yield Check("problem", host, "another server answers there, or an older version of this one.")
    elif not found.host:
        yield Check("problem", host, "the reverse proxy does not pass Host on, or sends another one.")
    elif not found.instance:
        yield Check("problem", host, "another instance answers there: does that server use this database?")
    else:
        yield Check("ok", host, "leads to this installation")
        yield from _check_headers(host, found)


def _ask(host: str, instance: Instance) -> _Answer | None:
    """Requests the host's health with a spoofed browser address; None when something else answers."""
    query = urlencode({"host": host, "instance_id": instance.id, "address": _SPOOFED_ADDRESS})
    connection = http.client.HTTPSConnection(host, timeout=_SECONDS, context=ssl.create_default_context())
    try:
        connection.request("GET", f"/v1/host-health?{query}", headers={"X-Forwarded-For": _SPOOFED_ADDRESS})
        body = connection.getresponse().read()
    finally:
        connection.close()
    try:
        return msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError:
        return None


def _check_headers(host: str, found: _Answer) -> Iterator[Check]:
    if found.forwarded_for == "not_believed":
        # The other headers of this proxy are not trusted either.
        yield Check("warning", host, _PROXY_NOT_TRUSTED)
        return
    if not found.https:
        yield Check("problem", host, _NOT_HTTPS)
    if found.forwarded_for in _FAULTS:
        yield Check("problem", host, _FAULTS[found.forwarded_for])
