"""The Backend API's requests about users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

Text = str | None | UnsetType
Flag = bool | None | UnsetType
Document = dict[str, Any] | None | UnsetType
Moment = Annotated[datetime, msgspec.Meta(tz=True)] | None | UnsetType
"""RFC 3339, with a time zone."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None | UnsetType
Several = Annotated[list[str], msgspec.Meta(max_length=100)]
Statuses = Annotated[list[Literal["verified", "reserved"]], msgspec.Meta(max_length=100)]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Since the epoch."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


class UserFields(msgspec.Struct, kw_only=True):
    """The fields of a user at creation and later. An absent field stays as it is."""

    external_id: Text = UNSET
    first_name: Text = UNSET
    last_name: Text = UNSET
    locale: Text = UNSET
    username: Text = UNSET
    password: str | None = None
    password_digest: str | None = None
    password_hasher: str | None = None
    skip_password_checks: bool | None = None
    totp_secret: str | None = None
    backup_codes: list[str] | None = None
    public_metadata: Document = UNSET
    private_metadata: Document = UNSET
    unsafe_metadata: Document = UNSET
    delete_self_enabled: Flag = UNSET
    create_organization_enabled: Flag = UNSET
    create_organizations_limit: Count = UNSET
    bypass_client_trust: Flag = UNSET
    legal_accepted_at: Moment = UNSET
    skip_legal_checks: bool | None = None
    created_at: Moment = UNSET


class CreateUserRequest(UserFields, kw_only=True):
    """Contract: `CreateUser`."""

    email_address: Several = []
    email_address_identification_status: Statuses = []
    phone_number: Several = []
    phone_number_identification_status: Statuses = []
    web3_wallet: Several = []
    skip_password_requirement: bool | None = None
    skip_user_requirement: bool | None = None
    banned: bool | None = None
    locked: bool | None = None


class UpdateUserRequest(UserFields, kw_only=True):
    """Contract: `UpdateUser`, with the metadata that it accepted before 2026-05-12."""

    primary_email_address_id: str | None = None
    notify_primary_email_address_changed: bool | None = None
    primary_phone_number_id: str | None = None
    primary_web3_wallet_id: str | None = None
    profile_image_id: str | None = None
    sign_out_of_other_sessions: bool | None = None


class UserMetadataRequest(msgspec.Struct, kw_only=True):
    """Contract: `UpdateUserMetadata` and `ReplaceUserMetadata`."""

    public_metadata: dict[str, Any] | UnsetType = UNSET
    private_metadata: dict[str, Any] | UnsetType = UNSET
    unsafe_metadata: dict[str, Any] | UnsetType = UNSET


class UserIdsRequest(msgspec.Struct, kw_only=True):
    """Contract: the bodies of `UsersBan` and `UsersUnban`."""

    user_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]


class VerifyPasswordRequest(msgspec.Struct, kw_only=True):
    password: str


class RemovePasswordRequest(msgspec.Struct, kw_only=True):
    sign_out_of_other_sessions: bool | None = None


class SetCompromisedRequest(msgspec.Struct, kw_only=True):
    revoke_all_sessions: bool | None = None


class MePatch(msgspec.Struct, kw_only=True):
    username: str | msgspec.UnsetType | None = msgspec.UNSET
    first_name: str | msgspec.UnsetType | None = msgspec.UNSET
    last_name: str | msgspec.UnsetType | None = msgspec.UNSET
    unsafe_metadata: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET


class ChangePasswordRequest(msgspec.Struct, kw_only=True):
    current_password: str | None = None
    new_password: str
    sign_out_of_other_sessions: bool | None = None


class MetadataPatch(msgspec.Struct, kw_only=True):
    unsafe_metadata: dict[str, Any]


class ServiceTokenRequest(msgspec.Struct, kw_only=True):
    service: str


class RemoveOwnPasswordRequest(msgspec.Struct, kw_only=True):
    current_password: str | None = None
