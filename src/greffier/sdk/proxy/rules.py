"""The request and response headers and URLs of a proxy of the Frontend API (`greffier.proxy`).

Everything here is about headers, paths and URLs; `proxy_exchange.py` talks to the Frontend API.
"""

import ipaddress
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

from greffier.sdk import keys
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.urls import hostname_of, is_safe_redirect, origin_of
from greffier.sdk.keys import InstanceType

log = logging.getLogger("greffier.sdk")

Header = tuple[str, str]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: RFC 9110 section 7.6.1, and what browsers and servers of old send in its place.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# : Only a proxy may send these; from a browser they are dropped.
_OURS = frozenset(
    {
        "accept-encoding",
        "clerk-proxy-url",
        "clerk-secret-key",
        "content-length",
        "expect",
        "forwarded",
        "host",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-real-ip",
    }
)


@dataclass(frozen=True, kw_only=True)
class ProxyRules:
    """The settings of a proxy, checked once.

    - `target` is the URL at which this process reaches the Frontend API. By default it is the host in the
      publishable key, which must then lead there.
    - `host` is the `Host` sent to the Frontend API, where that is not the host of `target`.
    - `path` is where the proxy is on the application's origin.
    - `public_url` is the whole URL at which browsers reach the proxy. Without it, it is made of the host that
      the request names; with keys of a production instance, that host must be on the domain of the instance.
    - `trusted_proxies` are addresses and networks of reverse proxies in front of the application: what they
      say in `X-Forwarded-For` of the browser is believed. With any, so is a peer on a Unix socket.

    Raises `ConfigurationError` for settings that cannot work.
    """

    publishable_key: str
    secret_key: str = field(repr=False)
    target: str | None = None
    host: str | None = None
    path: str = "/__clerk"
    public_url: str | None = None
    trusted_proxies: Iterable[str] = ()

    upstream: str = field(init=False)
    is_production: bool = field(init=False)
    _frontend_api: str = field(init=False)
    _networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = field(init=False)

    def __post_init__(self) -> None:
        key = keys.decode_publishable_key(self.publishable_key)
        keys.check_keys_match(self.publishable_key, self.secret_key)
        upstream = (self.target or f"https://{key.frontend_api}").rstrip("/")
        object.__setattr__(self, "path", "/" + self.path.strip("/"))
        object.__setattr__(self, "upstream", upstream)
        object.__setattr__(self, "is_production", key.instance_type is InstanceType.PRODUCTION)
        object.__setattr__(self, "_frontend_api", key.frontend_api)
        object.__setattr__(self, "_networks", tuple(_networks(self.trusted_proxies)))
        if not is_safe_redirect(upstream) or "?" in upstream or "#" in upstream:
            raise ConfigurationError("target must be an absolute http or https URL without a query.")
        if self.path == "/":
            raise ConfigurationError("path must leave room for the application: /__clerk, for example.")
        if self.public_url is not None and not is_safe_redirect(self.public_url):
            raise ConfigurationError("public_url must be absolute, such as https://example.com/__clerk.")
        if self.is_production and upstream.startswith("http:") and not _is_local(upstream):
            log.warning("The proxy sends the secret key over plain http; target should be https.")

    def target_of(self, raw_path: str, prefixes: Iterable[str], query: str) -> tuple[str, str] | None:
        """The prefix under which a request came, and the path and query to ask the Frontend API for.

        None when the path is not for the proxy, or leaves its folder.
        """
        for prefix in prefixes:
            rest = raw_path.removeprefix(prefix)
            if rest == raw_path or (rest and not rest.startswith("/")):
                continue
            if any(unquote(segment) in (".", "..") for segment in rest.split("/")):
                return None
            base = urlsplit(self.upstream).path
            return prefix, f"{base}{rest or '/'}{'?' if query else ''}{query}"
        return None

    def url_for(self, origin: str, prefix: str) -> str | None:
        """The URL at which the browser reached the proxy; None if the host is not one of the application."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = hostname_of(origin)
        if self.is_production:
            # An attacker who could choose the host would choose where links in e-mails lead to.
            domain = self._frontend_api.partition(":")[0].partition(".")[2].lower()
            if host is None or not (host == domain or host.endswith("." + domain)):
                return None
        return origin + prefix

    def client_address(self, peer: str, forwarded_for: str) -> str:
        """The browser's address: the peer, or the address that the trusted proxies in front of it name."""
        address = peer
        for candidate in reversed([part.strip() for part in forwarded_for.split(",")]):
            if not self._trusts(address) or _address(candidate) is None:
                break
            address = candidate
        return address

    def request_headers(self, headers: Iterable[Header], *, proxy_url: str, client: str) -> list[Header]:
        """The headers for the Frontend API: the browser's own, and the proxy's URL and the client's
        address."""
        public = urlsplit(proxy_url)
        # With "_", a server behind could take them for ours (PEP 3333: environ variables).
        kept = [
            (name, value)
            for name, value in _end_to_end(headers)
            if name.lower().replace("_", "-") not in _OURS
        ]
        return [
            ("Host", self.host or urlsplit(self.upstream).netloc),
            *kept,
            ("Accept-Encoding", "identity"),
            ("Clerk-Proxy-Url", proxy_url),
            ("Clerk-Secret-Key", self.secret_key),
            ("X-Forwarded-For", client),
            ("X-Forwarded-Host", public.netloc),
            ("X-Forwarded-Proto", public.scheme),
        ]

    def response_headers(self, headers: Iterable[Header], *, proxy_url: str) -> list[Header]:
        """The headers for the browser, in order, with every `Set-Cookie`."""
        return [
            (name, self._location(value, proxy_url) if name.lower() == "location" else value)
            for name, value in _end_to_end(headers)
        ]

    def _location(self, location: str, proxy_url: str) -> str:
        """A redirect to the Frontend API goes through the proxy too; others stay as they are."""
        if urlsplit(proxy_url).path and location.startswith(urlsplit(proxy_url).path + "/"):
            return location
        absolute = urljoin(self.upstream + "/", location)
        base = urlsplit(self.upstream).path
        parts = urlsplit(absolute)
        if origin_of(absolute) != origin_of(self.upstream):
            if origin_of(absolute) != origin_of(f"https://{self._frontend_api}"):
                return location
        elif base and not (parts.path + "/").startswith(base + "/"):
            return location
        else:
            parts = parts._replace(path=parts.path.removeprefix(base))
        return proxy_url + parts._replace(scheme="", netloc="").geturl()

    def _trusts(self, text: str) -> bool:
        if not text:
            return bool(self._networks)
        address = _address(text)
        return address is not None and any(address in network for network in self._networks)


def _end_to_end(headers: Iterable[Header]) -> list[Header]:
    listed = list(headers)
    named = {
        option.strip().lower()
        for name, value in listed
        if name.lower() == "connection"
        for option in value.split(",")
    }
    return [(name, value) for name, value in listed if name.lower() not in _HOP_BY_HOP | named]


def _networks(texts: Iterable[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    if isinstance(texts, str):
        raise ConfigurationError("trusted_proxies is a list, such as ['10.0.0.0/8'].")
    for text in texts:
        try:
            yield ipaddress.ip_network(text.strip())
        except ValueError:
            raise ConfigurationError(f"trusted_proxies: {text!r} is no address and no network.") from None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)
