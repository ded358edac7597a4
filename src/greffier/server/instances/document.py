"""The settings of an instance as a TOML document: reading, checking, comparing, and its JSON schema.

A document is declarative: what it does not mention has its default.
"""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from typing import Any, NamedTuple, cast

import msgspec

from greffier.server.instances.not_built import features_not_built, leaves
from greffier.server.web.instance.feature_settings import CaptchaRules, SocialProvider
from greffier.server.web.instance.settings import InstanceSettings
from greffier.server.web.instance.web3_settings import Web3Rules

UNWARNED_LIFETIME = 300
"""Seconds that a session token may live without a warning."""

_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")


class SettingsError(Exception):
    """The document cannot be used. Each problem begins with the path of the wrong value."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Change(NamedTuple):
    """One value that differs between two documents."""

    path: str
    before: Any
    after: Any


def read_toml(text: str) -> dict[str, Any]:
    """Raises: SettingsError: it is not TOML; the message has the line."""
    import tomllib  # read where commands say it, by no server that runs

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"This is not TOML: {error}") from None


def read_settings(document: dict[str, Any], *, at: str = "") -> InstanceSettings:
    """The settings that a document describes.

    Args:
        at: path of the document within a larger one, with a dot at its end; for messages.

    Raises:
        SettingsError: an unknown or malformed value, a contradiction, or a feature that is not built yet.
    """
    defaults = msgspec.to_builtins(InstanceSettings())
    whole = _merged(defaults, document)
    settings = convert(whole, InstanceSettings, at=at)
    problems = _contradictions(settings) + features_not_built(settings)
    if problems:
        raise SettingsError(*(at + problem for problem in problems))
    return settings


def convert(document: dict[str, Any], kind: type[Any], *, at: str = "") -> Any:
    """A document as a struct that knows every one of its names.

    Raises:
        SettingsError: with the path of the first value that does not fit, or of every unknown name.
    """
    try:
        struct = msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        place = _PLACE.search(message)
        path = place[1] if place else ""
        text = message[: place.start()] if place else message
        raise SettingsError(f"{at}{path}: {text}." if path else f"{at}{text}.") from None
    unknown = _unknown(document, msgspec.to_builtins(struct), at)
    if unknown:
        raise SettingsError(*(f"{path}: there is no such setting." for path in unknown))
    return struct


def _merged(defaults: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The document over the defaults; a list replaces a list."""
    merged = dict(defaults)
    for name, value in document.items():
        former = merged.get(name)
        merged[name] = (
            _merged(cast(dict[str, Any], former), cast(dict[str, Any], value))
            if isinstance(former, dict) and isinstance(value, dict)
            else value
        )
    return merged


def _unknown(given: Any, known: Any, path: str) -> list[str]:
    if isinstance(given, list) and isinstance(known, list | tuple):
        pairs = zip(cast(list[Any], given), cast(list[Any] | tuple[Any, ...], known), strict=False)
        return [name for i, (a, b) in enumerate(pairs) for name in _unknown(a, b, f"{path}[{i}]")]
    if not isinstance(given, dict) or not isinstance(known, dict):
        return []
    given, known = cast(dict[str, Any], given), cast(dict[str, Any], known)
    prefix = f"{path}." if path and not path.endswith(".") else path
    found = [prefix + name for name in given if name not in known]
    for name in given.keys() & known.keys():
        found += _unknown(given[name], known[name], prefix + name)
    return sorted(found)


def _contradictions(settings: InstanceSettings) -> list[str]:
    problems: list[str] = []
    attributes = settings.attributes.by_path()
    for name, attribute in attributes.items():
        if attribute.required and not attribute.enabled:
            problems.append(f"attributes.{name}.required: what is required must also be enabled.")
        if attribute.enabled and attribute.verify_at_sign_up and not attribute.verifications:
            problems.append(f"attributes.{name}.verifications: verify_at_sign_up needs one at least.")
    installed = entry_points(group="greffier.identifications").names
    for name in sorted(settings.attributes.others.keys() - installed):
        problems.append(f"attributes.others.{name}: no installed package has this kind of identification.")
    if not any(attribute.enabled and attribute.identifier for attribute in attributes.values()):
        problems.append("attributes: no user could sign in; enable one that is an identifier.")
    own = ("authenticator_app", "phone_number")
    if settings.second_factor_required and not any(settings.second_factors_of(name) for name in own):
        problems.append("session.tasks: for setup_mfa, enable a second factor that users can set up.")
    if settings.password.min_length > settings.password.max_length:
        problems.append("password.min_length: it is greater than password.max_length.")
    problems += _captcha_contradictions(settings.captcha)
    problems += _channel_problems(settings)
    problems += _gate_contradictions(settings.web3)
    for index, origin in enumerate(settings.allowed_origins):
        if "*" in origin:
            problems.append(f"allowed_origins[{index}]: wildcards are not accepted; name each origin.")
    return problems + _social_contradictions(settings.social)


def _social_contradictions(entries: tuple[SocialProvider, ...]) -> list[str]:
    problems: list[str] = []
    for index, entry in enumerate(entries):
        endpoints = (entry.authorization_url, entry.token_url, entry.userinfo_url)
        if entry.provider.startswith("custom_") and not entry.discovery_url and not all(endpoints):
            problems.append(
                f"social[{index}]: a custom provider needs discovery_url, or authorization_url, token_url"
                " and userinfo_url."
            )
        if bool(entry.client_id) != bool(entry.client_secret):
            problems.append(f"social[{index}]: client_id and client_secret belong together.")
        if entry.native_client_ids and entry.provider not in ("google", "apple"):
            problems.append(f"social[{index}].native_client_ids: of google and apple alone.")
        if entry.native_client_ids and not entry.client_id:
            problems.append(f"social[{index}]: native_client_ids needs client_id and client_secret.")
        if entry.provider in [other.provider for other in entries[:index]]:
            problems.append(f"social[{index}].provider: {entry.provider} is there twice.")
    return problems


def _captcha_contradictions(rules: CaptchaRules) -> list[str]:
    problems: list[str] = []
    if rules.enabled and not (rules.site_key and rules.secret_key):
        problems.append("captcha: enabled needs site_key and secret_key.")
    if bool(rules.invisible_site_key) != bool(rules.invisible_secret_key):
        problems.append("captcha: invisible_site_key and invisible_secret_key belong together.")
    return problems


def _gate_contradictions(rules: Web3Rules) -> list[str]:
    problems = [
        f'web3.gates[{index}]: actions need scope = "organization".'
        for index, gate in enumerate(rules.gates)
        if gate.actions and gate.scope == "user"
    ]
    chains = [(one.chain, one.network) for one in rules.rpc]
    return problems + [
        f"web3.rpc[{index}]: {' '.join(one)} is named twice; give its servers as several urls."
        for index, one in enumerate(chains)
        if one in chains[:index]
    ]


def _channel_problems(settings: InstanceSettings) -> list[str]:
    rules = settings.phone_numbers
    problems = [] if "sms" in rules.channels else ["phone_numbers.channels: sms must be one of them."]
    return problems + [
        f"phone_numbers.preferred_channels.{country}: {channel} is not one of phone_numbers.channels."
        for country, channel in rules.preferred_channels.items()
        if channel not in rules.channels
    ]


def warnings(settings: InstanceSettings, *, at: str = "") -> list[str]:
    """Warnings about accepted values; each begins with its path."""
    lifetime = settings.session.token_lifetime
    if lifetime <= UNWARNED_LIFETIME:
        return []
    return [
        f"{at}session.token_lifetime: session tokens live for {lifetime} s. More than {UNWARNED_LIFETIME}"
        " means that a token stolen by cross-site scripting (XSS) works long after its session is revoked."
    ]


def changes(before: InstanceSettings, after: InstanceSettings) -> list[Change]:
    """Every value that differs, by its path."""
    old, new = leaves(msgspec.to_builtins(before)), leaves(msgspec.to_builtins(after))
    paths = dict.fromkeys((*new, *old))
    return [Change(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def write_toml(document: Any) -> str:
    """A struct or dictionary as TOML. TOML has no null: what is absent is left out."""
    return msgspec.toml.encode(_without_none(msgspec.to_builtins(document))).decode()


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        return {name: _without_none(item) for name, item in items if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in cast(list[Any] | tuple[Any, ...], value)]
    return value


def schema(kind: type[Any] = InstanceSettings) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of the document, for editors and checks before a deployment."""
    document = msgspec.json.schema(kind)
    for definition in document.get("$defs", {}).values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | document
