"""Requests about invitations and tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Template = Literal["invitation", "waitlist_invitation"]

_HUNDRED_YEARS = 100 * 366 * 24 * 3600


class SignInTokenRequest(msgspec.Struct, kw_only=True):
    """Contract: `CreateSignInToken`. `expires_in_seconds` is bounded, so that it stays a date."""

    user_id: str
    org_id: str | None = None
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=1, le=_HUNDRED_YEARS)] | None = None


class ActorTokenRequest(msgspec.Struct, kw_only=True):
    """Contract: `CreateActorToken`."""

    user_id: str
    actor: dict[str, Any]
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=1, le=_HUNDRED_YEARS)] | None = None
    session_max_duration_in_seconds: Annotated[int, msgspec.Meta(ge=1, le=_HUNDRED_YEARS)] | None = None


Days = Annotated[int, msgspec.Meta(ge=1, le=365)]


class InvitationRequest(msgspec.Struct, kw_only=True):
    """Contract: `CreateInvitation`, and one item of `CreateBulkInvitations`; SDKs send `null` for what is
    absent."""

    email_address: str
    public_metadata: dict[str, Any] | None = None
    redirect_url: str | None = None
    notify: bool | None = None
    ignore_existing: bool | None = None
    expires_in_days: Days | None = None
    template_slug: Template | None = None
