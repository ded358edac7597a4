"""Operator settings: what `GREFFIER_*` variables and the command line decide. What a dashboard user edits is
in `instances/`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from urllib.parse import urlsplit

import msgspec

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:]+")
"""A name, or an address without brackets. Names in a compose network may have an underscore."""


class SmtpSettings(msgspec.Struct, frozen=True):
    """Where mail goes out. `url` is `smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`."""

    url: str
    sender: str = "Greffier <no-reply@localhost>"
    ehlo: str | None = None
    """What this server calls itself to the mail server; the domain of the sender when absent."""

    def __repr__(self) -> str:
        return f"SmtpSettings(sender={self.sender!r})"  # the URL holds a password


class Timeouts(msgspec.Struct, frozen=True):
    """How long a request waits for the database before it is answered with 503, in seconds."""

    acquire: float = 5.0
    """For a connection; on SQLite for its turn to write."""
    statement: float = 10.0
    """For the answer to one statement. On SQLite a statement cannot hang."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the process needs to know before it opens the database."""

    database_url: str = "sqlite:///.greffier/greffier.db"
    database_timeouts: Timeouts = Timeouts()
    """How long a request waits for the database before it is answered with 503."""
    public_url: str | None = None
    """Where browsers reach this server, without a trailing slash; derived from requests when absent."""
    api_hosts: tuple[str, ...] = ("localhost",)
    """Names by which servers ask for the Backend API, besides the hosts of instances; `localhost` stands for
    every name of this machine itself."""
    hosts: tuple[str, ...] = ()
    """More names at which browsers reach the only instance; `greffier dev` sets them."""
    listening_url: str | None = None
    """Where `greffier dev` listens, for answers to servers, which may ask by a name that browsers do not
    know."""
    smtp: SmtpSettings | None = None
    assets_directory: str | None = None
    show_inbox: bool = False
    """Serve the inbox page and its API. Only `greffier dev` and embedded development servers set it."""
    password_threads: int = 0
    """How many password hashes run at once; 0 means one per core."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of reverse proxies whose `X-Forwarded-*` headers are believed."""
    breach_url: str | None = None
    """Range URL of a breach service; the first five digits of a password's SHA-1 hash are appended."""
    metrics_token: str | None = None
    """Who asks for `/metrics` must send this bearer token; without one, only this machine may ask."""
    rate_limit_scale: float = 1.0
    """Every rate limit is multiplied by this."""
    redis_url: str | None = None
    """Where workers and machines count rate limits together, `redis://`, `rediss://` or `unix://`."""


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `GREFFIER_DATABASE_URL`, `GREFFIER_PUBLIC_URL`, `GREFFIER_API_HOSTS`,
    `GREFFIER_SMTP_URL`, `GREFFIER_MAIL_FROM`, `GREFFIER_SMTP_EHLO`, `GREFFIER_ASSETS_DIR`,
    `GREFFIER_PASSWORD_THREADS`, `GREFFIER_TRUSTED_PROXIES`, `GREFFIER_RATE_LIMIT_SCALE`,
    `GREFFIER_REDIS_URL`, `GREFFIER_BREACH_URL` and `GREFFIER_METRICS_TOKEN`.

    Raises:
        ValueError: a variable has a value that cannot be used; the message names it and says why.
    """
    env = os.environ if environ is None else environ
    smtp_url = env.get("GREFFIER_SMTP_URL")
    threads = env.get("GREFFIER_PASSWORD_THREADS", "0")
    if not threads.isdecimal():
        raise ValueError(f"GREFFIER_PASSWORD_THREADS must be a whole number, not {threads!r}")
    public_url = env.get("GREFFIER_PUBLIC_URL")
    if public_url is not None and not public_url.startswith(("http://", "https://")):
        raise ValueError(f"GREFFIER_PUBLIC_URL must start with https:// or http://, not {public_url!r}")
    breach_url = env.get("GREFFIER_BREACH_URL")
    if breach_url is not None and not breach_url.startswith(("http://", "https://")):
        raise ValueError(f"GREFFIER_BREACH_URL must start with https:// or http://, not {breach_url!r}")
    return Settings(
        database_url=env.get("GREFFIER_DATABASE_URL", "sqlite:///.greffier/greffier.db"),
        public_url=public_url.rstrip("/") if public_url else None,
        smtp=_smtp(smtp_url, env) if smtp_url else None,
        api_hosts=_hosts(env.get("GREFFIER_API_HOSTS", "localhost")),
        assets_directory=env.get("GREFFIER_ASSETS_DIR"),
        password_threads=int(threads),
        breach_url=breach_url,
        metrics_token=_metrics_token(env.get("GREFFIER_METRICS_TOKEN")),
        trusted_proxies=_networks(env.get("GREFFIER_TRUSTED_PROXIES", "")),
        rate_limit_scale=_scale(env.get("GREFFIER_RATE_LIMIT_SCALE", "1")),
        redis_url=_redis(env.get("GREFFIER_REDIS_URL")),
    )


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise ValueError(f"GREFFIER_API_HOSTS must be host names, such as api.internal, not {name!r}")
    return names


def _smtp(url: str, env: Mapping[str, str]) -> SmtpSettings:
    sender, ehlo = env.get("GREFFIER_MAIL_FROM"), env.get("GREFFIER_SMTP_EHLO")
    # RFC 5321 section 4.1.3: a domain, or an address literal such as [192.0.2.1].
    if ehlo and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Za-z.:]+\]", ehlo):
        raise ValueError(f"GREFFIER_SMTP_EHLO must be a host name such as app.example.com, not {ehlo!r}")
    return SmtpSettings(url, ehlo=ehlo or None, **({"sender": sender} if sender else {}))


def _networks(text: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise ValueError(f"GREFFIER_TRUSTED_PROXIES: {error}") from None
    return networks


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1_000_000:
        raise ValueError(f"GREFFIER_RATE_LIMIT_SCALE must be a number above 0, not {text!r}")
    return scale


def _redis(url: str | None) -> str | None:
    """Messages do not repeat the URL, which may hold a password."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("GREFFIER_REDIS_URL: its host or port cannot be used") from None
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("GREFFIER_REDIS_URL must start with redis://, rediss:// or unix://")
    if parts.scheme == "unix":
        if not parts.path.startswith("/"):
            raise ValueError("GREFFIER_REDIS_URL must name a socket: unix:///run/redis/redis.sock")
    elif not parts.hostname:
        raise ValueError("GREFFIER_REDIS_URL must name a host: redis://host:6379/0")
    elif parts.path not in ("", "/") and not parts.path[1:].isdecimal():
        raise ValueError("GREFFIER_REDIS_URL must end with the number of a database, such as /0")
    return url


def _metrics_token(token: str | None) -> str | None:
    if token is not None and len(token) < 16:
        raise ValueError("GREFFIER_METRICS_TOKEN must have at least 16 characters")
    return token
