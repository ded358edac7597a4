"""Unsafe settings in production: `greffier serve` refuses them and `greffier doctor` reports them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from greffier.server.delivery.sms import text_channels
from greffier.server.instances.document import warnings
from greffier.server.reencryption import Waiting
from greffier.server.settings import Settings, SmsWebhook, SmtpSettings
from greffier.server.web.http.origins import is_local
from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.settings import InstanceSettings

ENCRYPTION_KEYS = "GREFFIER_ENCRYPTION_KEYS"
KEY_HINT = "secrets in the database are encrypted with it. Give the output of `openssl rand -base64 32`."
REENCRYPT = "greffier keys rotate --encryption"


class Finding(NamedTuple):
    """Something that an operator should know.

    `setting` is the variable or the path of the setting; `fatal` refuses a start.
    """

    setting: str
    why: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.setting}: {self.why}"


def check_settings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Unsafe or doubtful settings of the operator."""
    return [
        *_database(settings.database_url, given="GREFFIER_DATABASE_URL" in environ),
        *_public_url(settings.public_url),
        *_mail(settings),
        *_sms(settings),
        *_proxies(settings.trusted_proxies),
        *_limits(settings.rate_limit_scale),
        *_shared_limits(settings.redis_url, environ.get("GREFFIER_WORKERS", "1")),
    ]


def _database(url: str, *, given: bool) -> list[Finding]:
    setting = "GREFFIER_DATABASE_URL"
    if not url.startswith("sqlite:"):
        return []
    path = url.removeprefix("sqlite:///")
    if not given or not path.startswith("/"):
        why = f"the data is in {path} of the current folder; a start elsewhere does not find it."
        return [Finding(setting, why)]
    return []


def _public_url(url: str | None) -> list[Finding]:
    if url is None or url.startswith("https://") or is_local(urlsplit(url).hostname or ""):
        return []
    why = "it must start with https://, because cookies and codes would travel in clear."
    return [Finding("GREFFIER_PUBLIC_URL", why, fatal=True)]


def _mail(settings: Settings) -> list[Finding]:
    setting = "GREFFIER_SMTP_URL"
    if settings.smtp is None:
        return [Finding(setting, "no mail server: mail is queued and not sent, so codes do not arrive.")]
    parts = urlsplit(settings.smtp.url)
    if parts.scheme == "smtp" and not is_local(parts.hostname or ""):
        return [Finding(setting, "mail with codes travels in clear; use smtps:// or smtp+starttls://.")]
    if settings.smtp.sender == SmtpSettings("").sender:
        why = f"mail is from {settings.smtp.sender}, which other servers refuse; name an address of yours."
        return [Finding("GREFFIER_MAIL_FROM", why)]
    return []


def _sms(settings: Settings) -> list[Finding]:
    if settings.sms is None:
        return []
    webhook = isinstance(settings.sms, SmsWebhook)
    url = urlsplit(settings.sms.url if isinstance(settings.sms, SmsWebhook) else settings.sms.api_url)
    if url.scheme == "https" or is_local(url.hostname or ""):
        return []
    setting = "GREFFIER_SMS_WEBHOOK_URL" if webhook else "GREFFIER_SMS_TWILIO_URL"
    # Twilio is sent the account's credential with every request.
    return [Finding(setting, "codes travel in clear; use https://.", fatal=not webhook)]


def _proxies(networks: tuple[str, ...]) -> list[Finding]:
    unlimited = [network for network in networks if ip_network(network).prefixlen == 0]
    why = "every client could forge its address and so evade rate limits; name your proxies."
    return [Finding("GREFFIER_TRUSTED_PROXIES", f"{network}: {why}", fatal=True) for network in unlimited]


def _limits(scale: float) -> list[Finding]:
    if scale <= 10:
        return []
    return [Finding("GREFFIER_RATE_LIMIT_SCALE", f"rate limits are {scale:g} times what is recommended.")]


def _shared_limits(redis_url: str | None, workers: str) -> list[Finding]:
    setting = "GREFFIER_REDIS_URL"
    if redis_url is None:
        if workers.isdecimal() and int(workers) > 1:
            why = f"none: {workers} workers each count rate limits for themselves."
            return [Finding(setting, why)]
        return []
    parts = urlsplit(redis_url)
    if parts.scheme == "redis" and parts.password and not is_local(parts.hostname or ""):
        return [Finding(setting, "the password travels in clear; use rediss:// unless the network is yours.")]
    return []


def check_text_messages(settings: Settings, instances: Iterable[Instance]) -> list[Finding]:
    """Instances that have phone numbers while nothing sends text messages, on one of their channels."""
    sent = text_channels(settings.sms) if settings.sms else ()
    found: list[Finding] = []
    for instance in instances:
        if instance.is_development or not instance.settings.attribute("phone_number").enabled:
            continue
        missing = [channel for channel in instance.settings.phone_numbers.channels if channel not in sent]
        if missing and not sent:
            why = "has phone numbers, but no way to send text messages is set: codes do not arrive."
            found.append(Finding("GREFFIER_SMS_WEBHOOK_URL", f"{instance.frontend_api_host} {why}"))
        elif missing:
            why = "sends codes by WhatsApp, but has no sender there: these do not arrive."
            setting = "GREFFIER_SMS_TWILIO_WHATSAPP_FROM"
            found.append(Finding(setting, f"{instance.frontend_api_host} {why}"))
    return found


def check_encryption(keys: Collection[bytes], instances: Iterable[Instance]) -> list[Finding]:
    """Production instances that have secrets to encrypt while there is no key."""
    instances = [instance for instance in instances if not instance.is_development]
    if keys or not instances:
        return []
    clear = "none: the secrets in the database, signing keys among them, are in clear. Give one, and run"
    why = "has authenticator apps, whose secrets are encrypted with it."
    return [
        Finding(ENCRYPTION_KEYS, f"{clear} `{REENCRYPT}`."),
        *(
            Finding(ENCRYPTION_KEYS, f"none: {instance.frontend_api_host} {why}", fatal=True)
            for instance in instances
            if instance.settings.attribute("authenticator_app").enabled
        ),
    ]


def check_secrets(waiting: Iterable[Waiting], key_ids: Collection[str]) -> list[Finding]:
    """Secrets in the database that the current key has not encrypted, where there is one.

    Args:
        key_ids: of the keys that are given.
    """
    found = list(waiting)
    lost = sorted({one.key_id for one in found if one.key_id is not None} - set(key_ids))
    findings = [
        Finding(
            ENCRYPTION_KEYS,
            f"the key {key_id} is not among those given, and encrypts"
            f" {sum(one.secrets for one in found if one.key_id == key_id)} secrets in the database.",
            fatal=True,
        )
        for key_id in lost
    ]
    if not key_ids:
        return findings
    if clear := sum(one.secrets for one in found if one.key_id is None):
        findings.append(Finding(ENCRYPTION_KEYS, f"{clear} secrets are in clear: run `{REENCRYPT}`."))
    if former := sum(one.secrets for one in found if one.key_id in key_ids):
        why = f"{former} secrets are encrypted with a former key: run `{REENCRYPT}`."
        findings.append(Finding(ENCRYPTION_KEYS, why))
    return findings


def check_instances(instances: Iterable[Instance]) -> list[Finding]:
    """Unsafe or doubtful settings of instances."""
    return [finding for instance in instances for finding in _instance(instance)]


def _instance(instance: Instance) -> list[Finding]:
    at = f"{instance.frontend_api_host} settings."
    found = [Finding(*warning.split(": ", 1), fatal=False) for warning in warnings(instance.settings, at=at)]
    if instance.test_mode:
        why = "every visitor can sign up and in with a +clerk_test address and the code 424242."
        found.append(Finding(f"{at}test_mode", why, fatal=not instance.is_development))
    if instance.is_development:
        return found
    if instance.settings.application_name == InstanceSettings().application_name:
        why = f"mails and pages call the application {instance.settings.application_name!r}."
        found.append(Finding(f"{at}application_name", why))
    for index, entry in enumerate(instance.settings.social):
        if entry.enabled and not entry.client_id:
            why = f"{entry.provider} has no client_id and client_secret, so its button does not work."
            found.append(Finding(f"{at}social[{index}]", why))
    for index, origin in enumerate(instance.settings.allowed_origins):
        setting = f"{at}allowed_origins[{index}]"
        if "*" in origin:
            found.append(Finding(setting, "a wildcard lets other people's pages act for your users.", True))
        elif origin.startswith("http://"):
            found.append(Finding(setting, f"pages of {origin} can be modified in transit; use https."))
    return found
