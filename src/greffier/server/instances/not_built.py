"""Settings of the document that this server does not support yet: refused by name rather than ignored."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from greffier.server.web.instance.settings import InstanceSettings

_SECRETS = ("client_secret", "secret_key", "invisible_secret_key")
_WITHOUT_MEANING = ("identifier", "first_factors", "second_factors", "verifications", "verify_at_sign_up")

NOT_BUILT: dict[str, str] = {
    "attributes.web3_wallet.second_factors": "wallets as second factors",
    "attributes.passkey.required": "sign-ups that need a passkey",
    "attributes.authenticator_app.required": "sign-ins that need a second factor",
    "attributes.backup_code.required": "sign-ins that need a second factor",
    "attributes.email_address.identifier": "email addresses that do not identify",
    "attributes.ticket.enabled": "instances without tickets",
    "attributes.ticket.required": "sign-ups that need a ticket",
    "organizations.domains": "domains of organizations",
    "organizations.domains_default_role": "domains of organizations",
}
"""Path of a value or of a section, and the name of the feature."""

for _field in ("first_factors", "second_factors", "verifications", "verify_at_sign_up"):
    NOT_BUILT[f"attributes.username.{_field}"] = f"{_field} of username"
for _name in ("password", "first_name", "last_name", "ticket", "authenticator_app", "backup_code", "passkey"):
    for _field in _WITHOUT_MEANING:
        NOT_BUILT[f"attributes.{_name}.{_field}"] = f"{_field} of {_name}"
for _name in ("password", "ticket", "authenticator_app", "backup_code", "passkey"):
    NOT_BUILT[f"attributes.{_name}.immutable"] = f"immutable of {_name}"

CHOICES: dict[str, tuple[str, ...]] = {
    "attributes.email_address.first_factors": ("email_code", "email_link"),
    "attributes.email_address.verifications": ("email_code", "email_link"),
    "attributes.email_address.second_factors": ("email_code", "email_link"),
    "attributes.phone_number.first_factors": ("phone_code",),
    "attributes.phone_number.second_factors": ("phone_code",),
    "attributes.phone_number.verifications": ("phone_code",),
    "session.tasks": ("reset_password", "setup_mfa"),
    "sign_up.mode": ("public", "restricted"),
}
"""Path of a value or a list, and its supported values."""


def leaves(document: Any, path: str = "") -> dict[str, Any]:
    """Every value of a document by its dotted path; a list is one value."""
    if not isinstance(document, dict):
        return {path: document}
    found: dict[str, Any] = {}
    for name, value in document.items():  # pyright: ignore[reportUnknownVariableType]
        found |= leaves(value, f"{path}.{name}" if path else str(name))  # pyright: ignore[reportUnknownArgumentType]
    return found


def features_not_built(settings: InstanceSettings) -> list[str]:
    """One line, beginning with the path, for each value that would change something if it were built."""
    defaults = leaves(msgspec.to_builtins(InstanceSettings()))
    problems: list[str] = []
    for path, value in leaves(msgspec.to_builtins(settings)).items():
        if path in CHOICES:
            problems += [
                f"{path}: {choice} is not built yet; there is {', '.join(CHOICES[path])}."
                for choice in _chosen(value)
                if choice not in CHOICES[path]
            ]
        elif (name := _name_of(path)) and value != defaults[path]:
            problems.append(f"{path}: {name}: not built yet, so only {shown(defaults[path])} is accepted.")
    return problems


def _chosen(value: Any) -> list[str]:
    return [str(one) for one in cast(list[Any], value)] if isinstance(value, list | tuple) else [str(value)]


def _name_of(path: str) -> str | None:
    parts = path.split(".")
    sections = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((NOT_BUILT[section] for section in sections if section in NOT_BUILT), None)


def shown(value: Any) -> str:
    """A value for people, without the secrets in it; `(absent)` for none."""
    return "(absent)" if value is None else msgspec.json.encode(_without_secrets(value)).decode()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        return {name: "(secret)" if name in _SECRETS and item else item for name, item in items}
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in cast(list[Any] | tuple[Any, ...], value)]
    return value
