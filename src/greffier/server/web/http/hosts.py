"""Names of hosts: how a `Host` header spells them, and which of them this server has beside those of keys."""

from __future__ import annotations

from greffier.server.web.http.origins import is_local


def hostname_of(host: str) -> str:
    """The name in a `Host` header, without port and brackets. Host names have no case (RFC 9110 section
    4.2.3), and a dot at the end does not make another one (RFC 1034 section 3.1)."""
    name = host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]
    return name.lower().removesuffix(".")


def accounts_host(frontend_api_host: str) -> str | None:
    """The host of the hosted pages to which SDKs redirect by default: they derive it from the host in the
    publishable key.
    """
    name = hostname_of(frontend_api_host)
    for prefix in ("clerk.accounts.", "clerk."):
        if name.startswith(prefix):
            return f"accounts.{name.removeprefix(prefix)}"
    return None


def is_api_host(name: str, configured: tuple[str, ...]) -> bool:
    """Whether servers may ask for the Backend API by this name.

    Args:
        configured: names; `localhost` stands for every name of this machine itself.
    """
    return name in configured or ("localhost" in configured and is_local(name))
