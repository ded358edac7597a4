"""Changes of accounts, derived from the rows that a request wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from greffier.server.delivery.account_changes import AccountChange
from greffier.server.identifications.kinds import kinds
from greffier.server.identifications.tables import IdentificationRow, identifications
from greffier.server.sessions.tables import sessions
from greffier.server.store.database import Write
from greffier.server.users.external_accounts.tables import ExternalAccountRow, external_accounts
from greffier.server.users.passkeys.tables import PasskeyRow, passkeys
from greffier.server.users.tables import UserRow, users
from greffier.server.users.trusted_devices.tables import trusted_devices


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an account about which its user is notified."""

    kind: AccountChange
    """The kind of the notice."""
    user_id: str
    subject: str = ""
    """A name of what has changed: of a passkey, an address, a device."""
    session_id: str | None = None
    """The session that began, if that is the change."""
    client_id: str | None = None
    former: IdentificationRow | None = None
    """The identification to which the notice goes, where that is not a primary one."""
    new: IdentificationRow | None = None
    """The identification that was added, to which no notice goes."""


def changes_in(written: list[Write]) -> list[Change]:
    """Returns the changes of accounts in what was written, each once. Accounts that began or ended with it
    have none, and backup codes that come with a second factor are no change of their own."""
    without = {
        write.value("id") for write in written if write.table is users and (write.inserted or write.removed)
    }
    found = [change for write in written for change in _changes(write) if change.user_id not in without]
    enrolled = {change.user_id for change in found if change.kind == "second_factor_added"}
    found = [one for one in found if one.kind != "backup_codes_created" or one.user_id not in enrolled]
    return list({(change.kind, change.user_id, change.subject): change for change in found}.values())


def _changes(write: Write) -> Iterator[Change]:
    if write.table is users and isinstance(write.former, UserRow):
        yield from _of_user(write.former, write.values)
    elif write.table is identifications:
        yield from _of_identification(write)
    elif write.table is passkeys and isinstance(write.former, PasskeyRow):
        yield from _of_passkey(write.former, write)
    elif write.table is external_accounts:
        yield from _of_external_account(write)
    elif write.table is trusted_devices and write.inserted:
        name = write.value("name") or write.value("platform")
        yield Change(kind="trusted_device_added", user_id=write.value("user_id"), subject=name)
    elif write.table is sessions and write.inserted and write.value("actor") is None:
        yield Change(
            kind="new_device",
            user_id=write.value("user_id"),
            session_id=write.value("id"),
            client_id=write.value("client_id"),
        )


_FACTORS = {"totp_enabled_at": "authenticator app", "phone_factor_enabled_at": "phone number"}
"""The second factors of a user, by the column that says whether they have it."""


def _of_user(former: UserRow, values: dict[str, Any]) -> Iterator[Change]:
    if values["new_password_updated_at"] != former.password_updated_at:
        kind = "password_changed" if values["new_password_digest"] else "password_removed"
        yield Change(kind=kind, user_id=former.id)
    yield from _of_factors(former, values)
    codes = values["new_backup_codes_enabled_at"]
    if codes is not None and codes != former.backup_codes_enabled_at:
        yield Change(kind="backup_codes_created", user_id=former.id)


def _of_factors(former: UserRow, values: dict[str, Any]) -> Iterator[Change]:
    for column, name in _FACTORS.items():
        before, after = getattr(former, column), values[f"new_{column}"]
        if (before is None) != (after is None):
            kind = "second_factor_added" if before is None else "second_factor_removed"
            yield Change(kind=kind, user_id=former.id, subject=name)


def _of_identification(write: Write) -> Iterator[Change]:
    former = write.former if isinstance(write.former, IdentificationRow) else None
    if former is None:
        if write.inserted and write.value("claimed"):
            yield _added(IdentificationRow(**write.values))
        return
    if write.removed:
        if former.claimed:
            yield Change(
                kind="identification_removed",
                user_id=former.user_id,
                subject=_name_of(former),
                former=former,
            )
        return
    if write.value("claimed") and not former.claimed:
        yield _added(former)
    is_second_factor = write.value("claimed") and write.value("second_factor") is not None
    if former.claimed and is_second_factor != former.is_second_factor:
        kind = "second_factor_added" if is_second_factor else "second_factor_removed"
        yield Change(kind=kind, user_id=former.user_id, subject=former.kind.replace("_", " "))
    if former.is_primary and not write.value("is_primary"):
        yield Change(kind="primary_changed", user_id=former.user_id, subject=_name_of(former), former=former)


def _added(row: IdentificationRow) -> Change:
    return Change(kind="identification_added", user_id=row.user_id, subject=_name_of(row), new=row)


def _name_of(row: IdentificationRow) -> str:
    """The value is left out where no installed package knows its kind any more."""
    masked = [kind.masked(row.value) for kind in kinds() if kind.name == row.kind]
    return " ".join([row.kind.replace("_", " "), *masked])


def _of_external_account(write: Write) -> Iterator[Change]:
    former = write.former if isinstance(write.former, ExternalAccountRow) else None
    was_connected = former is not None and former.connected
    if write.removed and former is not None and was_connected:
        yield Change(
            kind="identification_removed", user_id=former.user_id, subject=f"account at {former.provider}"
        )
    elif not write.removed and not was_connected and write.value("provider_user_id"):
        user_id, provider = write.value("user_id"), write.value("provider")
        yield Change(kind="identification_added", user_id=user_id, subject=f"account at {provider}")


def _of_passkey(former: PasskeyRow, write: Write) -> Iterator[Change]:
    if write.removed and former.registered:
        yield Change(kind="passkey_removed", user_id=former.user_id, subject=former.name)
    elif write.value("credential_id") and not former.registered:
        yield Change(
            kind="passkey_added",
            user_id=former.user_id,
            subject=write.value("name"),
        )
