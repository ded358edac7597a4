"""Whether the hosts of production instances lead to this installation: DNS, TLS, and what the reverse proxy
passes on. Part of `greffier doctor`."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from greffier.cli.certificate_checks import Check, check_remote_certificate

if TYPE_CHECKING:
    from greffier.server.web.instance import Instance

_SECONDS = 5.0


def check_hosts(instance: Instance, *, proxies_trusted: bool) -> Iterator[Check]:
    """Everything about the hosts of one instance; nothing in development.

    Args:
        proxies_trusted: whether GREFFIER_TRUSTED_PROXIES names any.
    """
    if instance.is_development:
        return
    from greffier.server.web.hosts import accounts_host, hostname_of

    optional = accounts_host(instance.frontend_api_host)
    first = hostname_of(instance.frontend_api_host)
    satellites = {satellite.host for satellite in instance.satellites if not satellite.proxy_url}
    for host in sorted(instance.hosts | satellites, key=lambda host: (host != first, host)):
        yield from _check_host(host, instance, optional=host == optional, proxies_trusted=proxies_trusted)


def _check_host(host: str, instance: Instance, *, optional: bool, proxies_trusted: bool) -> Iterator[Check]:
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
        yield _check_way(host, instance)
        if not proxies_trusted:
            text = "GREFFIER_TRUSTED_PROXIES names no proxy: behind one, all browsers share one rate limit."
            yield Check("warning", host, text)


def _check_way(host: str, instance: Instance) -> Check:
    """Whether a request to this host arrives at the instance, by the id in its public settings."""
    connection = http.client.HTTPSConnection(host, timeout=_SECONDS, context=ssl.create_default_context())
    try:
        connection.request("GET", "/v1/environment")
        found = json.loads(connection.getresponse().read()).get("id")
    except (OSError, ValueError, AttributeError, http.client.HTTPException) as error:
        return Check("problem", host, f"no Greffier answers there: {type(error).__name__}")
    finally:
        connection.close()
    if found == instance.id:
        return Check("ok", host, "leads to this installation")
    why = "another server or another instance answers there: the reverse proxy must pass Host on."
    return Check("problem", host, why)
