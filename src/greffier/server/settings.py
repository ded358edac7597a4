"""Operator settings, by `GREFFIER_*` variables and the command line. Settings that a dashboard user edits are
in `instances/`.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:]+")
"""A name, or an address without brackets. Names in a compose network may have an underscore."""

ENCRYPTION_KEY_BYTES = 32
"""AES-256."""


_TWILIO_SENDER = re.compile(
    r"\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}"
)
"""A number, a messaging service, a short code, or an alphanumeric sender."""
_TWILIO_WHATSAPP = {
    "GREFFIER_SMS_TWILIO_WHATSAPP_FROM": re.compile(r"(\+[1-9]\d{6,14})?", re.ASCII),
    "GREFFIER_SMS_TWILIO_WHATSAPP_TEMPLATE": re.compile(r"(HX[0-9a-fA-F]{32})?"),
}


class SmtpSettings(msgspec.Struct, frozen=True):
    """The mail server. `url` is `smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`."""

    url: str
    sender: str = "Greffier <no-reply@localhost>"
    ehlo: str | None = None
    """The name of this server in EHLO; the domain of the sender when absent."""

    def __repr__(self) -> str:
        return f"SmtpSettings(sender={self.sender!r})"  # the URL holds a password


class SmsWebhook(msgspec.Struct, frozen=True):
    """The application's own endpoint that sends text messages: it gets signed requests."""

    url: str
    secret: str
    """As in `whsec_...`: base64 of 24 to 64 bytes (Standard Webhooks)."""

    def __repr__(self) -> str:
        return f"SmsWebhook(url={self.url!r})"


class Twilio(msgspec.Struct, frozen=True):
    """An account of Twilio Messaging."""

    account_sid: str
    auth_token: str
    sender: str
    """A number in E.164, an alphanumeric sender, or the `MG...` id of a messaging service."""
    api_url: str = "https://api.twilio.com"
    whatsapp_sender: str | None = None
    """A number in E.164; without one nothing is sent by WhatsApp."""
    whatsapp_template: str | None = None
    """The `HX...` id of an approved template for codes."""

    def __repr__(self) -> str:
        return f"Twilio(sender={self.sender!r})"


class Timeouts(msgspec.Struct, frozen=True):
    """The waits for the database, in seconds, after which a request is answered with 503."""

    acquire: float = 5.0
    """For a connection; on SQLite for its turn to write."""
    statement: float = 10.0
    """For the answer to one statement. On SQLite a statement cannot hang."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the process needs to know before it opens the database."""

    database_url: str = "sqlite:///.greffier/greffier.db"
    database_timeouts: Timeouts = Timeouts()
    """The waits for the database after which a request is answered with 503."""
    public_url: str | None = None
    """The URL of this server for browsers, without a trailing slash; derived from requests when absent."""
    api_hosts: tuple[str, ...] = ("localhost",)
    """Names by which servers ask for the Backend API, besides the hosts of instances; `localhost` stands for
    every name of this machine itself."""
    hosts: tuple[str, ...] = ()
    """More names at which browsers reach the only instance; `greffier dev` sets them."""
    listening_url: str | None = None
    """The URL at which `greffier dev` listens, for answers to servers, which may ask by a name that browsers
    do not know.
    """
    smtp: SmtpSettings | None = None
    sms: SmsWebhook | Twilio | None = None
    assets_directory: str | None = None
    show_inbox: bool = False
    """Serve the inbox page and its API. Only `greffier dev` and embedded development servers set it."""
    password_threads: int = 0
    """The number of password hashes at once; 0 means one per core."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of reverse proxies whose `X-Forwarded-*` headers are trusted."""
    breach_url: str | None = None
    """Range URL of a breach service; the first five digits of a password's SHA-1 hash are appended."""
    metrics_token: str | None = None
    """The bearer token for `/metrics`; without one, only this machine may read it."""
    rate_limit_scale: float = 1.0
    """Every rate limit is multiplied by this."""
    redis_url: str | None = None
    """The Redis in which workers and machines count rate limits together, `redis://`, `rediss://` or
    `unix://`.
    """

    encryption_keys: tuple[bytes, ...] = ()
    """Keys for secrets that are encrypted at rest, 32 bytes each: the first encrypts, each decrypts."""

    def __repr__(self) -> str:
        return f"Settings(public_url={self.public_url!r})"  # no passwords, no keys


SETTINGS = frozenset(
    f"GREFFIER_{name}"
    for name in (
        "API_HOSTS",
        "APP_NAME",
        "ASSETS_DIR",
        "BREACH_URL",
        "DATABASE_ACQUIRE_TIMEOUT",
        "DATABASE_STATEMENT_TIMEOUT",
        "DATABASE_URL",
        "DATABASE_WAIT",
        "DOMAIN",
        "ENCRYPTION_KEYS",
        "HOST",
        "MAIL_FROM",
        "METRICS_TOKEN",
        "PASSWORD_THREADS",
        "PORT",
        "PUBLIC_URL",
        "PUBLISHABLE_KEY",
        "RATE_LIMIT_SCALE",
        "REDIS_URL",
        "SECRET_KEY",
        "SMS_TWILIO_ACCOUNT_SID",
        "SMS_TWILIO_AUTH_TOKEN",
        "SMS_TWILIO_FROM",
        "SMS_TWILIO_URL",
        "SMS_TWILIO_WHATSAPP_FROM",
        "SMS_TWILIO_WHATSAPP_TEMPLATE",
        "SMS_WEBHOOK_SECRET",
        "SMS_WEBHOOK_URL",
        "SMTP_EHLO",
        "SMTP_URL",
        "TRUSTED_PROXIES",
        "WORKERS",
    )
)
"""The variables that the server reads. Others with this prefix belong to the SDK or to other programs."""


def read_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The server's variables, stripped of white space, and with the contents of the file that a variable
    ending in `_FILE` names, as Docker passes secrets. Empty ones are absent.

    Raises:
        ValueError: a file cannot be read, a variable is given in both ways, or is in quotes. The message
            names the variable, and never repeats what is in it.
    """
    env = os.environ if environ is None else environ
    values = {name: value for name in SETTINGS if (value := env.get(name, "").strip())}
    for name in SETTINGS:
        variable = f"{name}_FILE"
        if path := env.get(variable, "").strip():
            if name in values:
                raise ValueError(f"{name} and {variable} are both given: choose one")
            values[name] = _content(variable, path)
    for name, value in values.items():
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            raise ValueError(f"{name} is in quotes: leave them out")
        if not value.isprintable():
            raise ValueError(f"{name} has a line break or another character that does not belong there")
    return values


def _content(name: str, path: str) -> str:
    try:
        content = Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ValueError(f"{name}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{name}: {path} is no text") from None
    if not content:
        raise ValueError(f"{name}: {path} is empty")
    return content


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `GREFFIER_DATABASE_URL`, `GREFFIER_DATABASE_ACQUIRE_TIMEOUT`,
    `GREFFIER_DATABASE_STATEMENT_TIMEOUT`, `GREFFIER_PUBLIC_URL`, `GREFFIER_API_HOSTS`, `GREFFIER_SMTP_URL`,
    `GREFFIER_MAIL_FROM`, `GREFFIER_SMTP_EHLO`, `GREFFIER_SMS_...`, `GREFFIER_ASSETS_DIR`,
    `GREFFIER_PASSWORD_THREADS`, `GREFFIER_TRUSTED_PROXIES`, `GREFFIER_RATE_LIMIT_SCALE`,
    `GREFFIER_REDIS_URL`, `GREFFIER_BREACH_URL`, `GREFFIER_ENCRYPTION_KEYS` and `GREFFIER_METRICS_TOKEN`,
    read as `read_environment` says.

    Raises:
        ValueError: a variable has a value that cannot be used; the message names it and says why.
    """
    env = read_environment(environ)
    smtp_url = env.get("GREFFIER_SMTP_URL")
    threads = env.get("GREFFIER_PASSWORD_THREADS", "0")
    if not threads.isdecimal():
        raise ValueError(f"GREFFIER_PASSWORD_THREADS must be a whole number, not {threads!r}")
    public_url = _web_url("GREFFIER_PUBLIC_URL", env)
    return Settings(
        database_url=_database(env.get("GREFFIER_DATABASE_URL", "sqlite:///.greffier/greffier.db")),
        database_timeouts=_timeouts(env),
        public_url=public_url.rstrip("/") if public_url else None,
        smtp=_smtp(smtp_url, env) if smtp_url else None,
        sms=_sms(env),
        api_hosts=_hosts(env.get("GREFFIER_API_HOSTS", "localhost")),
        assets_directory=env.get("GREFFIER_ASSETS_DIR"),
        password_threads=int(threads),
        breach_url=_web_url("GREFFIER_BREACH_URL", env),
        metrics_token=_metrics_token(env.get("GREFFIER_METRICS_TOKEN")),
        trusted_proxies=_networks(env.get("GREFFIER_TRUSTED_PROXIES", "")),
        rate_limit_scale=_scale(env.get("GREFFIER_RATE_LIMIT_SCALE", "1")),
        redis_url=_redis(env.get("GREFFIER_REDIS_URL")),
        encryption_keys=read_encryption_keys(env.get("GREFFIER_ENCRYPTION_KEYS", "")),
    )


def _database(url: str) -> str:
    """Messages do not repeat the URL, which may hold a password."""
    setting = "GREFFIER_DATABASE_URL"
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        path = url.removeprefix("sqlite:///")
        if path == url or not path or path.startswith(":memory:"):
            raise ValueError(f"{setting}: an SQLite URL names a file: sqlite:///path or sqlite:////path")
        return url
    if scheme not in ("postgresql", "postgres"):
        raise ValueError(f"{setting}: the database URL must start with sqlite:/// or postgresql://")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(f"{setting}: its host or port cannot be used") from None
    if not url.startswith(f"{scheme}://") or (not parts.hostname and "host=" not in parts.query):
        raise ValueError(f"{setting} must name a host: postgresql://user:password@host/name")
    return url


def _timeouts(env: Mapping[str, str]) -> Timeouts:
    return Timeouts(
        acquire=_seconds("GREFFIER_DATABASE_ACQUIRE_TIMEOUT", env, Timeouts().acquire),
        statement=_seconds("GREFFIER_DATABASE_STATEMENT_TIMEOUT", env, Timeouts().statement),
    )


def _seconds(name: str, env: Mapping[str, str], default: float) -> float:
    text = env.get(name, str(default))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 600:
        raise ValueError(f"{name} must be a number of seconds from 0.1 to 600, not {text!r}")
    return seconds


def _web_url(name: str, env: Mapping[str, str]) -> str | None:
    url = env.get(name)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    else:
        if parts.scheme not in ("http", "https"):
            raise ValueError(f"{name} must start with https:// or http://, not {url!r}")
        usable = usable and not (parts.query or parts.fragment or parts.username or " " in url)
    if not usable:
        raise ValueError(f"{name} must be a URL such as https://auth.example.com, not {url!r}")
    return url


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


def _sms(env: Mapping[str, str]) -> SmsWebhook | Twilio | None:
    """Messages do not repeat a secret."""
    ways = ("GREFFIER_SMS_WEBHOOK_", "GREFFIER_SMS_TWILIO_")
    chosen = [way for way in ways if any(name.startswith(way) for name in env)]
    if len(chosen) > 1:
        raise ValueError(f"{ways[0]}... and {ways[1]}... are both given: choose one")
    if not chosen:
        return None
    needed = ("URL", "SECRET") if chosen == [ways[0]] else ("ACCOUNT_SID", "AUTH_TOKEN", "FROM")
    for name in needed:
        if f"{chosen[0]}{name}" not in env:
            raise ValueError(f"{chosen[0]}{name} is missing")
    url = _web_url(f"{chosen[0]}URL", env)
    first, *others = (env[f"{chosen[0]}{name}"] for name in needed)
    if chosen == [ways[0]]:
        return SmsWebhook(first, _webhook_secret(f"{ways[0]}SECRET", others[0]))
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", first):
        raise ValueError(f"{ways[1]}ACCOUNT_SID must be the account's id, AC and 32 hexadecimal digits")
    if not _TWILIO_SENDER.fullmatch(others[1]):
        raise ValueError(f"{ways[1]}FROM must be a number such as +15005550006, or the MG... id of a service")
    for name, form in _TWILIO_WHATSAPP.items():
        if not form.fullmatch(env.get(name, "")):
            raise ValueError(f"{name} must be a number such as +15005550006, or the HX... id of a template")
    sender, template = (env.get(name) for name in _TWILIO_WHATSAPP)
    whatsapp = {"whatsapp_sender": sender, "whatsapp_template": template}
    return Twilio(first, others[0], others[1], *([url.rstrip("/")] if url else []), **whatsapp)


def _webhook_secret(name: str, text: str) -> str:
    try:
        length = len(b64decode(text.removeprefix("whsec_"), validate=True))
    except ValueError:
        length = 0
    if not text.startswith("whsec_") or not 24 <= length <= 64:
        raise ValueError(f"{name} must be whsec_ and the base64 of 24 to 64 random bytes")
    return text


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
    if token is not None and (len(token) < 16 or not token.isascii() or " " in token):
        raise ValueError("GREFFIER_METRICS_TOKEN must have at least 16 characters, all ASCII, and no space")
    return token


def read_encryption_keys(text: str) -> tuple[bytes, ...]:
    """Keys in base64, with commas between them.

    Raises:
        ValueError: one is not of 32 bytes. The message does not repeat it.
    """
    keys = tuple(_decoded(part.strip()) for part in text.split(",") if part.strip())
    if any(len(key) != ENCRYPTION_KEY_BYTES for key in keys):
        why = "give the output of `openssl rand -base64 32`; several with commas"
        raise ValueError(f"GREFFIER_ENCRYPTION_KEYS: a key is not 32 bytes in base64: {why}")
    return keys


def _decoded(text: str) -> bytes:
    """Base64 of either alphabet, with or without padding; empty when it is not."""
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        return b64decode(padded, validate=True)
    except ValueError:
        return b""
