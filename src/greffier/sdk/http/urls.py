"""URLs as the SDK needs them: origins, query parameters, and which URLs are safe to send a browser to."""

import re
from collections.abc import Collection, Iterable
from urllib.parse import quote_plus, unquote_plus, urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
_VISIBLE = re.compile(r"[!-~]*")
_NOT_VISIBLE = re.compile(rb"[^!-~]")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def is_host(text: str) -> bool:
    """Whether the text is a host with an optional port, and nothing that could smuggle in more of a URL."""
    return _HOST.fullmatch(text) is not None


def join_origin(scheme: str, host: str) -> str:
    """The origin of a scheme and a host (RFC 6454 6.2): lower case, without the scheme's own port."""
    return f"{scheme}://{host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ' '))}"


def origin_of(url: str) -> str | None:
    """The origin of an absolute http or https URL; None for anything else."""
    parts = url.split("/", 3)
    if len(parts) < 3 or parts[1] or parts[0].lower() not in ("http:", "https:"):
        return None
    host = parts[2].partition("?")[0].partition("#")[0]
    return join_origin(parts[0][:-1].lower(), host) if is_host(host) else None


def hostname_of(url: str) -> str | None:
    """The host without port of an absolute http or https URL."""
    return urlsplit(origin).hostname if (origin := origin_of(url)) else None


def is_safe_redirect(url: str, origins: Collection[str] | None = None) -> bool:
    """Whether a browser may be sent to this absolute URL.

    It must be http or https with a plain host: no user name, no backslash, no blank or control character, no
    scheme-relative form. With `origins`, its origin must be one of them.
    """
    if _UNSAFE.search(url):
        return False
    origin = origin_of(url)
    return origin is not None and (origins is None or origin in origins)


def query_value(query: str, name: str) -> str | None:
    """The first value of a parameter of a raw query string."""
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if unquote_plus(key) == name:
            return unquote_plus(value)
    return None


def query_without(query: str, names: Collection[str]) -> str:
    """A raw query string without some parameters; what stays is not re-encoded."""
    return "&".join(pair for pair in query.split("&") if unquote_plus(pair.partition("=")[0]) not in names)


def url_with(url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """The URL, in ASCII, with parameters added to its query; those of the same name are replaced."""
    added = list(parameters)
    base, hash_, fragment = url.partition("#")
    base, _, query = base.partition("?")
    kept = query_without(query, [name for name, _ in added]) if query else ""
    new = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in added)
    joined = "&".join(part for part in (kept, new) if part)
    return ascii_url(f"{base}{'?' if joined else ''}{joined}{hash_}{fragment}")


def ascii_url(url: str | bytes) -> str:
    """A URL, or a part of one, as it may stand in a header: what is no visible ASCII is percent-encoded.

    Everything else stays as it is, what is encoded already included. Text is taken as UTF-8, as browsers do.
    """
    if not url:
        return ""
    text = url if isinstance(url, str) else url.decode("latin-1")
    if _VISIBLE.fullmatch(text):
        return text
    if isinstance(url, str):
        url = url.encode("utf-8", "surrogatepass")
    return _NOT_VISIBLE.sub(_percent_encoded, url).decode("ascii")


def _percent_encoded(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
