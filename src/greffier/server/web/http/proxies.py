"""Reverse proxies in front of the server: the headers of trusted ones alone are accepted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FROM_TRUSTED_PROXY = "greffier.from_trusted_proxy"
"""Key of a scope: a trusted proxy sent the request."""


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks, as `10.0.0.0/8` or `::1`.

    Raises:
        ValueError: one of them is neither; the message names it.
    """
    return tuple(ipaddress.ip_network(text.strip()) for text in texts if text.strip())


class Proxies:
    """The proxies that may speak for browsers."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._networks = read_networks(trusted)
        self._trusts = lru_cache(maxsize=4096)(self._in_networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def _in_networks(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        return any(parsed in network for network in self._networks)

    def unwrap(self, scope: Any) -> Any:
        """The request as the browser sent it: its address, host and scheme. Any other peer counts as the
        browser, whatever the headers say.
        """
        peer = scope.get("client")
        if peer is None or not self._trusts(peer[0]):
            return scope
        forwarded: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            # Repeated headers are one list (RFC 9110 section 5.3).
            if name.startswith(b"x-forwarded-") or name == b"clerk-proxy-url":
                said = value.decode("latin-1")
                forwarded[name] = f"{forwarded[name]},{said}" if name in forwarded else said
        unwrapped = dict(scope)
        unwrapped[FROM_TRUSTED_PROXY] = True
        browser, proxies = self._way_of(peer[0], forwarded.get(b"x-forwarded-for", ""))
        unwrapped["client"] = (browser, 0)
        if _is_of_application(forwarded, proxies):
            return unwrapped
        scheme = _first_trusted(forwarded.get(b"x-forwarded-proto", ""), proxies).lower()
        if scheme in ("http", "https"):
            unwrapped["scheme"] = scheme
        if host := _first_trusted(forwarded.get(b"x-forwarded-host", ""), proxies):
            others = [header for header in scope["headers"] if header[0] != b"host"]
            unwrapped["headers"] = [(b"host", host.encode("latin-1")), *others]
        return unwrapped

    def _way_of(self, peer: str, forwarded_for: str) -> tuple[str, int]:
        """The browser's address, and how many trusted proxies are between it and this server. Every proxy
        appends its peer, so the list is read from its end, and as far as it was written by trusted ones.
        """
        address, proxies = peer, 1
        for part in reversed(forwarded_for.split(",")):
            candidate = part.strip()
            if not is_ip_address(candidate):
                break
            address = candidate
            if not self._trusts(candidate):
                break
            proxies += 1
        return address, proxies


def _is_of_application(forwarded: dict[bytes, str], proxies: int) -> bool:
    """Whether the proxy is one of an application: it names the application's host, on whose origin it puts
    this API, and `Host` says which instance is meant."""
    host = _first_trusted(forwarded.get(b"x-forwarded-host", ""), proxies)
    url = forwarded.get(b"clerk-proxy-url", "")
    return bool(host) and urlsplit(url).netloc == host


def nearest(forwarded_for: str) -> str | None:
    """The peer of the proxy that sent this."""
    address = _last(forwarded_for)
    return address if is_ip_address(address) else None


def _first_trusted(values: str, proxies: int) -> str:
    """The value of the trusted proxy nearest to the browser: each one appends a value. Where they replace
    what they got, there are fewer.
    """
    parts = values.split(",")
    return parts[max(len(parts) - proxies, 0)].strip()


def _last(values: str) -> str:
    """The value of the nearest proxy."""
    return values.rpartition(",")[2].strip()


def is_loopback(address: str) -> bool:
    """Whether the peer is on this machine (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3)."""
    return is_ip_address(address) and ipaddress.ip_address(address).is_loopback


def is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
